/**
 * The mark of "no sample here" in a grid of rows and columns: a NaN payload that no source of samples produces.
 * A sample that arrives with these very bits is stored as an ordinary NaN.
 */
export const ABSENT_LOW = 0x0a5e_0001;
export const ABSENT_HIGH = 0x7ff8_dead;
const ABSENT_BITS = (BigInt(ABSENT_HIGH) << 32n) | BigInt(ABSENT_LOW);

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

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
