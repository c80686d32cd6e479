/**
 * Reads the wanted rows of one column of a slice. Columns of small integers without specials or exceptions, which are
 * nearly all, take one loop without words in between; the others are read whole by column.ts. Format: column.ts and
 * residuals.ts.
 */
import type { ByteReader } from './bits.ts';
import { DIFFERENCES, KIND, MAX_ROWS, POWERS, readColumn, SPECIALS } from './column.ts';
import { fieldsOf, openFields } from './fields.ts';
import { SPARSE } from './residuals.ts';

/** Fields up to this wide stand in the four bytes at their start. */
const NARROW_BITS = 25;

let whole = new Float64Array(1024);

/** Of the column of `rows` rows at the reader's place, puts those at from ≤ i < end into `target` from `to` on. */
export function decodeRows(
  reader: ByteReader,
  rows: number,
  from: number,
  end: number,
  target: Float64Array,
  to: number,
): void {
  const start = reader.at;
  const kind = reader.byte();
  const mode = kind & 3;
  if ((kind & SPECIALS) === 0) {
    if (mode === KIND.constant) {
      const bytesAt = reader.at;
      const value = reader.float();
      if (!Number.isNaN(value)) {
        target.fill(value, to, to + end - from);
        return;
      }
      reader.at = bytesAt;
    }
    if (mode === KIND.decimal) {
      const differences = (kind & DIFFERENCES) !== 0;
      if (decodeDecimal(reader, rows, from, end, differences, target, to)) return;
    }
  }
  reader.at = start;
  if (whole.length < rows) whole = new Float64Array(Math.min(MAX_ROWS + 1, rows * 2));
  readColumn(reader, whole, 0, rows);
  target.set(whole.subarray(from, end), to);
}

/** False when the residuals have exceptions or wide fields. */
function decodeDecimal(
  reader: ByteReader,
  rows: number,
  from: number,
  end: number,
  differences: boolean,
  target: Float64Array,
  to: number,
): boolean {
  const power = POWERS[reader.byte()] ?? 1;
  const first = reader.signed();
  const centre = reader.signed();
  const head = reader.byte();
  const exceptions = reader.varint();
  const width = head & 127;
  if (exceptions > 0 || width > NARROW_BITS) return false;
  const sparse = (head & SPARSE) !== 0;
  openFields(reader, sparse ? rows * (width + 1) : rows * width);
  const { view, base } = fieldsOf();
  const at = base * 8;
  if (!differences && !sparse) distances(view, at, width, centre, from, end, target, to);
  else if (differences && !sparse) sums(view, at, width, first, centre, from, end, target, to);
  else sparseRows(view, at, rows, width, differences, first, centre, from, end, target, to);
  if (power !== 1) for (let i = to; i < to + end - from; i++) target[i]! /= power;
  return true;
}

function distances(
  view: DataView,
  base: number,
  width: number,
  centre: number,
  from: number,
  end: number,
  target: Float64Array,
  to: number,
): void {
  const mask = (1 << width) - 1;
  let at = base + from * width;
  for (let i = to; i < to + end - from; i++) {
    const residual = (view.getUint32(at >>> 3, true) >>> (at & 7)) & mask;
    at += width;
    target[i] = centre + ((residual >>> 1) ^ -(residual & 1));
  }
}

function sums(
  view: DataView,
  base: number,
  width: number,
  first: number,
  centre: number,
  from: number,
  end: number,
  target: Float64Array,
  to: number,
): void {
  const mask = (1 << width) - 1;
  let at = base;
  let value = first - centre;
  for (let i = 0; i < from; i++) {
    const residual = (view.getUint32(at >>> 3, true) >>> (at & 7)) & mask;
    at += width;
    value += centre + ((residual >>> 1) ^ -(residual & 1));
  }
  for (let i = to; i < to + end - from; i++) {
    const residual = (view.getUint32(at >>> 3, true) >>> (at & 7)) & mask;
    at += width;
    value += centre + ((residual >>> 1) ^ -(residual & 1));
    target[i] = value;
  }
}

function sparseRows(
  view: DataView,
  base: number,
  rows: number,
  width: number,
  differences: boolean,
  first: number,
  centre: number,
  from: number,
  end: number,
  target: Float64Array,
  to: number,
): void {
  const mask = (1 << width) - 1;
  const offset = to - from;
  let flagAt = base;
  let at = base + rows;
  let value = differences ? first - centre : 0;
  for (let i = 0; i < end; i++) {
    let distance = 0;
    if (((view.getUint8(flagAt >>> 3) >>> (flagAt & 7)) & 1) === 1) {
      const residual = (view.getUint32(at >>> 3, true) >>> (at & 7)) & mask;
      at += width;
      distance = (residual >>> 1) ^ -(residual & 1);
    }
    flagAt++;
    value = (differences ? value : 0) + centre + distance;
    if (i >= from) target[offset + i] = value;
  }
}
