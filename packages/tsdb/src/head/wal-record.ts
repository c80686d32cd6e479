/**
 * What the disk needs to put a commit back into its segment. All numbers little-endian.
 *
 *   form 0, dense:  one value (f64) for each of the first k columns of a grid; ABSENT where the commit had none
 *   form 1, sparse: u32 count, u32 column * count, f64 value * count
 *   form 2, loose:  as sparse, in a segment without rows
 */
import type { Segment } from './segment.ts';

export const FORM = { dense: 0, sparse: 1, loose: 2 };

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

/** The columns and values of a record's data; undefined when its length cannot be right. */
export function readRecord(
  form: number,
  data: Uint8Array,
): { columns: Uint32Array | undefined; values: Float64Array } | undefined {
  // Typed arrays need aligned memory.
  const bytes = data.byteOffset % 8 === 0 ? data : data.slice();
  if (form === FORM.dense)
    return bytes.length % 8 === 0
      ? { columns: undefined, values: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8) }
      : undefined;
  const { buffer, byteOffset: start } = bytes;
  const count = bytes.length >= 4 ? new DataView(buffer, start).getUint32(0, true) : 0;
  if (bytes.length !== 4 + count * 12) return undefined;
  return {
    columns: new Uint32Array(buffer, start + 4, count),
    values: new Float64Array(buffer.slice(start + 4 + count * 4, start + 4 + count * 12)),
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
