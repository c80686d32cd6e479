/**
 * Parameters of Prometheus' HTTP API: times are Unix seconds with a fraction or RFC 3339, durations are Prometheus
 * durations or seconds. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview; the texts of
 * errors are those of Prometheus 3.5.
 */
import { type Matcher, parseDuration, parseValue, type TimeRange } from '@watchroom/model';
import { type Expr, parseMetricSelector } from '@watchroom/promql';
import { ApiError } from './api-error.ts';

export type RawParameters = Readonly<Record<string, string | string[] | undefined>>;

/** The largest times that a Date holds stand for Prometheus' own, which are far beyond. */
export const MAX_TIME_MS = 8_640_000_000_000_000;
const FOREVER: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': -MAX_TIME_MS,
  '292277025-08-18T07:12:54.999999999Z': MAX_TIME_MS,
};
const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** Go's longest duration, in ms. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

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

/** Milliseconds, or undefined. */
function timeOf(text: string): number | undefined {
  const forever = FOREVER[text];
  if (forever !== undefined) return forever;
  const seconds = parseValue(text);
  const timeMs = seconds === undefined ? calendarTime(text) : Math.round(seconds * 1000);
  return Number.isFinite(timeMs) && Math.abs(timeMs) <= MAX_TIME_MS ? timeMs : undefined;
}

/** NaN when malformed; Date.parse alone would take the 30th of February and hour 24. */
function calendarTime(text: string): number {
  const match = RFC3339.exec(text);
  if (!match) return Number.NaN;
  const local = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(local) || new Date(local).toISOString().slice(0, 19) !== match[1]) return Number.NaN;
  return Math.floor(Date.parse(text));
}

/** A time that must be there. Throws ApiError bad_data. */
export function requiredTime(raw: RawParameters, name: string): number {
  const text = single(raw, name) ?? '';
  const timeMs = timeOf(text);
  if (timeMs === undefined) throw badParameter(name, `cannot parse ${quoted(text)} to a valid timestamp`);
  return timeMs;
}

/** A time with a default. Throws ApiError bad_data. */
export function timeOr(raw: RawParameters, name: string, fallbackMs: number): number {
  const text = single(raw, name);
  if (text === undefined) return fallbackMs;
  const timeMs = timeOf(text);
  if (timeMs !== undefined) return timeMs;
  throw badParameter(
    name,
    `invalid time value for '${name}': cannot parse ${quoted(text)} to a valid timestamp`,
  );
}

/** Milliseconds, not rounded; throws an Error with Prometheus' reason. */
export function parseApiDuration(text: string): number {
  const seconds = parseValue(text);
  const durationMs = seconds === undefined ? parseDuration(text) : seconds * 1000;
  if (durationMs === undefined || Number.isNaN(durationMs))
    throw new Error(`cannot parse ${quoted(text)} to a valid duration`);
  if (Math.abs(durationMs) > MAX_DURATION_MS)
    throw new Error(`cannot parse ${quoted(text)} to a valid duration. It overflows int64`);
  return durationMs;
}

/** A duration that must be there, ms. */
export function requiredDuration(raw: RawParameters, name: string): number {
  return reported(() => parseApiDuration(single(raw, name) ?? ''), name);
}

export function optionalDuration(raw: RawParameters, name: string): number | undefined {
  return single(raw, name) === undefined ? undefined : requiredDuration(raw, name);
}

/** The query's own lookback, ms; undefined when absent or not positive. Its error has a wording of its own. */
export function lookbackOf(raw: RawParameters): number | undefined {
  const text = single(raw, 'lookback_delta');
  if (text === undefined) return undefined;
  try {
    const lookbackMs = parseApiDuration(text);
    return lookbackMs > 0 ? lookbackMs : undefined;
  } catch (error) {
    throw new ApiError('bad_data', `error parsing lookback delta duration: ${(error as Error).message}`);
  }
}

/** A non-negative whole number; 0 and absence mean no limit. */
export function limitOf(raw: RawParameters, name = 'limit'): number {
  const text = single(raw, name);
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const limit = wholeNumber(text);
  if (limit === undefined) throw badParameter(name, `strconv.Atoi: parsing ${quoted(text)}: invalid syntax`);
  if (limit < 0) throw badParameter(name, 'limit must be non-negative');
  return limit || Number.POSITIVE_INFINITY;
}

/** A limit of the metadata endpoints: negative and absent mean none, 0 means nothing at all. */
export function plainLimit(raw: RawParameters, name: string): number {
  const text = single(raw, name);
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const limit = wholeNumber(text);
  if (limit === undefined) throw new ApiError('bad_data', `${name} must be a number`);
  return limit < 0 ? Number.POSITIVE_INFINITY : limit;
}

/** As Go's strconv.Atoi reads it. */
export function wholeNumber(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** start and end of the endpoints that list series, in whichever order; without them, all of time. */
export function rangeOf(raw: RawParameters): TimeRange {
  const startMs = timeOr(raw, 'start', -MAX_TIME_MS);
  const endMs = timeOr(raw, 'end', MAX_TIME_MS);
  return { startMs: Math.min(startMs, endMs), endMs: Math.max(startMs, endMs) };
}

/** The matcher sets of `match[]`; each must restrict something. */
export function matcherSets(raw: RawParameters, name = 'match[]'): Matcher[][] {
  return repeated(raw, name).map((text) => reported(() => selectorMatchers(text, name), name));
}

/** As `matcherSets`; a selector may match every series. */
export function openMatcherSets(raw: RawParameters, name = 'match[]'): Matcher[][] {
  return repeated(raw, name).map((text) => reported(() => [...parseMetricSelector(text).matchers], name));
}

/** A truth value as Go's strconv.ParseBool reads it; false when absent. Throws ApiError bad_data. */
export function boolOf(raw: RawParameters, name: string): boolean {
  const text = single(raw, name);
  if (text === undefined || /^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  throw badParameter(
    name,
    `unable to parse boolean: strconv.ParseBool: parsing ${quoted(text)}: invalid syntax`,
  );
}

/** The matchers of one selector, which must not match every series; throws an Error with the reason. */
export function selectorMatchers(text: string, name = 'match[]'): Matcher[] {
  const { matchers } = parseMetricSelector(text);
  if (!matchers.every((matcher) => matcher.matchesEmpty)) return [...matchers];
  throw new Error(`${name} must contain at least one non-empty matcher`);
}

/** Parses PromQL from a parameter; throws ApiError bad_data with Prometheus' wording. */
export function parseParameter(raw: RawParameters, parse: (text: string) => Expr, name = 'query'): Expr {
  return reported(() => parse(single(raw, name) ?? ''), name);
}

/** Turns the reason why a parameter is refused into an answer that names it. */
function reported<T>(read: () => T, name: string): T {
  try {
    return read();
  } catch (error) {
    const isOurs = error instanceof TypeError || error instanceof RangeError;
    if (error instanceof Error && !isOurs) throw badParameter(name, error.message);
    throw error;
  }
}

export function badParameter(name: string, reason: string): ApiError {
  return new ApiError('bad_data', `invalid parameter ${quoted(name)}: ${reason}`);
}

/** As Go's %q. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
