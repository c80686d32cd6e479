/**
 * What the disk needs to put a commit back into its segment. All numbers little-endian.
 *
 *   form 0, dense:  one value (f64) for each of the first k columns of a grid; ABSENT where the commit had none
 *   form 1, sparse: u32 count, u32 column * count, f64 value * count
 *   form 2, loose:  as sparse, in a segment without rows
 *   form + 4:       u32 length of what the form without 4 has, that, then for each value that is the mark of a histogram
 *                   its length (varint) and bytes (see histogram/codec.ts)
 */
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
  const base = readBase(form - HISTOGRAMS, data.slice(4, 4 + length));
  if (!base) return undefined;
  reader.at = 4 + length;
  const histograms: Uint8Array[] = [];
  while (reader.at < data.length) {
    const bytes = reader.varint();
    histograms.push(data.slice(reader.at, reader.at + bytes));
    reader.at += bytes;
  }
  return { ...base, histograms };
}

function readBase(form: number, data: Uint8Array): RecordContent | undefined {
  // Typed arrays need aligned memory.
  const bytes = data.byteOffset % 8 === 0 ? data : data.slice();
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
