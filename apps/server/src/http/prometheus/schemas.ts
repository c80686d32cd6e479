/** Parameters of Prometheus' HTTP API as schemas; unknown parameters are let through, as Prometheus does. */
import { z } from 'zod';

const MAX_QUERY_LENGTH = 200_000;

const text = z.string().max(MAX_QUERY_LENGTH);
const value = z.union([text, z.array(text).max(1000)]);
const time = value.describe('Unix seconds with a fraction, or RFC 3339').optional();
const duration = value.describe('Prometheus duration or seconds').optional();
const limit = value.describe('Most items to return; 0 for no limit').optional();
const matchers = value.describe('Series selector; may be repeated').optional();

// The body of a POST whose parameters all stand in the query string is empty.
const parameters = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess((raw) => raw ?? {}, z.looseObject(shape));

export const querySchema = parameters({
  query: value.describe('PromQL expression').optional(),
  time,
  timeout: duration,
  limit,
  lookback_delta: duration,
  stats: value.describe('`all` for the samples of each step too').optional(),
});
export const rangeSchema = parameters({
  query: value.describe('PromQL expression').optional(),
  start: time,
  end: time,
  step: duration,
  timeout: duration,
  limit,
  lookback_delta: duration,
  stats: value.describe('`all` for the samples of each step too').optional(),
  nocache: value.describe('`1`: no step of an earlier answer is used again').optional(),
});
export const exemplarsSchema = parameters({
  query: value.describe('PromQL expression').optional(),
  start: time,
  end: time,
});
export const tsdbSchema = parameters({ limit });
export const formatQuerySchema = parameters({ query: value.describe('PromQL expression').optional() });
export const seriesSchema = parameters({ 'match[]': matchers, start: time, end: time, limit });
export const federateSchema = parameters({ 'match[]': matchers });
export const metadataSchema = parameters({ metric: value.optional(), limit, limit_per_metric: limit });
export const targetsSchema = parameters({ state: value.optional(), scrapePool: value.optional() });
export const targetMetadataSchema = parameters({
  match_target: value.optional(),
  metric: value.optional(),
  limit,
});
export const rulesSchema = parameters({
  type: value.optional(),
  'rule_name[]': value.optional(),
  'rule_group[]': value.optional(),
  'file[]': value.optional(),
  'match[]': matchers,
  exclude_alerts: value.optional(),
  group_limit: limit,
  group_next_token: value.optional(),
});
export const deleteSchema = parameters({ 'match[]': matchers, start: time, end: time });
export const snapshotSchema = parameters({
  skip_head: value.describe('`true`: without what is not yet in blocks').optional(),
});
export const noParameters = parameters({});
export const relabelStepsSchema = parameters({ scrapePool: value.optional(), id: value.optional() });
