/**
 * Sums, differences, multiples and comparisons of native histograms.
 * Source: https://prometheus.io/docs/specs/native_histograms/#histogram-operations (schema and zero-bucket reconciliation,
 * custom bounds by intersection, counter reset hints).
 */
import type { NativeHistogram, ResetHint } from '@watchroom/model';
import { type Buckets, build, coarser, type HistogramParts, isCustom, partsOf } from './buckets.ts';
import { widenZero, zeroCountFor } from './zero-bucket.ts';

export interface Sum {
  readonly histogram: NativeHistogram;
  /** One side says "reset", the other "not reset". */
  readonly hintsCollide: boolean;
  /** Custom bounds differed; only the common ones are left. */
  readonly boundsReconciled: boolean;
}

/** Whether both have exponential or both have custom buckets; only then they can be combined. */
export function compatible(a: NativeHistogram, b: NativeHistogram): boolean {
  return isCustom(a) === isCustom(b);
}

export function addHistograms(a: NativeHistogram, b: NativeHistogram): Sum {
  return combine(a, b, 1);
}

export function subtractHistograms(a: NativeHistogram, b: NativeHistogram): Sum {
  return combine(a, b, -1);
}

function combine(a: NativeHistogram, b: NativeHistogram, sign: number): Sum {
  const { left, right, boundsReconciled } = reconcile(partsOf(a), partsOf(b));
  const hint = combineHints(a.resetHint, b.resetHint);
  const histogram = build({
    schema: left.schema,
    zeroThreshold: left.zeroThreshold,
    zeroCount: left.zeroCount + sign * right.zeroCount,
    count: left.count + sign * right.count,
    sum: left.sum + sign * right.sum,
    positive: addBuckets(left.positive, right.positive, sign),
    negative: addBuckets(left.negative, right.negative, sign),
    customBounds: left.customBounds,
    resetHint: hint.hint,
  });
  return { histogram, hintsCollide: hint.collide, boundsReconciled };
}

export function combineHints(a: ResetHint, b: ResetHint): { hint: ResetHint; collide: boolean } {
  if (a === b) return { hint: a, collide: false };
  if (a === 'gauge' || b === 'gauge') return { hint: 'gauge', collide: false };
  return { hint: 'unknown', collide: a !== 'unknown' && b !== 'unknown' };
}

/** Brings both to one layout of buckets. */
export function reconcile(
  a: HistogramParts,
  b: HistogramParts,
): { left: HistogramParts; right: HistogramParts; boundsReconciled: boolean } {
  if (a.customBounds.length > 0 || b.customBounds.length > 0) {
    if (sameBounds(a.customBounds, b.customBounds)) return { left: a, right: b, boundsReconciled: false };
    const common = a.customBounds.filter((bound) => b.customBounds.includes(bound));
    return { left: withBounds(a, common), right: withBounds(b, common), boundsReconciled: true };
  }
  let [left, right] = [a, b];
  while (left.zeroThreshold !== right.zeroThreshold) {
    left = widenZero(left, right.zeroThreshold);
    right = widenZero(right, left.zeroThreshold);
  }
  const schema = Math.min(left.schema, right.schema);
  return { left: atSchema(left, schema), right: atSchema(right, schema), boundsReconciled: false };
}

function atSchema(h: HistogramParts, schema: number): HistogramParts {
  if (h.schema <= schema) return h;
  return {
    ...h,
    schema,
    positive: coarser(h.positive, h.schema, schema),
    negative: coarser(h.negative, h.schema, schema),
  };
}

export function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

/** Moves counts into the buckets of fewer custom bounds. */
function withBounds(h: HistogramParts, bounds: readonly number[]): HistogramParts {
  const counts = new Map<number, number>();
  for (const [index, count] of h.positive) {
    const upper = h.customBounds[index] ?? Number.POSITIVE_INFINITY;
    const at = bounds.findIndex((bound) => bound >= upper);
    const target = at < 0 ? bounds.length : at;
    counts.set(target, (counts.get(target) ?? 0) + count);
  }
  return { ...h, customBounds: bounds, positive: [...counts].sort((x, y) => x[0] - y[0]) };
}

function addBuckets(a: Buckets, b: Buckets, sign: number): Buckets {
  const out: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i]?.[0] ?? Number.POSITIVE_INFINITY;
    const y = b[j]?.[0] ?? Number.POSITIVE_INFINITY;
    const index = Math.min(x, y);
    const own = x === index ? a[i++]![1] : 0;
    const other = y === index ? b[j++]![1] : 0;
    out.push([index, own + sign * other]);
  }
  return out;
}

/** A negative factor makes a gauge. */
export function multiplyHistogram(h: NativeHistogram, factor: number): NativeHistogram {
  return mapHistogram(h, (value) => value * factor, factor < 0);
}

export function divideHistogram(h: NativeHistogram, divisor: number): NativeHistogram {
  const divided = mapHistogram(h, (value) => value / divisor, divisor < 0);
  if (divisor !== 0) return divided;
  // Counts of empty buckets would be NaN; they are left out.
  return {
    ...divided,
    ...{ positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [] },
  };
}

function mapHistogram(h: NativeHistogram, map: (value: number) => number, gauge: boolean): NativeHistogram {
  return {
    ...h,
    zeroCount: map(h.zeroCount),
    count: map(h.count),
    sum: map(h.sum),
    positiveBuckets: h.positiveBuckets.map(map),
    negativeBuckets: h.negativeBuckets.map(map),
    resetHint: gauge ? 'gauge' : h.resetHint,
  };
}

export function withHint(h: NativeHistogram, resetHint: ResetHint): NativeHistogram {
  return h.resetHint === resetHint ? h : { ...h, resetHint };
}

/** Whether a counter that stood at `previous` was reset before it came to `current`. */
export function detectReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.resetHint === 'reset') return true;
  if (current.resetHint === 'not_reset') return false;
  if (isCustom(current) !== isCustom(previous)) return true;
  if (current.count < previous.count) return true;
  const [now, before] = [partsOf(current), partsOf(previous)];
  if (isCustom(current)) {
    const { left, right } = reconcile(now, before);
    return decreased(left.positive, right.positive);
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const zero = zeroCountFor(before, current.zeroThreshold);
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.zeroCount) return true;
  const old = atSchema(widenZero(before, current.zeroThreshold), current.schema);
  return decreased(now.positive, old.positive) || decreased(now.negative, old.negative);
}

function decreased(now: Buckets, before: Buckets): boolean {
  const counts = new Map(now);
  return before.some(([index, count]) => (counts.get(index) ?? 0) < count);
}

/** Equal in every observation; the hint does not count. */
export function equalHistograms(a: NativeHistogram, b: NativeHistogram): boolean {
  const same = (x: number, y: number): boolean => x === y || (Number.isNaN(x) && Number.isNaN(y));
  if (a.schema !== b.schema || !same(a.count, b.count) || !same(a.sum, b.sum)) return false;
  if (isCustom(a)) {
    if (!sameBounds(a.customBounds, b.customBounds)) return false;
  } else if (a.zeroThreshold !== b.zeroThreshold || !same(a.zeroCount, b.zeroCount)) return false;
  return (
    sameBuckets(partsOf(a).positive, partsOf(b).positive) &&
    sameBuckets(partsOf(a).negative, partsOf(b).negative)
  );
}

function sameBuckets(a: Buckets, b: Buckets): boolean {
  const [x, y] = [a.filter(([, count]) => count !== 0), b.filter(([, count]) => count !== 0)];
  return x.length === y.length && x.every(([index, count], i) => index === y[i]![0] && count === y[i]![1]);
}
