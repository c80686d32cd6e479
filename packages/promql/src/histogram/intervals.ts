/** Buckets as intervals of values, and how observations lie within them. */
import type { NativeHistogram } from '@watchroom/model';
import { isCustom, lowerBound, negativeOf, positiveOf, upperBound } from './buckets.ts';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** All buckets, from the lowest values to the highest; the zero bucket only when it has a count. */
export function intervals(h: NativeHistogram): Interval[] {
  const out: Interval[] = [];
  for (const [index, count] of negativeOf(h).toReversed()) {
    out.push({ lower: -upperBound(h, index), upper: -lowerBound(h, index), count });
  }
  if (h.zeroCount !== 0) out.push({ lower: -h.zeroThreshold, upper: h.zeroThreshold, count: h.zeroCount });
  for (const [index, count] of positiveOf(h)) {
    out.push({ lower: lowerBound(h, index), upper: upperBound(h, index), count });
  }
  return out;
}

/** A zero bucket of a histogram with values on one side only reaches to zero alone. */
export function trimmedZero(h: NativeHistogram, interval: Interval): Interval {
  if (isCustom(h) || interval.lower > 0 || interval.upper < 0) return interval;
  if (h.negativeBuckets.length === 0 && h.positiveBuckets.length > 0) return { ...interval, lower: 0 };
  if (h.positiveBuckets.length === 0 && h.negativeBuckets.length > 0) return { ...interval, upper: 0 };
  return interval;
}

/** The share of a bucket's observations below a value inside it. */
export function shareBelow({ lower, upper }: Interval, value: number, linear: boolean): number {
  if (linear) {
    if (lower === Number.NEGATIVE_INFINITY) {
      if (upper <= 0) return value >= upper ? 1 : 0;
      return value <= 0 ? 0 : value / upper;
    }
    return upper === Number.POSITIVE_INFINITY ? 0 : (value - lower) / (upper - lower);
  }
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}
