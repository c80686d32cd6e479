/**
 * The shape of native histograms: what makes one valid, its canonical spans, and fewer buckets at a coarser schema.
 * Source: https://prometheus.io/docs/specs/native_histograms/ (data model); messages in Prometheus' words.
 */
import { CUSTOM_BOUNDS_SCHEMA, type HistogramSpan, type NativeHistogram } from './histogram.ts';

/** The range of exponential schemas. */
export const MIN_EXPONENTIAL_SCHEMA = -4;
export const MAX_EXPONENTIAL_SCHEMA = 8;

export function isExponentialSchema(schema: number): boolean {
  return schema >= MIN_EXPONENTIAL_SCHEMA && schema <= MAX_EXPONENTIAL_SCHEMA;
}

/**
 * What is wrong with a histogram, or undefined. With `integers` its counts must add up, as those of an integer histogram do;
 * float counts need not. Reads spans before buckets: a span's length may be anything.
 */
export function histogramFault(h: NativeHistogram, integers: boolean): string | undefined {
  const layout = h.schema === CUSTOM_BOUNDS_SCHEMA ? customFault(h) : exponentialFault(h);
  if (layout !== undefined) return layout;
  const negative = countsFault(h.negativeBuckets) ?? countsFault(h.positiveBuckets);
  if (negative !== undefined) return negative;
  if (!integers) {
    if (h.zeroCount < 0) return `zero bucket has observation count of ${h.zeroCount}: ${NEGATIVE_COUNT}`;
    if (h.count < 0) return `observation count is ${h.count}: histogram's observation count is negative`;
    return undefined;
  }
  let inBuckets = h.zeroCount;
  for (const count of h.positiveBuckets) inBuckets += count;
  for (const count of h.negativeBuckets) inBuckets += count;
  const found = `${inBuckets} observations found in buckets, but the Count field is ${h.count}`;
  if (Number.isNaN(h.sum)) {
    if (inBuckets <= h.count) return undefined;
    return `${found}: histogram's observation count should be at least the number of observations found in the buckets`;
  }
  if (inBuckets === h.count) return undefined;
  return `${found}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)`;
}

const NEGATIVE_COUNT = 'histogram has a bucket whose observation count is negative';

function exponentialFault(h: NativeHistogram): string | undefined {
  if (!isExponentialSchema(h.schema)) return `invalid histogram schema ${h.schema}`;
  const positive = spansFault(h.positiveSpans, h.positiveBuckets.length);
  if (positive !== undefined) return `positive side: ${positive}`;
  const negative = spansFault(h.negativeSpans, h.negativeBuckets.length);
  if (negative !== undefined) return `negative side: ${negative}`;
  if (h.customBounds.length > 0) return 'histogram with exponential schema must not have custom bounds';
  return undefined;
}

function customFault(h: NativeHistogram): string | undefined {
  for (let i = 0; i < h.customBounds.length; i++) {
    const bound = h.customBounds[i]!;
    if (!Number.isFinite(bound) && bound !== Number.NEGATIVE_INFINITY)
      return `custom buckets: histogram custom bounds must not be ${Number.isNaN(bound) ? 'NaN' : '+Inf'}`;
    if (i > 0 && bound <= h.customBounds[i - 1]!)
      return `custom buckets: previous bound is ${h.customBounds[i - 1]} and current is ${bound}: histogram custom bounds must be in strictly increasing order`;
  }
  const spans = spansFault(h.positiveSpans, h.positiveBuckets.length);
  if (spans !== undefined) return `custom buckets: ${spans}`;
  let end = 0;
  for (const { offset, length } of h.positiveSpans) end += offset + length;
  if (end > h.customBounds.length + 1 || (h.positiveSpans[0]?.offset ?? 0) < 0)
    return `custom buckets: only ${h.customBounds.length} custom bounds defined which is insufficient to cover total span length of ${end}: histogram custom bounds are too few`;
  if (h.zeroCount !== 0) return 'custom buckets: must have zero count of 0';
  if (h.zeroThreshold !== 0) return 'custom buckets: must have zero threshold of 0';
  if (h.negativeSpans.length > 0) return 'custom buckets: must not have negative spans';
  if (h.negativeBuckets.length > 0) return 'custom buckets: must not have negative buckets';
  return undefined;
}

function spansFault(spans: readonly HistogramSpan[], buckets: number): string | undefined {
  let needed = 0;
  for (let i = 0; i < spans.length; i++) {
    const { offset, length } = spans[i]!;
    if (i > 0 && offset < 0)
      return `span number ${i + 1} with offset ${offset}: histogram has a span whose offset is negative`;
    needed += length;
  }
  if (needed === buckets) return undefined;
  return `spans need ${needed} buckets, have ${buckets} buckets: histogram spans specify different number of buckets than provided`;
}

function countsFault(counts: readonly number[]): string | undefined {
  const at = counts.findIndex((count) => count < 0);
  return at < 0
    ? undefined
    : `bucket number ${at + 1} has observation count of ${counts[at]}: ${NEGATIVE_COUNT}`;
}

interface Side {
  readonly spans: readonly HistogramSpan[];
  readonly buckets: readonly number[];
}

/** The spans and counts of buckets that are not empty; `at` gives the index of a bucket in the result, never descending. */
function pack(side: Side, at: (index: number) => number): Side {
  const spans: { offset: number; length: number }[] = [];
  const buckets: number[] = [];
  let index = 0;
  let n = 0;
  let next = 0;
  for (const { offset, length } of side.spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, n++) {
      const count = side.buckets[n]!;
      if (count === 0) continue;
      const target = at(index);
      const last = spans.at(-1);
      if (last && target === next - 1) buckets[buckets.length - 1]! += count;
      else {
        if (last && target === next) last.length++;
        else spans.push({ offset: last ? target - next : target, length: 1 });
        buckets.push(count);
        next = target + 1;
      }
    }
  }
  return { spans, buckets };
}

const same = (index: number): number => index;

/** The same histogram without empty buckets and empty spans. The histogram must be valid. */
export function compactHistogram(h: NativeHistogram): NativeHistogram {
  return rebuilt(h, h.schema, same);
}

/** The same observations at a coarser exponential schema; empty buckets go. The histogram must be valid. */
export function reduceResolution(h: NativeHistogram, schema: number): NativeHistogram {
  if (schema >= h.schema) return h;
  const by = 2 ** (h.schema - schema);
  return rebuilt(h, schema, (index) => Math.ceil(index / by) + 0);
}

function rebuilt(h: NativeHistogram, schema: number, at: (index: number) => number): NativeHistogram {
  const positive = pack({ spans: h.positiveSpans, buckets: h.positiveBuckets }, at);
  const negative = pack({ spans: h.negativeSpans, buckets: h.negativeBuckets }, at);
  return {
    ...h,
    schema,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}
