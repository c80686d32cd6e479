/** Scrape targets: GET /api/v1/targets and our own targets/relabel_steps. */
import { z } from 'zod';
import { fetchJson } from '../app/fetch-json.ts';
import { apiTimeMs } from './api-time.ts';

const labels = z.record(z.string(), z.string());

const targetSchema = z.object({
  id: z.string(),
  discoveredLabels: labels,
  labels,
  scrapePool: z.string(),
  scrapeUrl: z.string(),
  lastError: z.string(),
  lastScrape: z.string().transform(apiTimeMs),
  /** Seconds. */
  lastScrapeDuration: z.number(),
  health: z.enum(['up', 'down', 'unknown']),
  scrapeInterval: z.string(),
  scrapeTimeout: z.string(),
});

const droppedSchema = z.object({
  discoveredLabels: labels,
  scrapePool: z.string().default(''),
  /** Why a target that relabelling kept cannot be scraped. */
  fault: z.string().optional(),
});

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(targetSchema),
    droppedTargets: z.array(droppedSchema),
    droppedTargetCounts: z.record(z.string(), z.number()).default({}),
  }),
});

const stepsSchema = z.object({
  data: z.object({
    discoveredLabels: labels,
    steps: z.array(
      z.object({
        rule: z.record(z.string(), z.unknown()),
        /** Null: the step dropped the target. */
        labels: labels.nullable(),
        kept: z.boolean().optional(),
      }),
    ),
    labels: labels.nullable(),
  }),
});

export type Target = z.infer<typeof targetSchema>;
export type DroppedTarget = z.infer<typeof droppedSchema>;
export type Targets = z.infer<typeof targetsSchema>['data'];
export type RelabelTrace = z.infer<typeof stepsSchema>['data'];

export async function fetchTargets(signal?: AbortSignal): Promise<Targets> {
  return targetsSchema.parse(await fetchJson('/api/v1/targets', signal ? { signal } : {})).data;
}

export async function fetchRelabelTrace(
  target: { readonly pool: string; readonly id: string },
  signal?: AbortSignal,
): Promise<RelabelTrace> {
  const parameters = new URLSearchParams({ scrapePool: target.pool, id: target.id });
  const body = await fetchJson(`/api/v1/targets/relabel_steps?${parameters}`, signal ? { signal } : {});
  return stepsSchema.parse(body).data;
}
