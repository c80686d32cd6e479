/**
 * Answers of the query endpoints as JSON text, built by concatenation: values are strings in Go's 'f' format, times are
 * seconds with three decimals unless whole. Source: Prometheus web/api/v1/json_codec.go and util/jsonutil/marshal.go.
 */
import { formatValue, type Labels } from '@watchroom/model';
import type { QueryResult } from '@watchroom/promql';

/** Seconds as Prometheus prints a timestamp: 1.5 s → `1.500`. */
export function formatTime(timeMs: number): string {
  const sign = timeMs < 0 ? '-' : '';
  const absolute = Math.abs(timeMs);
  const fraction = absolute % 1000;
  const whole = sign + Math.floor(absolute / 1000);
  return fraction === 0 ? whole : `${whole}.${String(fraction).padStart(3, '0')}`;
}

export function labelsJson(labels: Labels): string {
  return JSON.stringify(labels.toObject());
}

function point(timeMs: number, value: number): string {
  return `[${formatTime(timeMs)},"${formatValue(value)}"]`;
}

/** The `data` of query and query_range. `limit` cuts series and reports it. */
export function resultJson(result: QueryResult, limit: number): { json: string; limited: boolean } {
  const { value } = result;
  switch (value.type) {
    case 'scalar':
      return { json: `{"resultType":"scalar","result":${point(value.timeMs, value.value)}}`, limited: false };
    case 'string':
      return {
        json: `{"resultType":"string","result":[${formatTime(value.timeMs)},${JSON.stringify(value.value)}]}`,
        limited: false,
      };
    case 'vector': {
      const items = value.samples
        .slice(0, limit)
        .map(
          (sample) => `{"metric":${labelsJson(sample.labels)},"value":${point(sample.timeMs, sample.value)}}`,
        );
      return {
        json: `{"resultType":"vector","result":[${items.join(',')}]}`,
        limited: value.samples.length > limit,
      };
    }
    case 'matrix': {
      const items = value.series.slice(0, limit).map(matrixSeries);
      return {
        json: `{"resultType":"matrix","result":[${items.join(',')}]}`,
        limited: value.series.length > limit,
      };
    }
  }
}

function matrixSeries(series: { labels: Labels; timestamps: Float64Array; values: Float64Array }): string {
  let points = '';
  for (let i = 0; i < series.timestamps.length; i++) {
    points += `${i === 0 ? '' : ','}${point(series.timestamps[i]!, series.values[i]!)}`;
  }
  return `{"metric":${labelsJson(series.labels)},"values":[${points}]}`;
}

/** The envelope around `data`. */
export function envelope(
  data: string,
  warnings: readonly string[] = [],
  infos: readonly string[] = [],
): string {
  const notes =
    (warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '') +
    (infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : '');
  return `{"status":"success","data":${data}${notes}}`;
}
