/**
 * The trim operators: `h </ x` drops the observations above x, `h >/ x` those below. A bucket that x cuts is shared out
 * as for quantiles; the sum is estimated from the middles of what is left, unless nothing was dropped.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#histogram-trim-operators.
 */
import type { NativeHistogram } from '@watchroom/model';
import { type Buckets, build, isCustom, lowerBound, partsOf, upperBound } from './buckets.ts';
import { type Interval, shareBelow, trimmedZero } from './intervals.ts';

interface Kept {
  readonly count: number;
  readonly sum: number;
}

export function trimHistogram(h: NativeHistogram, at: number, upper: boolean): NativeHistogram {
  const parts = partsOf(h);
  let sum = 0;
  let count = 0;
  let changed = false;
  const keep = (interval: Interval, linear = isCustom(h)): number => {
    const kept = cut({ interval: trimmedZero(h, interval), linear, at, upper });
    if (kept.count !== interval.count) changed = true;
    sum += kept.sum;
    count += kept.count;
    return kept.count;
  };
  const side = (buckets: Buckets, sign: number): Buckets =>
    buckets.map(([index, own]) => {
      const bounds = [sign * lowerBound(h, index), sign * upperBound(h, index)];
      return [index, keep({ lower: Math.min(...bounds), upper: Math.max(...bounds), count: own })] as const;
    });
  const positive = side(parts.positive, 1);
  const negative = side(parts.negative, -1);
  const zeroCount = keep({ lower: -h.zeroThreshold, upper: h.zeroThreshold, count: h.zeroCount }, true);
  return changed ? build({ ...parts, positive, negative, zeroCount, count, sum }) : h;
}

interface Cut {
  readonly interval: Interval;
  /** Custom and zero buckets are shared out evenly, exponential ones by logarithm. */
  readonly linear: boolean;
  readonly at: number;
  readonly upper: boolean;
}

const NOTHING: Kept = { count: 0, sum: 0 };

function cut({ interval, linear, at, upper }: Cut): Kept {
  const { lower, count } = interval;
  if (count === 0) return NOTHING;
  const unbounded = lower === Number.NEGATIVE_INFINITY || interval.upper === Number.POSITIVE_INFINITY;
  const whole = upper ? interval.upper <= at : lower >= at;
  if (whole) return { count, sum: count * middle(interval, linear) };
  if (upper ? lower >= at : interval.upper <= at) return NOTHING;
  if (unbounded) return cutUnbounded({ interval, linear, at, upper });
  const below = shareBelow(interval, at, linear);
  const part = upper ? { ...interval, upper: at } : { ...interval, lower: at };
  const own = count * (upper ? below : 1 - below);
  return { count: own, sum: own * middle(part, linear) };
}

/** Custom buckets without a lower or upper bound cannot be shared out. */
function cutUnbounded({ interval, linear, at, upper }: Cut): Kept {
  const { count } = interval;
  if (interval.upper === Number.POSITIVE_INFINITY) {
    const whole = interval.lower === Number.NEGATIVE_INFINITY;
    return upper || whole ? NOTHING : { count, sum: count * at };
  }
  if (interval.upper > 0)
    return at < 0 ? NOTHING : cut({ interval: { ...interval, lower: 0 }, linear, at, upper });
  return upper ? { count, sum: count * at } : NOTHING;
}

/** The value that stands for a bucket's observations. */
function middle({ lower, upper }: Interval, linear: boolean): number {
  if (upper === Number.POSITIVE_INFINITY) return lower === Number.NEGATIVE_INFINITY ? 0 : lower;
  if (lower === Number.NEGATIVE_INFINITY) return upper <= 0 ? upper : upper / 2;
  if (linear) return (lower + upper) / 2;
  return Math.sqrt(lower * upper) * (upper < 0 ? -1 : 1);
}
