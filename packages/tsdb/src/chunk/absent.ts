/**
 * Marks in the place of a value: "no sample here" in a grid of rows and columns, and "a native histogram, which stands
 * beside". NaN payloads that no source of samples produces: a sample that arrives with such bits is stored as an ordinary NaN.
 */
export const ABSENT_LOW = 0x0a5e_0001;
export const ABSENT_HIGH = 0x7ff8_dead;
const HISTOGRAM_LOW = 0x0a5e_0003;
const ABSENT_BITS = (BigInt(ABSENT_HIGH) << 32n) | BigInt(ABSENT_LOW);

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

words[0] = ABSENT_LOW;
words[1] = ABSENT_HIGH;
/** The mark of no sample. Compare with `isAbsent`. */
export const ABSENT: number = scratch[0]!;
words[0] = HISTOGRAM_LOW;
words[1] = ABSENT_HIGH;
/** The mark of a native histogram. Compare with `isHistogram`. */
export const HISTOGRAM: number = scratch[0]!;

/** Marks `count` cells from `start` as holding no sample. */
export function fillAbsent(cells: Float64Array, start: number, count: number): void {
  new BigUint64Array(cells.buffer, cells.byteOffset, cells.length).fill(ABSENT_BITS, start, start + count);
}

/** Whether a cell holds no sample. */
export function isAbsent(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  scratch[0] = value;
  return words[1] === ABSENT_HIGH && words[0] === ABSENT_LOW;
}

/** Whether a native histogram stands beside the value. */
export function isHistogram(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  scratch[0] = value;
  return words[1] === ABSENT_HIGH && words[0] === HISTOGRAM_LOW;
}

/** The value as a sample may have it: the marks are ordinary NaNs. */
export function cleaned(value: number): number {
  return Number.isNaN(value) && (isAbsent(value) || isHistogram(value)) ? Number.NaN : value;
}

/** Whether a cell holds one of the store's marks instead of a value. */
export function isMark(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  scratch[0] = value;
  return words[1] === ABSENT_HIGH;
}

/** Whether two values have the same bits: tells 0 from -0 and one NaN from another. */
export function sameBits(a: number, b: number): boolean {
  if (a === b) return a !== 0 || Object.is(a, b);
  if (!Number.isNaN(a) || !Number.isNaN(b)) return false;
  scratch[0] = a;
  const low = words[0]!;
  const high = words[1]!;
  scratch[0] = b;
  return words[0] === low && words[1] === high;
}
