/**
 * A native histogram of either message; the two number its fields alike. Integer buckets come as differences.
 * Source: Prometheus prompb/types.proto and prompb/io/prometheus/write/v2/types.proto, message Histogram.
 */
import {
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramSpan,
  type NativeHistogram,
  type ResetHint,
} from '@watchroom/model';
import { RequestTooLargeError } from './errors.ts';
import { BYTES, FIXED64, VARINT, type Wire } from './wire.ts';

export interface DecodedHistogram {
  readonly timeMs: number;
  readonly histogram: NativeHistogram;
  /** Its counts are whole numbers that must add up. */
  readonly integers: boolean;
}

const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];
const MESSAGE = 'Histogram';
/** Buckets or bounds of a histogram: far above what makes sense. */
const MOST_NUMBERS = 65_536;

/** Reads up to `end`, which is where the message ends; throws MalformedError. Nothing of its shape is checked. */
export function readHistogram(wire: Wire, end: number): DecodedHistogram {
  let timeMs = 0;
  let integers = true;
  let hint = 0;
  const h = { schema: 0, zeroThreshold: 0, zeroCount: 0, count: 0, sum: 0 };
  const spans = { positive: [] as HistogramSpan[], negative: [] as HistogramSpan[] };
  const deltas = { positive: [] as number[], negative: [] as number[] };
  const counts = { positive: [] as number[], negative: [] as number[] };
  const custom: number[] = [];
  const double = (): number => {
    wire.expect(FIXED64, MESSAGE);
    return wire.double(end);
  };
  const varint = (read: (limit: number) => number): number => {
    wire.expect(VARINT, MESSAGE);
    return read.call(wire, end);
  };
  while (wire.next(end)) {
    switch (wire.field) {
      case 1:
        h.count = varint(wire.varint);
        break;
      case 2:
        h.count = double();
        integers = false;
        break;
      case 3:
        h.sum = double();
        break;
      case 4:
        h.schema = varint(wire.sint64);
        break;
      case 5:
        h.zeroThreshold = double();
        break;
      case 6:
        h.zeroCount = varint(wire.varint);
        break;
      case 7:
        h.zeroCount = double();
        break;
      case 8:
        readSpan(wire, end, spans.negative);
        break;
      case 9:
        readPacked(wire, end, VARINT, wire.sint64, deltas.negative);
        break;
      case 10:
        readPacked(wire, end, FIXED64, wire.double, counts.negative);
        break;
      case 11:
        readSpan(wire, end, spans.positive);
        break;
      case 12:
        readPacked(wire, end, VARINT, wire.sint64, deltas.positive);
        break;
      case 13:
        readPacked(wire, end, FIXED64, wire.double, counts.positive);
        break;
      case 14:
        hint = varint(wire.int64);
        break;
      case 15:
        timeMs = varint(wire.int64);
        break;
      case 16:
        readPacked(wire, end, FIXED64, wire.double, custom);
        break;
      default:
        wire.skip(end);
    }
  }
  const histogram: NativeHistogram = {
    ...h,
    positiveSpans: spans.positive,
    positiveBuckets: integers ? summed(deltas.positive) : counts.positive,
    negativeSpans: spans.negative,
    negativeBuckets: integers ? summed(deltas.negative) : counts.negative,
    customBounds: h.schema === CUSTOM_BOUNDS_SCHEMA ? custom : [],
    resetHint: HINTS[hint] ?? 'unknown',
  };
  return { timeMs, histogram, integers };
}

function readSpan(wire: Wire, end: number, into: HistogramSpan[]): void {
  wire.expect(BYTES, MESSAGE);
  const limit = wire.limit(end);
  let [offset, length] = [0, 0];
  while (wire.next(limit)) {
    if (wire.field > 2) {
      wire.skip(limit);
      continue;
    }
    wire.expect(VARINT, 'BucketSpan');
    if (wire.field === 1) offset = wire.sint64(limit);
    else length = wire.varint(limit);
  }
  if (into.length >= MOST_NUMBERS)
    throw new RequestTooLargeError(`more than ${MOST_NUMBERS} spans in a histogram`);
  into.push({ offset, length });
}

/** A repeated number, packed or one by one: both are valid. Throws RequestTooLargeError beyond `most`. */
export function readPacked(
  wire: Wire,
  end: number,
  type: number,
  read: (limit: number) => number,
  into: number[],
  most = MOST_NUMBERS,
): void {
  let limit = end;
  const isPacked = wire.type !== type;
  if (isPacked) {
    wire.expect(BYTES, MESSAGE);
    limit = wire.limit(end);
  }
  do {
    if (isPacked && wire.at >= limit) return;
    if (into.length >= most) throw new RequestTooLargeError(`more than ${most} numbers in one field`);
    into.push(read.call(wire, limit));
  } while (isPacked);
}

function summed(deltas: readonly number[]): number[] {
  let count = 0;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}
