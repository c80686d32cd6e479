/**
 * Cells of a grid in less room: of each column's eight values one as it is, and what the others are above it in as few bytes as
 * that takes. Half of all series do not change within eight scrapes, and most others count in whole numbers; what is neither
 * stays as it is. Any cell can be read without the others. Only in memory: blocks on disk have their own compression.
 */
import { ABSENT, fillAbsent } from '../chunk/absent.ts';
import type { ValuesPool } from './values-pool.ts';

/** Rows in the cells of one column. */
export const BLOCK_SHIFT = 3;
export const BLOCK_ROWS: number = 1 << BLOCK_SHIFT;

/** All values have the bits of the first. */
const SAME = 0;
/** The lowest value, and eight differences of 1, 2 or 4 bytes. */
const BYTES = 1;
const HALVES = 2;
const WORDS = 3;
/** Eight values. */
const PLAIN = 4;
const KIND_SHIFT = 3;
const KIND_MASK = (1 << KIND_SHIFT) - 1;
/** Of eight bytes each, by kind. */
const UNITS = [1, 2, 3, 5, 8] as const;

/** Nothing is packed that would take more of its room than this. */
const LARGEST_SHARE = 0.75;
/** New memory is a multiple of so many units, of fewer columns of as many as those, so that it is likely to fit other grids later. */
const ROUND_UNITS = 256;

/** One piece of memory as what may stand in it: first a word for each column, then what the columns hold. */
class Views {
  readonly units: Float64Array;
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  readonly bytes: Uint8Array;

  constructor(units: Float64Array) {
    const { buffer, byteOffset, byteLength } = units;
    this.units = units;
    this.words = new Uint32Array(buffer, byteOffset, byteLength >> 2);
    this.halves = new Uint16Array(buffer, byteOffset, byteLength >> 1);
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/** Written to and copied from, one grid at a time. */
let scratch = new Views(new Float64Array(8 * ROUND_UNITS));

export class PackedCells {
  readonly #columns: number;
  readonly #views: Views;

  private constructor(columns: number, units: Float64Array) {
    this.#columns = columns;
    this.#views = new Views(units);
  }

  /**
   * The first columns of a block, each of BLOCK_ROWS cells; undefined when that would not save enough. The memory is of the
   * pool.
   */
  static of(cells: Float64Array, columns: number, pool: ValuesPool): PackedCells | undefined {
    const most = columns * (BLOCK_ROWS + 1);
    if (scratch.units.length < most) scratch = new Views(new Float64Array(most));
    const used = pack(cells, columns, scratch);
    if (used > columns * BLOCK_ROWS * LARGEST_SHARE) return undefined;
    const step = Math.min(ROUND_UNITS, columns);
    const units = pool.take(Math.ceil(used / step) * step);
    units.set(scratch.units.subarray(0, used));
    return new PackedCells(columns, units);
  }

  get byteLength(): number {
    return this.#views.units.byteLength;
  }

  /** The cell of a row of the block; ABSENT in columns that have come since. */
  cell(column: number, row: number): number {
    if (column >= this.#columns) return ABSENT;
    const { units, words, halves, bytes } = this.#views;
    const word = words[column]!;
    const at = word >>> KIND_SHIFT;
    switch (word & KIND_MASK) {
      case SAME:
        return units[at]!;
      case BYTES:
        return units[at]! + bytes[(at + 1) * 8 + row]!;
      case HALVES:
        return units[at]! + halves[(at + 1) * 4 + row]!;
      case WORDS:
        return units[at]! + words[(at + 1) * 2 + row]!;
      default:
        return units[at + row]!;
    }
  }

  /** Puts the cells of a row of the first `count` columns named into an array. */
  cells(columns: Int32Array, count: number, row: number, into: Float64Array): void {
    for (let k = 0; k < count; k++) into[k] = this.cell(columns[k]!, row);
  }

  /** Puts the cells of a column from row `from` up to `end` into an array at `to`. */
  read(column: number, from: number, end: number, into: Float64Array, to: number): void {
    if (column >= this.#columns) fillAbsent(into, to, end - from);
    else for (let row = from, at = to; row < end; row++) into[at++] = this.cell(column, row);
  }

  /** Puts all cells back into a block, of which columns that have come since hold nothing yet. */
  unpack(cells: Float64Array): void {
    for (let column = 0; column < this.#columns; column++)
      this.read(column, 0, BLOCK_ROWS, cells, column << BLOCK_SHIFT);
  }

  /** Lets others have the memory; nothing can be read any more. */
  release(pool: ValuesPool): void {
    pool.give(this.#views.units);
  }
}

/** The lowest value of the column that `kindOf` looked at last, where its kind is told by differences. */
let lowest = 0;

/** Gives how many units are used. */
function pack(cells: Float64Array, columns: number, { units, words, halves, bytes }: Views): number {
  const bits = new Int32Array(cells.buffer, cells.byteOffset, columns * BLOCK_ROWS * 2);
  let at = (columns + 1) >> 1;
  for (let column = 0; column < columns; column++) {
    const first = column << BLOCK_SHIFT;
    const kind = kindOf(cells, bits, first);
    words[column] = (at << KIND_SHIFT) | kind;
    units[at] = kind === SAME ? cells[first]! : lowest;
    const from = at + 1;
    for (let row = 0; kind !== SAME && row < BLOCK_ROWS; row++) {
      const value = cells[first + row]!;
      if (kind === BYTES) bytes[from * 8 + row] = value - lowest;
      else if (kind === HALVES) halves[from * 4 + row] = value - lowest;
      else if (kind === WORDS) words[from * 2 + row] = value - lowest;
      else units[at + row] = value;
    }
    at += UNITS[kind]!;
  }
  return at;
}

/**
 * In one loop, as small as can be: this runs for a moment every eight scrapes, and compiling it well cost more than it took.
 * Whole numbers can be told by their difference, but -0 cannot. The difference of two that are less than 2^32 apart is exact
 * however large they are, and so is the sum that gives the higher one back.
 */
function kindOf(cells: Float64Array, bits: Int32Array, first: number): number {
  const [low, high] = [bits[first * 2], bits[first * 2 + 1]];
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let isSame = true;
  let isWhole = true;
  for (let i = first; i < first + BLOCK_ROWS; i++) {
    const value = cells[i]!;
    if (bits[i * 2] !== low || bits[i * 2 + 1] !== high) isSame = false;
    // NaN is not equal to itself; of zeros only -0 has a highest bit.
    if (Math.floor(value) !== value || (value === 0 && bits[i * 2 + 1] !== 0)) isWhole = false;
    if (!isSame && !isWhole) return PLAIN;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (isSame) return SAME;
  lowest = least;
  if (most - least < 2 ** 8) return BYTES;
  if (most - least < 2 ** 16) return HALVES;
  return most - least < 2 ** 32 ? WORDS : PLAIN;
}
