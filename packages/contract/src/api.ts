/** Bodies of watchroom's own HTTP API under /api/ (Prometheus' own, under /api/v1/, follow its documentation). */
import { z } from 'zod';
import { MAX_QUERY_LENGTH } from './live.ts';

/** One reason why a score is below 100. The losses of an explanation add up to 100 − score. */
export const healthPartSchema = z.object({
  /** availability, latency, tail, saturation, instances; security, anomaly, probes; cap; clamp. */
  id: z.string(),
  kind: z.enum(['component', 'penalty', 'cap', 'clamp', 'down']),
  /** Points lost to this part, ≥ 0 (clamp may be negative). */
  loss: z.number(),
  /** The component's own 0–100 value; null for penalties and caps. */
  score: z.number().nullable(),
  /** Weight in percent of the weights present; null for penalties and caps. */
  weight: z.number().nullable(),
  /** The signal behind it, with its unit: the PromQL that anyone can paste into Explore, and its value. */
  query: z.string(),
  value: z.number().nullable(),
  unit: z.enum(['ratio', 'seconds', 'burn', 'points', 'count', 'none']),
  /** For saturation: which resource on which instance is the worst. */
  worst: z.object({ resource: z.string(), instance: z.string() }).partial().optional(),
  /** For a cap: the component that sets it. */
  by: z.string().optional(),
});

export const healthExplanationSchema = z.object({
  service: z.string(),
  atMs: z.number(),
  /** null: unknown. */
  score: z.number().nullable(),
  /** Share of the weights that has data, 0–1. */
  coverage: z.number().nullable(),
  /** Why the score is unknown, in a stable code. */
  unknown: z.enum(['no_data', 'low_coverage', 'no_service']).nullable(),
  parts: z.array(healthPartSchema),
});

export type HealthPart = z.infer<typeof healthPartSchema>;
export type HealthExplanation = z.infer<typeof healthExplanationSchema>;

export const errorBodySchema = z.object({ code: z.string(), message: z.string() });

export const incidentStartSchema = z.object({
  name: z.literal('double11'),
  speed: z.number().min(1).max(60),
  seed: z.number().int().optional(),
});

/** One node of an explained query; times in ms, own time is the total without the nodes below. */
export interface ExplainNode {
  /** The node's own PromQL. */
  readonly expr: string;
  /** Half-open range of UTF-16 offsets in the query. */
  readonly span: { readonly start: number; readonly end: number };
  /** call, aggregate, binary, unary, vectorSelector, matrixSelector, subquery, number, string. */
  readonly type: string;
  /** The function, operator or metric; '' when there is none. */
  readonly name: string;
  readonly valueType: string;
  /** Series that it gave. */
  readonly series: number;
  /** Samples read from the store for it and the nodes below. */
  readonly samples: number;
  readonly totalMs: number;
  readonly ownMs: number;
  readonly children: readonly ExplainNode[];
}

const time = z.number().int().min(-8.64e15).max(8.64e15);

/** An instant query has `timeMs`, a range query `fromMs`, `toMs` and `stepMs`. */
export const explainRequestSchema = z.union([
  z.object({ query: z.string().min(1).max(MAX_QUERY_LENGTH), timeMs: time }).strict(),
  z
    .object({
      query: z.string().min(1).max(MAX_QUERY_LENGTH),
      fromMs: time,
      toMs: time,
      stepMs: z.number().int().min(1),
    })
    .strict(),
]);

export const explainNodeSchema: z.ZodType<ExplainNode> = z
  .object({
    expr: z.string(),
    span: z.object({ start: z.number(), end: z.number() }),
    type: z.string(),
    name: z.string(),
    valueType: z.string(),
    series: z.number(),
    samples: z.number(),
    totalMs: z.number(),
    ownMs: z.number(),
    get children() {
      return z.array(explainNodeSchema);
    },
  })
  .meta({ id: 'ExplainNode' });

export const explainAnswerSchema = z.object({
  tree: explainNodeSchema,
  /** Series of the result. */
  series: z.number(),
  /** Samples read from the store. */
  samples: z.number(),
  /** Waiting for a turn, ms. */
  queueMs: z.number(),
  evalMs: z.number(),
  warnings: z.array(z.string()),
  infos: z.array(z.string()),
});

export type ExplainRequest = z.infer<typeof explainRequestSchema>;
export type ExplainAnswer = z.infer<typeof explainAnswerSchema>;
