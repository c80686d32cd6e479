/** The Prometheus HTTP API as the pages use it. Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import { z } from 'zod';
import { fetchJson } from '../app/fetch-json.ts';

const labelsSchema = z.record(z.string(), z.string());
const pointSchema = z.tuple([z.number(), z.string()]);
const notes = { warnings: z.array(z.string()).default([]), infos: z.array(z.string()).default([]) };
const histogramSchema = z.object({ count: z.string(), sum: z.string() });
/** A server that keeps no such figures leaves them out. */
const statsSchema = z
  .object({
    timings: z.object({ evalTotalTime: z.number() }).partial().optional(),
    samples: z.object({ totalQueryableSamples: z.number() }).partial().nullish(),
  })
  .optional();

const instantSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(
        z.object({
          metric: labelsSchema,
          value: pointSchema.optional(),
          histogram: z.tuple([z.number(), histogramSchema]).optional(),
        }),
      ),
      stats: statsSchema,
    }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labelsSchema, values: z.array(pointSchema).default([]) })),
      stats: statsSchema,
    }),
    z.object({ resultType: z.literal('scalar'), result: pointSchema, stats: statsSchema }),
    z.object({ resultType: z.literal('string'), result: pointSchema, stats: statsSchema }),
  ]),
  ...notes,
});

const rangeSchema = z.object({
  data: z.object({
    result: z.array(z.object({ metric: labelsSchema, values: z.array(pointSchema).default([]) })),
    stats: statsSchema,
  }),
  ...notes,
});

export type Labels = Readonly<Record<string, string>>;

export interface AnswerNotes {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** From the request to the parsed answer. */
  readonly tookMs: number;
  /** Read from the store for it, when the server tells. */
  readonly samplesRead?: number | undefined;
}

export interface InstantSample {
  readonly labels: Labels;
  readonly timeMs: number;
  /** The server's digits: a table shows them, `value` sorts them. */
  readonly text: string;
  readonly value: number;
}

export interface InstantAnswer extends AnswerNotes {
  readonly type: 'vector' | 'matrix' | 'scalar' | 'string';
  readonly samples: readonly InstantSample[];
}

export interface RangeSeries {
  readonly labels: Labels;
  /** One value per time of the answer; NaN for none. */
  readonly values: Float64Array;
}

export interface RangeAnswer extends AnswerNotes {
  readonly times: Float64Array;
  readonly series: readonly RangeSeries[];
}

export interface RangeQuery {
  readonly query: string;
  /** Ms; the grid is fromMs, fromMs + stepMs, … up to toMs. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** The number of a sample's text: `NaN`, `+Inf`, `-Inf` or Go's decimal form. */
export function sampleValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

function sampleOf(labels: Labels, [timeS, text]: readonly [number, string]): InstantSample {
  return { labels, timeMs: Math.round(timeS * 1000), text, value: sampleValue(text) };
}

/** A native histogram is shown as its count and sum, and sorts by its count. */
function histogramOf(
  labels: Labels,
  [timeS, { count, sum }]: readonly [number, z.infer<typeof histogramSchema>],
): InstantSample {
  const text = `count ${count}, sum ${sum}`;
  return { labels, timeMs: Math.round(timeS * 1000), text, value: sampleValue(count) };
}

/** An instant query; a matrix gives the newest sample of each series. */
export async function fetchInstant(
  { query, timeMs }: { readonly query: string; readonly timeMs: number | undefined },
  signal?: AbortSignal,
): Promise<InstantAnswer> {
  const started = performance.now();
  const parameters = new URLSearchParams({ query });
  if (timeMs !== undefined) parameters.set('time', String(timeMs / 1000));
  parameters.set('stats', 'all');
  const body = await fetchJson(`/api/v1/query?${parameters}`, signal ? { signal } : {});
  const { data, warnings, infos } = instantSchema.parse(body);
  return {
    type: data.resultType,
    samples: samplesOf(data),
    warnings,
    infos,
    tookMs: performance.now() - started,
    samplesRead: data.stats?.samples?.totalQueryableSamples,
  };
}

function samplesOf(data: z.infer<typeof instantSchema>['data']): InstantSample[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.flatMap(({ metric, value, histogram }) => {
        if (value) return [sampleOf(metric, value)];
        return histogram ? [histogramOf(metric, histogram)] : [];
      });
    case 'matrix':
      return data.result.flatMap(({ metric, values }) => {
        const last = values.at(-1);
        return last ? [sampleOf(metric, last)] : [];
      });
    default:
      return [sampleOf({}, data.result)];
  }
}

export async function fetchRange(
  { query, fromMs, toMs, stepMs }: RangeQuery,
  signal?: AbortSignal,
): Promise<RangeAnswer> {
  const started = performance.now();
  const parameters = new URLSearchParams({
    query,
    start: String(fromMs / 1000),
    end: String(toMs / 1000),
    step: String(stepMs / 1000),
    stats: 'all',
  });
  const body = await fetchJson(`/api/v1/query_range?${parameters}`, signal ? { signal } : {});
  const { data, warnings, infos } = rangeSchema.parse(body);
  const columns = toColumns(data.result, { fromMs, toMs, stepMs });
  const samplesRead = data.stats?.samples?.totalQueryableSamples;
  return { ...columns, warnings, infos, tookMs: performance.now() - started, samplesRead };
}

/** Points onto the grid that was asked for; times that a series does not have are NaN, so that gaps stay gaps. */
export function toColumns(
  result: readonly { readonly metric: Labels; readonly values: readonly (readonly [number, string])[] }[],
  { fromMs, toMs, stepMs }: Omit<RangeQuery, 'query'>,
): Pick<RangeAnswer, 'times' | 'series'> {
  const length = Math.floor((toMs - fromMs) / stepMs) + 1;
  const times = Float64Array.from({ length }, (_, i) => fromMs + i * stepMs);
  const series = result.map(({ metric, values }) => {
    const column = new Float64Array(length).fill(Number.NaN);
    for (const [timeS, text] of values) {
      const at = Math.round((timeS * 1000 - fromMs) / stepMs);
      if (at >= 0 && at < length) column[at] = sampleValue(text);
    }
    return { labels: metric, values: column };
  });
  return { times, series };
}
