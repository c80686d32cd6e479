/**
 * histogram_quantile and histogram_fraction on classic buckets (series with an `le` label).
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile.
 */
export interface Bucket {
  readonly upper: number;
  count: number;
}

export interface BucketQuantile {
  readonly value: number;
  /** Buckets decreased by more than rounding explains and were lifted. */
  readonly forced: boolean;
  readonly forcedFrom: number;
  readonly forcedTo: number;
}

/** Relative difference that is taken for rounding. */
const TOLERANCE = 1e-12;

/** Sorts, merges and repairs `buckets` in place. NaN without a +Inf bucket, with fewer than two, or no observations. */
export function bucketQuantile(phi: number, source: readonly Bucket[]): BucketQuantile {
  const plain = (value: number): BucketQuantile => ({ value, forced: false, forcedFrom: 0, forcedTo: 0 });
  if (Number.isNaN(phi)) return plain(Number.NaN);
  if (phi < 0) return plain(Number.NEGATIVE_INFINITY);
  if (phi > 1) return plain(Number.POSITIVE_INFINITY);
  const sorted = source.toSorted((a, b) => a.upper - b.upper || 0);
  if (sorted.at(-1)?.upper !== Number.POSITIVE_INFINITY) return plain(Number.NaN);
  const buckets = coalesce(sorted);
  const repair = ensureMonotonic(buckets);
  const observations = buckets.at(-1)!.count;
  if (buckets.length < 2 || observations === 0) return { ...repair, value: Number.NaN };
  return { ...repair, value: interpolate(phi, buckets, observations) };
}

function interpolate(phi: number, buckets: readonly Bucket[], observations: number): number {
  let rank = phi * observations;
  const last = buckets.length - 1;
  let b = 0;
  while (b < last && !(buckets[b]!.count >= rank)) b++;
  if (b === last) return buckets[last - 1]!.upper;
  if (b === 0 && buckets[0]!.upper <= 0) return buckets[0]!.upper;
  let start = 0;
  const end = buckets[b]!.upper;
  let count = buckets[b]!.count;
  if (b > 0) {
    start = buckets[b - 1]!.upper;
    count -= buckets[b - 1]!.count;
    rank -= buckets[b - 1]!.count;
  }
  return start + (end - start) * (rank / count);
}

function coalesce(sorted: readonly Bucket[]): Bucket[] {
  const out: Bucket[] = [];
  for (const { upper, count } of sorted) {
    const last = out.at(-1);
    if (last && last.upper === upper) last.count += count;
    else out.push({ upper, count });
  }
  return out;
}

function ensureMonotonic(buckets: Bucket[]): BucketQuantile {
  let previous = buckets[0]!.count;
  let forced = false;
  let forcedFrom = Number.POSITIVE_INFINITY;
  let forcedTo = Number.NEGATIVE_INFINITY;
  for (const bucket of buckets.slice(1)) {
    if (bucket.count === previous) continue;
    if (almostEqual(previous, bucket.count)) {
      bucket.count = previous;
      continue;
    }
    if (bucket.count < previous) {
      bucket.count = previous;
      forced = true;
      forcedFrom = Math.min(forcedFrom, bucket.upper);
      forcedTo = Math.max(forcedTo, bucket.upper);
      continue;
    }
    previous = bucket.count;
  }
  return { value: Number.NaN, forced, forcedFrom, forcedTo };
}

function almostEqual(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < 2.2250738585072014e-308)
    return difference < TOLERANCE * 2.2250738585072014e-308;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

/** The share of observations in [lower, upper]; buckets must hold +Inf. */
export function bucketFraction(lower: number, upper: number, source: readonly Bucket[]): number {
  const sorted = source.toSorted((a, b) => a.upper - b.upper || 0);
  if (sorted.at(-1)?.upper !== Number.POSITIVE_INFINITY) return Number.NaN;
  const buckets = coalesce(sorted);
  const count = buckets.at(-1)!.count;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  // Above the count only where counts are negative, as those of a negated vector.
  const rank = (value: number): number => Math.min(rankAt(value, buckets), count);
  return (rank(upper) - rank(lower)) / count;
}

/** Observations at or below `value`, interpolated within its bucket. */
function rankAt(value: number, buckets: readonly Bucket[]): number {
  if (value === Number.NEGATIVE_INFINITY) return 0;
  let below = 0;
  for (let i = 0; i < buckets.length; i++) {
    const { upper, count } = buckets[i]!;
    const start = i > 0 ? buckets[i - 1]!.upper : upper <= 0 ? Number.NEGATIVE_INFINITY : 0;
    if (value >= upper) {
      below = count;
      continue;
    }
    if (value <= start || start === Number.NEGATIVE_INFINITY || upper === Number.POSITIVE_INFINITY)
      return below;
    return below + (count - below) * ((value - start) / (upper - start));
  }
  return below;
}
