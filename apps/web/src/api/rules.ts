/** Rule groups and their state: GET /api/v1/rules. */
import { z } from 'zod';
import { fetchJson } from '../app/fetch-json.ts';
import { apiTimeMs } from './api-time.ts';

const time = z.string().transform(apiTimeMs);
const common = {
  name: z.string(),
  query: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  health: z.string(),
  lastError: z.string().optional(),
  /** Seconds. */
  evaluationTime: z.number(),
  lastEvaluation: time,
};

const ruleSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('recording'), ...common }),
  z.object({
    type: z.literal('alerting'),
    ...common,
    state: z.string(),
    /** `for` in seconds. */
    duration: z.number(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
]);

const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        file: z.string(),
        /** Seconds. */
        interval: z.number(),
        evaluationTime: z.number(),
        lastEvaluation: time,
        rules: z.array(ruleSchema),
      }),
    ),
  }),
});

export type Rule = z.infer<typeof ruleSchema>;
export type RuleGroup = z.infer<typeof rulesSchema>['data']['groups'][number];

export async function fetchRules(signal?: AbortSignal): Promise<readonly RuleGroup[]> {
  const body = await fetchJson('/api/v1/rules?exclude_alerts=true', signal ? { signal } : {});
  return rulesSchema.parse(body).data.groups;
}
