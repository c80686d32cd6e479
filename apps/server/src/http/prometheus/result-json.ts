/**
 * The answers of the query endpoints as pieces of JSON. Source: Prometheus web/api/v1/json_codec.go.
 */

import type { NativeHistogram } from '@watchroom/model';
import { formatValue } from '@watchroom/model';
import type { MatrixSeries } from '@watchroom/promql';
import { histogramBuckets, type QueryResult, type QueryValue, type VectorSample } from '@watchroom/promql';
import { ByteWriter, jsonValue } from './byte-writer.ts';
import { notesJson } from './envelope.ts';

export interface ResultOptions {
  /** Most series; Infinity for all. */
  readonly limit: number;
  /** The `stats` object as JSON, when it was asked for. */
  readonly stats?: string | undefined;
}

/** Texts of larger answers are not kept: they would take more memory than the points, and other answers would go for them. */
const MOST_POINTS_KEPT = 65_536;

export const TRUNCATED = 'results truncated due to limit';

/** The whole answer with its envelope. A piece is given away as soon as it is full. */
export function* resultPieces(result: QueryResult, options: ResultOptions): Generator<Buffer, void> {
  const { value } = result;
  const writer = new ByteWriter(pointsOf(value) <= MOST_POINTS_KEPT);
  writer.text(`{"status":"success","data":{"resultType":"${value.type}","result":`);
  const limited = seriesIn(value) > options.limit;
  switch (value.type) {
    case 'scalar':
      writer.text('[');
      writer.time(value.timeMs);
      writer.text(`,"${formatValue(value.value)}"]`);
      break;
    case 'string':
      writer.text('[');
      writer.time(value.timeMs);
      writer.text(`,${JSON.stringify(value.value)}]`);
      break;
    case 'vector':
      yield* vector(writer, limited ? value.samples.slice(0, options.limit) : value.samples);
      break;
    case 'matrix':
      yield* matrix(writer, limited ? value.series.slice(0, options.limit) : value.series);
      break;
  }
  const warnings = limited ? [...result.warnings, TRUNCATED] : result.warnings;
  const stats = options.stats === undefined ? '' : `,"stats":${options.stats}`;
  writer.text(`${stats}}${notesJson(warnings, result.infos)}}`);
  while (writer.hasPiece) yield writer.take();
  yield writer.rest();
}

function pointsOf(value: QueryValue): number {
  if (value.type !== 'matrix') return 0;
  return value.series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}

function seriesIn(value: QueryValue): number {
  if (value.type === 'vector') return value.samples.length;
  return value.type === 'matrix' ? value.series.length : 0;
}

function* vector(writer: ByteWriter, samples: readonly VectorSample[]): Generator<Buffer, void> {
  writer.text('[');
  for (let i = 0; i < samples.length; i++) {
    const { labels, timeMs, value, histogram } = samples[i]!;
    writer.text(`${i === 0 ? '' : ','}{"metric":${labels.json},"${histogram ? 'histogram' : 'value'}":`);
    if (histogram) histogramPoint(writer, timeMs, histogram);
    else writer.point(timeMs, value);
    writer.text('}');
    while (writer.hasPiece) yield writer.take();
  }
  writer.text(']');
}

function* matrix(writer: ByteWriter, all: readonly MatrixSeries[]): Generator<Buffer, void> {
  writer.text('[');
  for (let i = 0; i < all.length; i++) {
    writer.text(`${i === 0 ? '' : ','}{"metric":${all[i]!.labels.json}`);
    yield* points(writer, all[i]!);
    writer.text('}');
    while (writer.hasPiece) yield writer.take();
  }
  writer.text(']');
}

/** Floats first, histograms in a list of their own. */
function* points(writer: ByteWriter, series: MatrixSeries): Generator<Buffer, void> {
  const { timestamps, values, histograms } = floatsOf(series);
  if (timestamps.length > 0) {
    writer.text(',"values":[');
    for (let n = 0; n < timestamps.length; ) {
      n = writer.points(timestamps, values, n);
      while (writer.hasPiece) yield writer.take();
    }
    writer.text(']');
  }
  if (histograms.length === 0) return;
  writer.text(',"histograms":[');
  for (let n = 0; n < histograms.length; n++) {
    const [timeMs, histogram] = histograms[n]!;
    if (n > 0) writer.text(',');
    histogramPoint(writer, timeMs, histogram);
    while (writer.hasPiece) yield writer.take();
  }
  writer.text(']');
}

type Split = {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (readonly [number, NativeHistogram])[];
};

function floatsOf({ timestamps, values, histograms }: MatrixSeries): Split {
  if (!histograms) return { timestamps, values, histograms: [] };
  const isFloat = (_: number, i: number): boolean => histograms[i] === undefined;
  const found: [number, NativeHistogram][] = [];
  histograms.forEach((histogram, i) => {
    if (histogram) found.push([timestamps[i]!, histogram]);
  });
  return { timestamps: timestamps.filter(isFloat), values: values.filter(isFloat), histograms: found };
}

function histogramPoint(writer: ByteWriter, timeMs: number, histogram: NativeHistogram): void {
  writer.text('[');
  writer.time(timeMs);
  writer.text(`,${histogramJson(histogram)}]`);
}

/** Count, sum and the buckets with something in them: how their bounds count, lower, upper, count. */
export function histogramJson(histogram: NativeHistogram): string {
  const head = `{"count":"${jsonValue(histogram.count)}","sum":"${jsonValue(histogram.sum)}"`;
  const buckets = histogramBuckets(histogram).filter(({ count }) => count !== 0);
  if (buckets.length === 0) return `${head}}`;
  const items = buckets.map(
    ({ lower, upper, count, lowerInclusive, upperInclusive }) =>
      `[${boundsCode(lowerInclusive, upperInclusive)},"${jsonValue(lower)}","${jsonValue(upper)}","${jsonValue(count)}"]`,
  );
  return `${head},"buckets":[${items.join(',')}]}`;
}

/** 0: the upper bound belongs to the bucket, 1: the lower, 2: neither, 3: both. */
function boundsCode(lower: boolean, upper: boolean): number {
  if (lower) return upper ? 3 : 1;
  return upper ? 0 : 2;
}
