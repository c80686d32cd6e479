/**
 * What the disk needs to put a commit back into its segment. All numbers little-endian.
 *
 *   form 0, dense:  one value (f64) for each of the first k columns of a grid; ABSENT where the commit had none
 *   form 1, sparse: u32 count, u32 column * count, f64 value * count
 *   form 2, loose:  as sparse, in a segment without rows
 *   form + 4:       u32 length of what the form without 4 has, that, then for each value that is the mark of a histogram
 *                   its length (varint) and bytes (see histogram/codec.ts)
 *
 * Records of one segment that are written together stand in one row, whose form is 16 + 32 * (ms from the first of them to the
 * last) and whose data are zstd of
 *
 *   { time f64, form u32, length u32, data, zeros up to a multiple of 8 } * records
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { isHistogram } from '../chunk/absent.ts';
import { ByteReader, ByteWriter } from '../chunk/bits.ts';
import type { Segment } from './segment.ts';

export const FORM = { dense: 0, sparse: 1, loose: 2 };
const HISTOGRAMS = 4;

const out = new ByteWriter();

export interface WalRecord {
  readonly segment: Segment;
  readonly timeMs: number;
  readonly form: number;
  readonly data: Uint8Array;
  readonly samples: number;
}

export function denseRecord(segment: Segment, timeMs: number, values: Float64Array): WalRecord {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { segment, timeMs, form: FORM.dense, data, samples: values.length };
}

export function sparseRecord(
  segment: Segment,
  timeMs: number,
  columns: Uint32Array,
  values: Float64Array,
): WalRecord {
  return { segment, timeMs, form: FORM.sparse, data: pairs(columns, values), samples: values.length };
}

export function looseRecord(
  segment: Segment,
  timeMs: number,
  columns: Uint32Array,
  values: Float64Array,
): WalRecord {
  return { segment, timeMs, form: FORM.loose, data: pairs(columns, values), samples: values.length };
}

/** The record with the histograms that `find` knows behind its marks; as it is when it has none. */
export function withHistograms(
  record: WalRecord,
  find: (column: number) => Uint8Array | undefined,
): WalRecord {
  const { form, data } = record;
  const base = readRecord(form, data);
  if (!base?.values.some(isHistogram)) return record;
  out.words(data.length, 0);
  out.length -= 4;
  out.bytes(data);
  base.values.forEach((value, i) => {
    if (!isHistogram(value)) return;
    const bytes = find(base.columns ? base.columns[i]! : i) ?? EMPTY;
    out.varint(bytes.length);
    out.bytes(bytes);
  });
  return { ...record, form: form + HISTOGRAMS, data: out.take() };
}

const EMPTY = new Uint8Array(0);

export interface RecordContent {
  /** Undefined: the first columns, one after the other. */
  readonly columns: Uint32Array | undefined;
  readonly values: Float64Array;
  /** Of the values that are marks, in their order. */
  readonly histograms: readonly Uint8Array[];
}

/** What a record's data say; undefined when its length cannot be right. */
export function readRecord(form: number, data: Uint8Array): RecordContent | undefined {
  if (form < HISTOGRAMS) return readBase(form, data);
  const reader = new ByteReader(data);
  const length = data.length >= 4 ? reader.word() : data.length;
  if (length > data.length - 4) return undefined;
  const base = readBase(form - HISTOGRAMS, copyOf(data, 4, 4 + length));
  if (!base) return undefined;
  reader.at = 4 + length;
  const histograms: Uint8Array[] = [];
  while (reader.at < data.length) {
    const bytes = reader.varint();
    histograms.push(copyOf(data, reader.at, reader.at + bytes));
    reader.at += bytes;
  }
  return { ...base, histograms };
}

/** A Buffer, which is what zlib gives, does not copy with its own `slice`. */
function copyOf(data: Uint8Array, from: number, to: number): Uint8Array {
  return Uint8Array.prototype.slice.call(data, from, to);
}

function readBase(form: number, data: Uint8Array): RecordContent | undefined {
  // Typed arrays need aligned memory.
  const bytes = data.byteOffset % 8 === 0 ? data : copyOf(data, 0, data.length);
  if (form === FORM.dense)
    return bytes.length % 8 === 0
      ? {
          columns: undefined,
          values: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
          histograms: [],
        }
      : undefined;
  const { buffer, byteOffset: start } = bytes;
  const count = bytes.length >= 4 ? new DataView(buffer, start).getUint32(0, true) : 0;
  if (bytes.length !== 4 + count * 12) return undefined;
  return {
    columns: new Uint32Array(buffer, start + 4, count),
    values: new Float64Array(buffer.slice(start + 4 + count * 4, start + 4 + count * 12)),
    histograms: [],
  };
}

function pairs(columns: Uint32Array, values: Float64Array): Uint8Array {
  const count = values.length;
  const data = new Uint8Array(4 + count * 12);
  new DataView(data.buffer).setUint32(0, count, true);
  data.set(new Uint8Array(columns.buffer, columns.byteOffset, count * 4), 4);
  data.set(new Uint8Array(values.buffer, values.byteOffset, count * 8), 4 + count * 4);
  return data;
}

const PACKED = 16;
const SPAN_UNIT = 32;
const ITEM_BYTES = 16;
/** The fastest: a row lives for minutes. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** The form of a row with several records. */
export function packedForm(spanMs: number): number {
  return PACKED + SPAN_UNIT * spanMs;
}

/** Ms from the first record of a row to its last; undefined for the row of one record. */
export function packedSpan(form: number): number | undefined {
  return form >= PACKED ? Math.floor(form / SPAN_UNIT) : undefined;
}

/** What a record takes among others, bytes. */
export function packedBytes(record: WalRecord): number {
  return ITEM_BYTES + ((record.data.length + 7) & ~7);
}

/** Puts a record among others; gives the place behind it. */
export function putPacked(into: Uint8Array, at: number, record: WalRecord): number {
  const view = new DataView(into.buffer, into.byteOffset + at, ITEM_BYTES);
  view.setFloat64(0, record.timeMs, true);
  view.setUint32(8, record.form, true);
  view.setUint32(12, record.data.length, true);
  into.set(record.data, at + ITEM_BYTES);
  return at + packedBytes(record);
}

export function compressPacked(records: Uint8Array): Uint8Array {
  return zstdCompressSync(records, LEVEL);
}

/** The records of a row, in their order; undefined when it does not hold such. */
export function readPacked(data: Uint8Array): { timeMs: number; content: RecordContent }[] | undefined {
  let bytes: Uint8Array;
  try {
    bytes = zstdDecompressSync(data);
  } catch {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: { timeMs: number; content: RecordContent }[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + ITEM_BYTES > bytes.length) return undefined;
    const length = view.getUint32(at + 12, true);
    const from = at + ITEM_BYTES;
    if (from + length > bytes.length) return undefined;
    const content = readRecord(view.getUint32(at + 8, true), bytes.subarray(from, from + length));
    if (!content) return undefined;
    found.push({ timeMs: view.getFloat64(at, true), content });
    at = from + ((length + 7) & ~7);
  }
  return found;
}
