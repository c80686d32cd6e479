/**
 * The JSON texts of points in columns that grow: a query that is asked again each second writes only its new points. A
 * cell of such a column belongs to one series and one time for good, and so does its text.
 */
import { hasGrown } from './columns.ts';

const COMMA = 0x2c;
/** `[1780000000,"1234567"],` */
const USUAL_BYTES = 24;

const byColumn = new WeakMap<ArrayBufferLike, PointTexts>();

/** The texts of the points with these values; undefined for a column that has not grown, which is not likely to come again. */
export function textsOf(values: Float64Array): PointTexts | undefined {
  const { buffer } = values;
  const known = byColumn.get(buffer);
  if (known || !hasGrown(values)) return known;
  const texts = new PointTexts(buffer.byteLength / Float64Array.BYTES_PER_ELEMENT);
  byColumn.set(buffer, texts);
  return texts;
}

/** Memory that the texts of a column take. */
export function textBytesOf({ buffer }: Float64Array): number {
  return byColumn.get(buffer)?.bytes ?? 0;
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

  /** Keeps a text, which others go for unless it is that of the cell behind them. */
  add(cell: number, text: Uint8Array): void {
    if (cell !== this.#until) {
      this.#from = cell;
      this.#until = cell;
    }
    const starts = this.#starts;
    const at = starts[cell - this.#from]!;
    const end = at + text.length;
    if (end >= this.#text.length) this.#grow(end + 1);
    this.#text.set(text, at);
    this.#text[end] = COMMA;
    this.#until = cell + 1;
    starts[cell + 1 - this.#from] = end + 1;
  }

  #grow(least: number): void {
    const longer = new Uint8Array(Math.max(least, this.#text.length + (this.#text.length >> 1)));
    longer.set(this.#text);
    this.#text = longer;
  }
}
