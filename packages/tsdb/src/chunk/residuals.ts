/**
 * Packed residuals: n unsigned numbers of up to 64 bits as low and high words, in fields of one width. The few that
 * do not fit are written apart as exceptions. When most are zero, a bitmap says which are not and only those follow.
 *
 *   width u8 (bit 7: bitmap) | exceptions varint | { gap varint, low u32, high u32 }* | bit stream
 */
import { BitWriter, type ByteReader, type ByteWriter } from './bits.ts';
import { field, fieldsOf, openFields } from './fields.ts';

export const SPARSE = 128;
const EXCEPTION_BITS = 72;

const writer = new BitWriter();
const counts = new Uint32Array(65);

/** The field width and whether to use a bitmap. */
interface Plan {
  width: number;
  sparse: boolean;
  bits: number;
}

const plan: Plan = { width: 0, sparse: false, bits: 0 };

export function bitLength(low: number, high: number): number {
  return high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
}

/** Finds the cheapest layout of the first `n` residuals; the answer is overwritten by the next call. */
export function planResiduals(low: Uint32Array, high: Uint32Array, n: number): Readonly<Plan> {
  counts.fill(0);
  for (let i = 0; i < n; i++) counts[bitLength(low[i]!, high[i]!)]!++;
  const nonZero = n - counts[0]!;
  plan.bits = Number.POSITIVE_INFINITY;
  let wider = 0;
  for (let width = 64; width >= 0; width--) {
    const dense = n * width + wider * EXCEPTION_BITS;
    const sparse = n + nonZero * width + wider * EXCEPTION_BITS;
    if (dense <= plan.bits) choose(width, false, dense);
    if (sparse < plan.bits) choose(width, true, sparse);
    wider += counts[width]!;
  }
  return plan;
}

function choose(width: number, sparse: boolean, bits: number): void {
  plan.width = width;
  plan.sparse = sparse;
  plan.bits = bits;
}

export function writeResiduals(out: ByteWriter, low: Uint32Array, high: Uint32Array, n: number): void {
  const { width, sparse } = planResiduals(low, high, n);
  out.byte(width | (sparse ? SPARSE : 0));
  writeExceptions(out, low, high, n, width);
  if (sparse) for (let i = 0; i < n; i++) writer.write((low[i]! | high[i]!) === 0 ? 0 : 1, 1);
  for (let i = 0; i < n; i++) {
    if (sparse && (low[i]! | high[i]!) === 0) continue;
    const fits = bitLength(low[i]!, high[i]!) <= width;
    writer.write(fits ? low[i]! : 0, Math.min(width, 32));
    if (width > 32) writer.write(fits ? high[i]! : 0, width - 32);
  }
  out.bytes(writer.finish());
}

function writeExceptions(
  out: ByteWriter,
  low: Uint32Array,
  high: Uint32Array,
  n: number,
  width: number,
): void {
  let count = 0;
  for (let w = width + 1; w <= 64; w++) count += counts[w]!;
  out.varint(count);
  let previous = 0;
  for (let i = 0; count > 0 && i < n; i++) {
    if (bitLength(low[i]!, high[i]!) <= width) continue;
    out.varint(i - previous);
    out.words(low[i]!, high[i]!);
    previous = i;
    count--;
  }
}

/** Fills the first `n` places of both arrays. */
export function readResiduals(reader: ByteReader, low: Uint32Array, high: Uint32Array, n: number): void {
  const head = reader.byte();
  const width = head & 127;
  const exceptions = reader.varint();
  const exceptionsAt = reader.at;
  for (let i = 0; i < exceptions; i++) {
    reader.varint();
    reader.at += 8;
  }
  const sparse = (head & SPARSE) !== 0;
  openFields(reader, sparse ? n * (width + 1) : n * width);
  if (sparse) readSparse(low, high, n, width);
  else readDense(low, high, n, width);
  reader.at = exceptionsAt;
  let at = 0;
  for (let i = 0; i < exceptions; i++) {
    at += reader.varint();
    low[at] = reader.word();
    high[at] = reader.word();
  }
}

function readDense(low: Uint32Array, high: Uint32Array, n: number, width: number): void {
  const { view, base } = fieldsOf();
  const narrow = Math.min(width, 32);
  let at = base * 8;
  for (let i = 0; i < n; i++) {
    low[i] = field(view, at, narrow);
    high[i] = width > 32 ? field(view, at + 32, width - 32) : 0;
    at += width;
  }
}

function readSparse(low: Uint32Array, high: Uint32Array, n: number, width: number): void {
  const { view, base } = fieldsOf();
  const narrow = Math.min(width, 32);
  let flagAt = base * 8;
  let at = flagAt + n;
  for (let i = 0; i < n; i++) {
    low[i] = 0;
    high[i] = 0;
    if (field(view, flagAt++, 1) === 0) continue;
    low[i] = field(view, at, narrow);
    if (width > 32) high[i] = field(view, at + 32, width - 32);
    at += width;
  }
}
