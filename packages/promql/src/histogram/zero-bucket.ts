/** Widening the zero bucket, so that histograms with different thresholds can be added and compared. */
import { type Buckets, exponentialBound, type HistogramParts } from './buckets.ts';

/** The zero count at a threshold that is at least `threshold`: it grows to the border of a populated bucket it would cut. */
export function zeroCountFor(h: HistogramParts, threshold: number): { zeroCount: number; threshold: number } {
  let wanted = threshold;
  if (wanted === h.zeroThreshold) return { zeroCount: h.zeroCount, threshold: wanted };
  for (;;) {
    const positive = swallow(h.positive, h.schema, wanted);
    const negative = swallow(h.negative, h.schema, positive.threshold);
    wanted = negative.threshold;
    if (positive.threshold === negative.threshold) {
      return { zeroCount: h.zeroCount + positive.count + negative.count, threshold: wanted };
    }
  }
}

function swallow(buckets: Buckets, schema: number, threshold: number): { count: number; threshold: number } {
  let count = 0;
  for (const [index, own] of buckets) {
    if (exponentialBound(index - 1, schema) >= threshold) break;
    count += own;
    const upper = exponentialBound(index, schema);
    if (upper <= threshold) continue;
    return { count, threshold: own === 0 ? threshold : upper };
  }
  return { count, threshold };
}

/** The same histogram with its zero bucket at `threshold` (or further, see zeroCountFor). */
export function widenZero(h: HistogramParts, threshold: number): HistogramParts {
  if (threshold <= h.zeroThreshold) return h;
  const wide = zeroCountFor(h, threshold);
  const outside = (buckets: Buckets): Buckets =>
    buckets.filter(([index]) => exponentialBound(index, h.schema) > wide.threshold);
  return {
    ...h,
    zeroThreshold: wide.threshold,
    zeroCount: wide.zeroCount,
    positive: outside(h.positive),
    negative: outside(h.negative),
  };
}
