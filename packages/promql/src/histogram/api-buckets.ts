/** The buckets of a histogram as the HTTP API shows them, from the lowest values to the highest. */
import type { NativeHistogram } from '@watchroom/model';
import { isCustom, lowerBound, negativeOf, positiveOf, upperBound } from './buckets.ts';

export interface ApiBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
}

/** Empty buckets included. */
export function histogramBuckets(h: NativeHistogram): ApiBucket[] {
  const out: ApiBucket[] = [];
  for (const [index, count] of negativeOf(h).toReversed()) {
    const lower = -upperBound(h, index);
    const upper = -lowerBound(h, index);
    out.push({ lower, upper, count, lowerInclusive: true, upperInclusive: false });
  }
  if (h.zeroCount > 0) {
    const { zeroThreshold: upper, zeroCount: count } = h;
    out.push({ lower: -upper, upper, count, lowerInclusive: true, upperInclusive: true });
  }
  for (const [index, count] of positiveOf(h)) {
    const lower = lowerBound(h, index);
    const lowerInclusive = isCustom(h) && index === 0;
    out.push({ lower, upper: upperBound(h, index), count, lowerInclusive, upperInclusive: true });
  }
  return out;
}
