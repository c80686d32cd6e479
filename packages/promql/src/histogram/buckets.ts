/**
 * Native histograms as sparse, sorted buckets, and between them and spans.
 * Bucket i of schema s ≥ −4 covers (2^((i−1)·2^−s), 2^(i·2^−s)]; with custom bounds (bound[i−1], bound[i]].
 * Source: https://prometheus.io/docs/specs/native_histograms/.
 */
import { CUSTOM_BOUNDS_SCHEMA, type HistogramSpan, type NativeHistogram } from '@watchroom/model';

/** Counts by bucket index, in ascending order of index. */
export type Buckets = readonly (readonly [index: number, count: number])[];

export function isCustom(histogram: NativeHistogram): boolean {
  return histogram.schema === CUSTOM_BOUNDS_SCHEMA;
}

export function expandSpans(spans: readonly HistogramSpan[], counts: readonly number[]): Buckets {
  const out: [number, number][] = [];
  let index = 0;
  let n = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) out.push([index++, counts[n++] ?? 0]);
  }
  return out;
}

/** Leaves empty buckets out, so that equal histograms have equal spans. */
export function packSpans(buckets: Buckets): { spans: HistogramSpan[]; counts: number[] } {
  const spans: { offset: number; length: number }[] = [];
  const counts: number[] = [];
  let next = 0;
  for (const [index, count] of buckets) {
    if (count === 0) continue;
    const last = spans.at(-1);
    if (last && index === next) last.length++;
    else spans.push({ offset: spans.length === 0 ? index : index - next, length: 1 });
    counts.push(count);
    next = index + 1;
  }
  return { spans, counts };
}

export const positiveOf = (h: NativeHistogram): Buckets => expandSpans(h.positiveSpans, h.positiveBuckets);
export const negativeOf = (h: NativeHistogram): Buckets => expandSpans(h.negativeSpans, h.negativeBuckets);

export interface HistogramParts {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  readonly customBounds: readonly number[];
  readonly resetHint: NativeHistogram['resetHint'];
}

export function partsOf(h: NativeHistogram): HistogramParts {
  return { ...h, positive: positiveOf(h), negative: negativeOf(h) };
}

export function build(parts: HistogramParts): NativeHistogram {
  const positive = packSpans(parts.positive);
  const negative = packSpans(parts.negative);
  return {
    schema: parts.schema,
    zeroThreshold: parts.zeroThreshold,
    zeroCount: parts.zeroCount,
    count: parts.count,
    sum: parts.sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    negativeSpans: negative.spans,
    negativeBuckets: negative.counts,
    customBounds: parts.customBounds,
    resetHint: parts.resetHint,
  };
}

/** The bucket of a coarser schema that holds bucket `index`. */
export function coarserIndex(index: number, from: number, to: number): number {
  return ((index - 1) >> (from - to)) + 1;
}

export function coarser(buckets: Buckets, from: number, to: number): Buckets {
  if (from <= to) return buckets;
  const out: [number, number][] = [];
  for (const [index, count] of buckets) {
    const target = coarserIndex(index, from, to);
    const last = out.at(-1);
    if (last && last[0] === target) last[1] += count;
    else out.push([target, count]);
  }
  return out;
}

/** Of schema 8, the finest. */
const FINE_STEPS = 256;
/**
 * Its bounds from 1 to 2 with Prometheus' digits: products of 2^(1/2), 2^(1/4) … by the bits of the index, the first rounded
 * down.
 */
const FINE_BOUNDS: Float64Array = fineBounds();

function fineBounds(): Float64Array {
  const bounds = new Float64Array(FINE_STEPS).fill(1);
  let root = 2;
  for (let bit = FINE_STEPS / 2; bit >= 1; bit /= 2) {
    root = Math.sqrt(root);
    const factor = bit === FINE_STEPS / 2 ? Math.SQRT2 - Number.EPSILON : root;
    for (let i = 0; i < FINE_STEPS; i++) if ((i & bit) !== 0) bounds[i]! *= factor;
  }
  return bounds;
}

/** Upper bound of a bucket of an exponential schema. */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    if (exponent === 1024) return Number.MAX_VALUE;
    return 2 ** exponent;
  }
  const steps = 2 ** schema;
  const fraction = ((index % steps) + steps) % steps;
  const exponent = Math.floor(index / steps);
  if (fraction === 0 && exponent === 1024) return Number.MAX_VALUE;
  return FINE_BOUNDS[fraction * (FINE_STEPS / steps)]! * 2 ** exponent;
}

export function upperBound(h: NativeHistogram, index: number): number {
  if (isCustom(h)) return index < h.customBounds.length ? h.customBounds[index]! : Number.POSITIVE_INFINITY;
  return exponentialBound(index, h.schema);
}

export function lowerBound(h: NativeHistogram, index: number): number {
  if (!isCustom(h)) return exponentialBound(index - 1, h.schema);
  return index <= 0 ? Number.NEGATIVE_INFINITY : h.customBounds[index - 1]!;
}
