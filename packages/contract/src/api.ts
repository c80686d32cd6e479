/** Bodies of watchroom's own HTTP API under /api/ (Prometheus' own, under /api/v1/, follow its documentation). */
import { z } from 'zod';

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
