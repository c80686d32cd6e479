/**
 * Parameters of Prometheus' HTTP API: times are Unix seconds with a fraction or RFC 3339, durations are Prometheus
 * durations or seconds. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview
 */
import { type Matcher, parseDuration, parseValue, type TimeRange } from '@watchroom/model';
import { type Expr, ParseError, parseExpr } from '@watchroom/promql';
import { ApiError } from './api-error.ts';

export type RawParameters = Readonly<Record<string, string | string[] | undefined>>;

/** Largest time that both sides can express: Prometheus' maxTime is far beyond what a Date holds. */
const MAX_TIME_MS = 8_640_000_000_000_000;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

export function single(raw: RawParameters, name: string): string | undefined {
  const value = raw[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === '' ? undefined : first;
}

export function repeated(raw: RawParameters, name: string): string[] {
  const value = raw[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Milliseconds; throws ApiError bad_data. */
export function parseTime(name: string, text: string): number {
  const seconds = parseValue(text);
  const timeMs =
    seconds !== undefined ? Math.round(seconds * 1000) : RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(timeMs) && Math.abs(timeMs) <= MAX_TIME_MS) return timeMs;
  throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
}

export function timeOr(raw: RawParameters, name: string, fallbackMs: number): number {
  const text = single(raw, name);
  return text === undefined ? fallbackMs : parseTime(name, text);
}

export function requiredTime(raw: RawParameters, name: string): number {
  const text = single(raw, name);
  if (text === undefined) throw badParameter(name, 'cannot parse "" to a valid timestamp');
  return parseTime(name, text);
}

/** Milliseconds, not rounded to less than they say; throws ApiError bad_data. */
export function parseApiDuration(name: string, text: string): number {
  const seconds = parseValue(text);
  const durationMs = seconds !== undefined ? seconds * 1000 : parseDuration(text);
  if (durationMs !== undefined && Number.isFinite(durationMs)) return durationMs;
  throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
}

export function optionalDuration(raw: RawParameters, name: string): number | undefined {
  const text = single(raw, name);
  return text === undefined ? undefined : parseApiDuration(name, text);
}

/** A non-negative whole number; 0 and absence mean no limit. */
export function limitOf(raw: RawParameters, name = 'limit'): number {
  const text = single(raw, name);
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text))
    throw badParameter(name, `limit must be non-negative, got ${JSON.stringify(text)}`);
  return Number(text) || Number.POSITIVE_INFINITY;
}

export function rangeOf(raw: RawParameters, nowMs: number): TimeRange {
  const startMs = timeOr(raw, 'start', 0);
  const endMs = timeOr(raw, 'end', nowMs);
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time');
  return { startMs, endMs };
}

/** The matcher sets of `match[]`; each must be a selector that does not match everything. */
export function matcherSets(raw: RawParameters, name = 'match[]'): Matcher[][] {
  return repeated(raw, name).map((text) => selectorMatchers(name, text));
}

function selectorMatchers(name: string, text: string): Matcher[] {
  const expr = parseParameter(name, text);
  if (expr.type !== 'vectorSelector') throw badParameter(name, 'invalid series selector');
  return [...expr.matchers];
}

/** Parses PromQL from a parameter; throws ApiError bad_data with Prometheus' wording. */
export function parseParameter(name: string, text: string): Expr {
  try {
    return parseExpr(text);
  } catch (error) {
    if (error instanceof ParseError) throw badParameter(name, error.message);
    throw error;
  }
}

export function badParameter(name: string, reason: string): ApiError {
  return new ApiError('bad_data', `invalid parameter "${name}": ${reason}`);
}
