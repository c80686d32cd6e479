/**
 * Experimental extended ranges. `anchored`: the window also has the newest sample at or before its start (within the
 * lookback). `smoothed`: the values at both borders are interpolated between the samples around them; where a counter was
 * reset in between, it is taken to have restarted from zero.
 * Source: https://prometheus.io/docs/prometheus/latest/feature_flags/#extended-range-selectors.
 */
import type { NativeHistogram } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import { rangeFunctions } from '../functions/index.ts';
import { mixedMessage, mixedSchemasMessage } from '../functions/messages.ts';
import {
  addHistograms,
  compatible,
  detectReset,
  multiplyHistogram,
  subtractHistograms,
  withHint,
} from '../histogram/arithmetic.ts';
import { quote } from '../parser/go-strings.ts';
import type { RangeSeries } from './select.ts';
import type { Window } from './window.ts';

export type Mode = 'anchored' | 'smoothed';

const ALLOWED: Readonly<Record<Mode, readonly string[]>> = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
};

export function ensureAllowed(mode: Mode, func: string): void {
  if (ALLOWED[mode].includes(func)) return;
  throw new ExecutionError(
    `${mode} modifier can only be used with: ${ALLOWED[mode].join(', ')} - not with ${func}`,
  );
}

/** Arithmetic on one kind of sample. */
interface Kind<T> {
  interpolate(before: T, after: T, share: number, isCounter: boolean): T;
  add(a: T, b: T): T;
  subtract(a: T, b: T): T;
  isReset(now: T, before: T): boolean;
}

const floats: Kind<number> = {
  interpolate(before, after, share, isCounter) {
    if (isCounter && after < before) return after * share;
    return before + (after - before) * share;
  },
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  isReset: (now, before) => now < before,
};

class MixedSchemas extends Error {}

const natives: Kind<NativeHistogram> = {
  interpolate(before, after, share, isCounter) {
    ensureCompatible(after, before);
    if (isCounter && detectReset(after, before)) return multiplyHistogram(after, share);
    return natives.add(before, multiplyHistogram(natives.subtract(after, before), share));
  },
  add: (a, b) => ensureCompatible(a, b) && addHistograms(a, b).histogram,
  subtract: (a, b) => ensureCompatible(a, b) && subtractHistograms(a, b).histogram,
  isReset: detectReset,
};

function ensureCompatible(a: NativeHistogram, b: NativeHistogram): true {
  if (!compatible(a, b)) throw new MixedSchemas();
  return true;
}

interface Points<T> {
  readonly times: Float64Array;
  readonly values: ArrayLike<T>;
}

/** Index of the newest sample at or before a time; −1 for none. */
function newestAt(times: Float64Array, timeMs: number): number {
  let lo = 0;
  let hi = times.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (times[middle]! <= timeMs) lo = middle + 1;
    else hi = middle;
  }
  return lo - 1;
}

interface Borders {
  /** Newest sample at or before the start and within the lookback, or −1. */
  readonly anchor: number;
  /** Samples inside: lo ≤ i ≤ hi. */
  readonly lo: number;
  readonly hi: number;
}

function bordersOf(times: Float64Array, startMs: number, endMs: number, lookbackMs: number): Borders {
  const before = newestAt(times, startMs);
  const anchor = before >= 0 && times[before]! > startMs - lookbackMs ? before : -1;
  return { anchor, lo: before + 1, hi: newestAt(times, endMs) };
}

/** The values along the window: at its start, inside, at its end. Undefined: nothing to compare. */
function sequence<T>(
  kind: Kind<T>,
  { times, values }: Points<T>,
  mode: Mode,
  startMs: number,
  endMs: number,
  lookbackMs: number,
  isCounter: boolean,
): T[] | undefined {
  const { anchor, lo, hi } = bordersOf(times, startMs, endMs, lookbackMs);
  const inside = Array.from({ length: Math.max(0, hi - lo + 1) }, (_, i) => values[lo + i]!);
  if (mode === 'anchored') {
    if (inside.length === 0) return undefined;
    return anchor >= 0 ? [values[anchor]!, ...inside] : inside;
  }
  if (lo >= times.length || (inside.length === 0 && anchor < 0)) return undefined;
  const between = (i: number, timeMs: number): T => {
    const share = (timeMs - times[i]!) / (times[i + 1]! - times[i]!);
    return share === 0 ? values[i]! : kind.interpolate(values[i]!, values[i + 1]!, share, isCounter);
  };
  const left = anchor >= 0 ? [between(anchor, startMs)] : [];
  const last = Math.max(hi, anchor);
  const right = last + 1 < times.length && times[last]! < endMs ? [between(last, endMs)] : [];
  return [...left, ...inside, ...right];
}

function change<T>(
  kind: Kind<T>,
  steps: readonly T[],
  isCounter: boolean,
  resets: (i: number) => boolean,
): T {
  let result = kind.subtract(steps.at(-1)!, steps[0]!);
  if (!isCounter) return result;
  for (let i = 1; i < steps.length; i++) if (resets(i)) result = kind.add(result, steps[i - 1]!);
  return result;
}

/** Calls the function on one window of a series; sets `window.kind` as range functions do. */
export function extendedWindow(
  window: Window,
  series: RangeSeries,
  mode: Mode,
  func: string,
  lookbackMs: number,
): number {
  if (func === 'changes' || func === 'resets') return anchoredCount(window, func, lookbackMs);
  const isCounter = func !== 'delta';
  const { startMs, endMs } = window;
  const perSecond = func === 'rate' ? 1000 / window.rangeMs : 1;
  if (series.histograms && series.times.length === 0) {
    return extendedHistogram(window, series, mode, isCounter, perSecond, lookbackMs);
  }
  const steps = sequence(floats, series, mode, startMs, endMs, lookbackMs, isCounter);
  if (!steps) return window.none();
  return change(floats, steps, isCounter, (i) => steps[i]! < steps[i - 1]!) * perSecond;
}

function anchoredCount(window: Window, func: string, lookbackMs: number): number {
  if (window.floats + window.histogramCount === 0) return window.none();
  const { times, histogramTimes, lo, histogramLo } = window;
  const earliestMs = window.startMs - lookbackMs;
  const floatMs = lo > 0 ? times[lo - 1]! : earliestMs;
  const histogramMs = histogramLo > 0 ? histogramTimes[histogramLo - 1]! : earliestMs;
  if (floatMs > earliestMs && floatMs > histogramMs) window.lo--;
  else if (histogramMs > earliestMs) window.histogramLo--;
  const answer = rangeFunctions[func]!(window);
  window.lo = lo;
  window.histogramLo = histogramLo;
  return answer;
}

function extendedHistogram(
  window: Window,
  series: RangeSeries,
  mode: Mode,
  isCounter: boolean,
  perSecond: number,
  lookbackMs: number,
): number {
  const points = { times: series.histogramTimes!, values: series.histograms! };
  const name = window.metricName;
  try {
    const steps = sequence(natives, points, mode, window.startMs, window.endMs, lookbackMs, isCounter);
    if (!steps) return window.none();
    const gauges = steps.filter(({ resetHint }) => resetHint === 'gauge').length;
    if (isCounter && gauges > 0) window.warn(`this native histogram metric is not a counter: ${quote(name)}`);
    const ends = [steps[0]!, steps.at(-1)!];
    if (!isCounter && ends.some(({ resetHint }) => resetHint !== 'gauge')) {
      window.warn(`this native histogram metric is not a gauge: ${quote(name)}`);
    }
    const interpolated = mode === 'smoothed' && steps.length > 1;
    const result = change(natives, steps, isCounter, (i) => {
      const now = steps[i]!;
      // An interpolated start has already taken its reset into account.
      const plain = interpolated && i === 1 ? withHint(now, 'unknown') : now;
      return detectReset(plain, steps[i - 1]!);
    });
    return window.answer(withHint(multiplyHistogram(result, perSecond), 'gauge'));
  } catch (error) {
    if (!(error instanceof MixedSchemas)) throw error;
    window.warn(mixedSchemasMessage(name));
    return window.none();
  }
}

/** `metric smoothed`: the value at a time, interpolated between the samples around it; `warn` takes what forbids it. */
export function smoothedAt(
  series: RangeSeries,
  timeMs: number,
  lookbackMs: number,
  warn: (message: string) => void,
): { value: number; histogram: NativeHistogram | undefined } | undefined {
  const name = series.labels.metricName;
  if (!series.histograms) {
    const value = valueAt(floats, series, timeMs, lookbackMs, false);
    return value === undefined ? undefined : { value, histogram: undefined };
  }
  if (series.times.length > 0) {
    warn(mixedMessage(name));
    return undefined;
  }
  try {
    const points = { times: series.histogramTimes!, values: series.histograms };
    const histogram = valueAt(natives, points, timeMs, lookbackMs, true);
    return histogram && { value: 0, histogram };
  } catch (error) {
    if (!(error instanceof MixedSchemas)) throw error;
    warn(mixedSchemasMessage(name));
    return undefined;
  }
}

function valueAt<T>(
  kind: Kind<T>,
  { times, values }: Points<T>,
  timeMs: number,
  lookbackMs: number,
  isCounter: boolean,
): T | undefined {
  const i = newestAt(times, timeMs);
  if (i < 0 || times[i]! <= timeMs - lookbackMs) return undefined;
  if (times[i] === timeMs || i + 1 >= times.length || times[i + 1]! > timeMs + lookbackMs) return values[i];
  return kind.interpolate(
    values[i]!,
    values[i + 1]!,
    (timeMs - times[i]!) / (times[i + 1]! - times[i]!),
    isCounter,
  );
}
