/** What Explore asks beside queries: exemplars, the explained tree, formatting, metric names with what is known of them. */
import type { ExplainAnswer, ExplainRequest } from '@watchroom/contract';
import { z } from 'zod';
import { fetchJson } from '../app/fetch-json.ts';
import { type Labels, sampleValue } from './prometheus.ts';

const labelsSchema = z.record(z.string(), z.string());

const exemplarsSchema = z.object({
  data: z
    .array(
      z.object({
        seriesLabels: labelsSchema,
        exemplars: z
          .array(z.object({ labels: labelsSchema, value: z.string(), timestamp: z.number() }))
          .nullable(),
      }),
    )
    .nullable(),
});

export interface Exemplar {
  readonly labels: Labels;
  readonly seriesLabels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

/** In order of time. */
export async function fetchExemplars(
  { query, fromMs, toMs }: { readonly query: string; readonly fromMs: number; readonly toMs: number },
  signal?: AbortSignal,
): Promise<readonly Exemplar[]> {
  const parameters = new URLSearchParams({ query, start: String(fromMs / 1000), end: String(toMs / 1000) });
  const body = await fetchJson(`/api/v1/query_exemplars?${parameters}`, signal ? { signal } : {});
  // A query that reads no series is answered without a body.
  const { data } = exemplarsSchema.parse(body ?? { data: null });
  return (data ?? [])
    .flatMap(({ seriesLabels, exemplars }) =>
      (exemplars ?? []).map(({ labels, value, timestamp }) => ({
        labels,
        seriesLabels,
        value: sampleValue(value),
        timeMs: Math.round(timestamp * 1000),
      })),
    )
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** The body is our own server's, checked there. */
export async function fetchExplain(request: ExplainRequest, signal?: AbortSignal): Promise<ExplainAnswer> {
  const body = await fetchJson('/api/explore/explain', {
    method: 'POST',
    body: request,
    ...(signal ? { signal } : {}),
  });
  return body as ExplainAnswer;
}

/** The query in its usual layout; throws ApiError with the place of the fault. */
export async function fetchFormatted(query: string): Promise<string> {
  const body = await fetchJson(`/api/v1/format_query?${new URLSearchParams({ query })}`);
  return z.object({ data: z.string() }).parse(body).data;
}

const metadataSchema = z.object({
  data: z.record(
    z.string(),
    z.array(z.object({ type: z.string(), help: z.string(), unit: z.string().default('') })),
  ),
});

export type Metadata = z.infer<typeof metadataSchema>['data'];

export async function fetchMetadata(metric?: string, signal?: AbortSignal): Promise<Metadata> {
  const parameters = metric === undefined ? '' : `?${new URLSearchParams({ metric })}`;
  return metadataSchema.parse(await fetchJson(`/api/v1/metadata${parameters}`, signal ? { signal } : {}))
    .data;
}

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf({ fromMs, toMs }: TimeSpan): Record<string, string> {
  return { start: String(fromMs / 1000), end: String(toMs / 1000) };
}

/** Names of the metrics that have samples in the span, sorted. */
export async function fetchMetricNames(span: TimeSpan, signal?: AbortSignal): Promise<readonly string[]> {
  const parameters = new URLSearchParams(spanOf(span));
  const body = await fetchJson(`/api/v1/label/__name__/values?${parameters}`, signal ? { signal } : {});
  return z.object({ data: z.array(z.string()) }).parse(body).data;
}

/** Label sets of a selector's series, at most `limit`. */
export async function fetchSeries(
  { selector, limit, ...span }: TimeSpan & { readonly selector: string; readonly limit: number },
  signal?: AbortSignal,
): Promise<readonly Labels[]> {
  const parameters = new URLSearchParams({ 'match[]': selector, limit: String(limit), ...spanOf(span) });
  const body = await fetchJson(`/api/v1/series?${parameters}`, signal ? { signal } : {});
  return z.object({ data: z.array(labelsSchema) }).parse(body).data;
}
