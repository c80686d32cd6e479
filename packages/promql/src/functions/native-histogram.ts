/**
 * Quantiles, shares and moments of native histograms: linear within custom and zero buckets, exponential elsewhere.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile, …/#histogram_fraction.
 */
import type { NativeHistogram } from '@watchroom/model';
import type { Evaluator } from '../eval/evaluator.ts';
import { KahanSum } from '../eval/kahan.ts';
import { isCustom } from '../histogram/buckets.ts';
import { type Interval, intervals, shareBelow, trimmedZero } from '../histogram/intervals.ts';
import type { Expr } from '../parser/ast.ts';
import { forMetric } from './messages.ts';

export function nativeQuantile(
  evaluator: Evaluator,
  phi: number,
  h: NativeHistogram,
  arg: Expr,
  name: string,
): number {
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  if (h.count === 0 || Number.isNaN(phi)) return Number.NaN;
  const hasNaN = Number.isNaN(h.sum);
  const forwards = hasNaN || phi < 0.5;
  const tell = (what: string): void => {
    const message = `input to histogram_quantile has NaN observations, result is ${what}`;
    evaluator.context.annotations.info(forMetric(message, name), arg.span);
  };
  let rank = (forwards ? phi : 1 - phi) * h.count;
  let count = 0;
  let bucket: Interval = { lower: 0, upper: 0, count: 0 };
  for (const interval of forwards ? intervals(h) : intervals(h).toReversed()) {
    if (interval.count === 0) continue;
    bucket = interval;
    count += interval.count;
    if (count >= rank) break;
  }
  if (isCustom(h)) {
    if (bucket.lower === Number.NEGATIVE_INFINITY) {
      if (bucket.upper <= 0) return bucket.upper;
      bucket = { ...bucket, lower: 0 };
    } else if (bucket.upper === Number.POSITIVE_INFINITY) return bucket.lower;
  } else bucket = trimmedZero(h, bucket);
  count = Math.min(count, h.count);
  if (count < rank) {
    if (!hasNaN) return bucket.upper;
    tell('NaN');
    return Number.NaN;
  }
  if (hasNaN) tell('skewed higher');
  rank = forwards ? rank - (count - bucket.count) : count - rank;
  const share = rank / bucket.count;
  if (isCustom(h) || (bucket.lower <= 0 && bucket.upper >= 0)) {
    return bucket.lower + (bucket.upper - bucket.lower) * share;
  }
  const logLower = Math.log2(Math.abs(bucket.lower));
  const logUpper = Math.log2(Math.abs(bucket.upper));
  if (bucket.lower > 0) return 2 ** (logLower + (logUpper - logLower) * share);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - share)));
}

export function nativeFraction(
  evaluator: Evaluator,
  lower: number,
  upper: number,
  h: NativeHistogram,
  arg: Expr,
  name: string,
): number {
  if (h.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  const all = intervals(h);
  let count = h.count;
  if (Number.isNaN(h.sum)) {
    const message = 'input to histogram_fraction has NaN observations, which are excluded from all fractions';
    evaluator.context.annotations.info(forMetric(message, name), arg.span);
  }
  if (lower >= upper) return 0;
  const total = all.reduce((sum, interval) => sum + interval.count, 0);
  if (Number.isNaN(h.sum)) count = h.count;
  const low = Math.min(rankOf(h, all, lower), total);
  const high = Math.min(rankOf(h, all, upper), total);
  return (high - low) / count;
}

/** Observations below `value`. */
function rankOf(h: NativeHistogram, all: readonly Interval[], value: number): number {
  let rank = 0;
  for (const interval of all) {
    const own = trimmedZero(h, interval);
    if (own.lower >= value) return rank;
    const linear = isCustom(h) || (interval.lower <= 0 && interval.upper >= 0);
    if (own.upper > value) return rank + own.count * shareBelow(own, value, linear);
    rank += own.count;
  }
  return rank;
}

export function nativePart(name: string, h: NativeHistogram): number {
  switch (name) {
    case 'histogram_count':
      return h.count;
    case 'histogram_sum':
      return h.sum;
    case 'histogram_avg':
      return h.sum / h.count;
    case 'histogram_stdvar':
      return variance(h);
    default:
      return Math.sqrt(variance(h));
  }
}

function variance(h: NativeHistogram): number {
  const mean = h.sum / h.count;
  const sum = new KahanSum();
  for (const { lower, upper, count } of intervals(h)) {
    if (count === 0) continue;
    let value = 0;
    if (isCustom(h)) value = (lower + upper) / 2;
    else if (lower > 0 || upper < 0) value = Math.sqrt(upper * lower) * (upper < 0 ? -1 : 1);
    const delta = value - mean;
    sum.add(count * delta * delta);
  }
  return sum.total / h.count;
}
