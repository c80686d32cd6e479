/**
 * The JSON texts of points in columns that grow: a query that is asked again each second writes only its new points. A
 * cell of such a column belongs to one series and one time for good, and so does its text.
 */
import { hasGrown } from './columns.ts';

const COMMA = 0x2c;
/** `[1780000000,"1234567"],` */
const USUAL_BYTES = 24;

/** By the buffer of a column; `once`: its points have been written, but no text was kept. */
const byColumn = new WeakMap<ArrayBufferLike, PointTexts | 'once'>();

/**
 * The texts of the points with these values, which are about to be written; undefined for the first time, as many columns are never
 * written again, and for one that has not grown: its buffer may be that of several series.
 */
export function textsOf(values: Float64Array): PointTexts | undefined {
  const { buffer } = values;
  const known = byColumn.get(buffer);
  if (known instanceof PointTexts) return known;
  if (known === undefined) {
    if (hasGrown(values)) byColumn.set(buffer, 'once');
    return undefined;
  }
  const texts = new PointTexts(buffer.byteLength / Float64Array.BYTES_PER_ELEMENT);
  byColumn.set(buffer, texts);
  return texts;
}

/** Memory that the texts of a column take. */
export function textBytesOf({ buffer }: Float64Array): number {
  const known = byColumn.get(buffer);
  return known instanceof PointTexts ? known.bytes : 0;
}

/** Of cells that follow one another; cells are counted from the beginning of the column's buffer. */
export class PointTexts {
  /** One after another, each with a comma behind it. */
  #text: Uint8Array;
  /** Where they begin, and behind the last one where the next will. */
  readonly #starts: Uint32Array;
  #from = 0;
  #until = 0;

  /** Of a column of so many cells. */
  constructor(cells: number) {
    this.#starts = new Uint32Array(cells + 1);
    this.#text = new Uint8Array(cells * USUAL_BYTES);
  }

  get bytes(): number {
    return this.#text.byteLength + this.#starts.byteLength;
  }

  has(cell: number): boolean {
    return cell >= this.#from && cell < this.#until;
  }

  /** The cell behind the last one up to `end` whose text still fits into `room` bytes with those from `cell`, which is known, on. */
  fitting(cell: number, end: number, room: number): number {
    const starts = this.#starts;
    const most = starts[cell - this.#from]! + room + 1;
    let [low, high] = [cell, Math.min(end, this.#until)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle - this.#from]! <= most) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The texts from `cell` up to `end`, which all are known, with commas between them. */
  between(cell: number, end: number): Uint8Array {
    return this.#text.subarray(this.#starts[cell - this.#from]!, this.#starts[end - this.#from]! - 1);
  }

  /**
   * Keeps the texts of so many cells from `cell` on: they begin at `from` in `bytes` and end at `ends`, with commas between them. Others go
   * for them unless these are of the cells behind those.
   */
  add(cell: number, count: number, bytes: Uint8Array, from: number, ends: Uint32Array): void {
    if (cell !== this.#until) {
      this.#from = cell;
      this.#until = cell;
    }
    const starts = this.#starts;
    const first = cell - this.#from;
    const at = starts[first]!;
    const text = bytes.subarray(from, ends[count - 1]!);
    const end = at + text.length;
    if (end >= this.#text.length) this.#grow(end + 1);
    this.#text.set(text, at);
    this.#text[end] = COMMA;
    for (let i = 0; i < count; i++) starts[first + i + 1] = ends[i]! + 1 - from + at;
    this.#until = cell + count;
  }

  #grow(least: number): void {
    const longer = new Uint8Array(Math.max(least, this.#text.length + (this.#text.length >> 1)));
    longer.set(this.#text);
    this.#text = longer;
  }
}
