/**
 * A native histogram as bytes. Equal histograms give equal bytes.
 *
 *   flags u8: bits 0-1 reset hint (0 unknown, 1 reset, 2 not reset, 3 gauge) | bit 2: counts are integers |
 *             bit 3: shape and integer counts as differences to the histogram before
 *   without bit 3:
 *     schema signed | zero threshold f64 | bounds varint, f64 each |
 *     { spans varint, { offset signed, length varint } each, buckets varint } positive, then negative
 *   sum f64 | counts: count, zero count, positive buckets, negative buckets
 *
 * Counts are f64, or with bit 2 signed varints: of a bucket the difference to the bucket before it; with bit 3 of each
 * count the difference to the same one before. Shape is all that stands before the sum.
 */
import type { HistogramSpan, NativeHistogram, ResetHint } from '@watchroom/model';
import { type ByteReader, ByteWriter } from '../chunk/bits.ts';

const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];
const HINT_BITS = 3;
const INTEGERS = 4;
const FOLLOWS = 8;
/** Differences of two smaller integers fit a signed varint. */
const MAX_INTEGER = 2 ** 51;

const out = new ByteWriter();

/** The bytes of one histogram by itself. */
export function encodeHistogram(histogram: NativeHistogram): Uint8Array {
  writeHistogram(out, histogram, undefined);
  return out.take();
}

/** Appends a histogram; one of the same shape as `before`, which stands before it, costs little more than what differs. */
export function writeHistogram(
  to: ByteWriter,
  histogram: NativeHistogram,
  before: NativeHistogram | undefined,
): void {
  const integers = hasIntegerCounts(histogram);
  const follows =
    integers && before !== undefined && hasIntegerCounts(before) && isSameShape(histogram, before);
  const hint = HINTS.indexOf(histogram.resetHint);
  to.byte(hint | (integers ? INTEGERS : 0) | (follows ? FOLLOWS : 0));
  if (!follows) writeShape(to, histogram);
  to.float(histogram.sum);
  if (follows) writeDifferences(to, histogram, before);
  else writeCounts(to, histogram, integers);
}

/** Reads what `writeHistogram` wrote, with the same `before`. Throws RangeError when it cannot be that. */
export function readHistogram(from: ByteReader, before: NativeHistogram | undefined): NativeHistogram {
  const flags = from.byte();
  const resetHint = HINTS[flags & HINT_BITS]!;
  if ((flags & FOLLOWS) === 0) return readWhole(from, resetHint, (flags & INTEGERS) !== 0);
  if (!before) throw new RangeError('a histogram follows none');
  return {
    ...before,
    resetHint,
    sum: from.float(),
    count: before.count + from.signed(),
    zeroCount: before.zeroCount + from.signed(),
    positiveBuckets: before.positiveBuckets.map((count) => count + from.signed()),
    negativeBuckets: before.negativeBuckets.map((count) => count + from.signed()),
  };
}

function readWhole(from: ByteReader, resetHint: ResetHint, integers: boolean): NativeHistogram {
  const schema = from.signed();
  const zeroThreshold = from.float();
  const customBounds = Array.from({ length: lengthIn(from) }, () => from.float());
  const [positiveSpans, positive] = readSpans(from);
  const [negativeSpans, negative] = readSpans(from);
  const sum = from.float();
  const one = integers ? () => from.signed() : () => from.float();
  const count = one();
  const zeroCount = one();
  const positiveBuckets = readBuckets(positive, one, integers);
  const negativeBuckets = readBuckets(negative, one, integers);
  return {
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans,
    positiveBuckets,
    negativeSpans,
    negativeBuckets,
    customBounds,
    resetHint,
  };
}

function readBuckets(length: number, one: () => number, differences: boolean): number[] {
  const buckets: number[] = [];
  let before = 0;
  for (let i = 0; i < length; i++) {
    const value = one();
    buckets.push(differences ? before + value : value);
    before = buckets[i]!;
  }
  return buckets;
}

function readSpans(from: ByteReader): [HistogramSpan[], number] {
  const spans = Array.from({ length: lengthIn(from) }, () => ({
    offset: from.signed(),
    length: from.varint(),
  }));
  return [spans, lengthIn(from)];
}

/** A number of things of a byte at least. */
function lengthIn(from: ByteReader): number {
  const length = from.varint();
  if (length > from.bytes.length - from.at) throw new RangeError('not a histogram');
  return length;
}

function writeShape(to: ByteWriter, histogram: NativeHistogram): void {
  to.signed(histogram.schema);
  to.float(histogram.zeroThreshold);
  to.varint(histogram.customBounds.length);
  for (const bound of histogram.customBounds) to.float(bound);
  writeSpans(to, histogram.positiveSpans, histogram.positiveBuckets.length);
  writeSpans(to, histogram.negativeSpans, histogram.negativeBuckets.length);
}

function writeSpans(to: ByteWriter, spans: readonly HistogramSpan[], buckets: number): void {
  to.varint(spans.length);
  for (const { offset, length } of spans) {
    to.signed(offset);
    to.varint(length);
  }
  to.varint(buckets);
}

function writeCounts(to: ByteWriter, histogram: NativeHistogram, integers: boolean): void {
  const one = integers ? (value: number) => to.signed(value) : (value: number) => to.float(value);
  one(histogram.count);
  one(histogram.zeroCount);
  for (const buckets of [histogram.positiveBuckets, histogram.negativeBuckets]) {
    let before = 0;
    for (const count of buckets) {
      one(integers ? count - before : count);
      before = count;
    }
  }
}

function writeDifferences(to: ByteWriter, histogram: NativeHistogram, before: NativeHistogram): void {
  to.signed(histogram.count - before.count);
  to.signed(histogram.zeroCount - before.zeroCount);
  histogram.positiveBuckets.forEach((count, i) => {
    to.signed(count - before.positiveBuckets[i]!);
  });
  histogram.negativeBuckets.forEach((count, i) => {
    to.signed(count - before.negativeBuckets[i]!);
  });
}

function hasIntegerCounts(histogram: NativeHistogram): boolean {
  return (
    isCount(histogram.count) &&
    isCount(histogram.zeroCount) &&
    histogram.positiveBuckets.every(isCount) &&
    histogram.negativeBuckets.every(isCount)
  );
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < MAX_INTEGER && !Object.is(value, -0);
}

function isSameShape(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    a.positiveBuckets.length === b.positiveBuckets.length &&
    a.negativeBuckets.length === b.negativeBuckets.length &&
    isSameSpans(a.positiveSpans, b.positiveSpans) &&
    isSameSpans(a.negativeSpans, b.negativeSpans) &&
    isSameNumbers(a.customBounds, b.customBounds)
  );
}

function isSameSpans(a: readonly HistogramSpan[], b: readonly HistogramSpan[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every(({ offset, length }, i) => offset === b[i]!.offset && length === b[i]!.length)
  );
}

function isSameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));
}
