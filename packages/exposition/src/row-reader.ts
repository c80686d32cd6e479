/**
 * Reads a body whose lines are those of the body before, in their order, and differ in their values alone: as nearly every
 * body of a target is. Values go into one column, without a call for each.
 */
import type { DecimalReader } from './decimal.ts';
import { Entry, type EntryReader } from './entry-reader.ts';
import type { RowKernel } from './kernel/row-kernel.ts';
import { LINE, type LinePlace, PackedLines } from './packed-lines.ts';
import type { SeriesTable } from './series-table.ts';
import type { SeriesHandle } from './sink.ts';

const NEWLINE = 10;

/** A line with a value. `onExemplar` is told of the exemplar that the reader has just read, with its series' handle. */
interface Reading {
  readonly reader: EntryReader;
  readonly decimal: DecimalReader;
  readonly onExemplar: (handle: SeriesHandle) => void;
}

export class RowReader {
  readonly #lines: PackedLines;
  /** Of the lines with a value whose series is wanted, after a `read` that succeeded. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Where the next line is looked for. */
  readonly #place: LinePlace = { pos: 0, previous: 0, text: 0 };
  #value = 0;

  private constructor(lines: PackedLines) {
    this.#lines = lines;
    this.values = new Float64Array(lines.handles.length);
  }

  /** For lines in their order, no series of which stands there twice; undefined when one is too long. */
  static of(table: SeriesTable, entries: Int32Array): RowReader | undefined {
    const lines = PackedLines.of(table, entries);
    return lines && new RowReader(lines);
  }

  /** Of the lines with a value whose series is wanted, in their order. */
  get handles(): Int32Array<ArrayBuffer> {
    return this.#lines.handles;
  }

  /** Lines with a value. */
  get samples(): number {
    return this.#lines.samples;
  }

  /** How many lines there are. */
  get count(): number {
    return this.#lines.count;
  }

  /** A table with the lines as its entries, in their order. */
  unpack(): SeriesTable {
    return this.#lines.unpack();
  }

  /**
   * Whether the body is such a one; if not, nothing was done. `onExemplar` is told of the exemplar that the reader has just
   * read, with its series' handle. `kernel`: what reads the usual lines; without it each is looked at here.
   */
  read(
    kernel: RowKernel | undefined,
    reader: EntryReader,
    decimal: DecimalReader,
    onExemplar: (handle: SeriesHandle) => void,
  ): boolean {
    const reading = { reader, decimal, onExemplar };
    const fast = kernel?.open(this.#lines, reader.body) ? kernel : undefined;
    const place = this.#place;
    place.pos = place.previous = place.text = 0;
    const whole = fast ? this.#readWith(fast, reading) : this.#readEach(reading);
    if (!whole) return false;
    reader.pos = place.pos;
    return reader.next() === Entry.end;
  }

  #readEach(reading: Reading): boolean {
    const { count, kinds } = this.#lines;
    const { body } = reading.reader;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    let n = 0;
    for (let line = 0; line < count; line++) {
      if (!this.#line(line, n, view, reading)) return false;
      if (kinds[line] === LINE.wanted) this.values[n++] = this.#value;
    }
    return true;
  }

  /** The kernel stops at lines that it does not know how to read. */
  #readWith(kernel: RowKernel, reading: Reading): boolean {
    const { count, kinds } = this.#lines;
    const { body } = reading.reader;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const values = kernel.values(this.values.length);
    let n = 0;
    let line = 0;
    for (;;) {
      line = kernel.run(line, this.#place, n);
      kernel.putPlace(this.#place);
      if (line === count) break;
      n = kernel.out;
      if (!this.#line(line, n, view, reading)) return false;
      if (kinds[line] === LINE.wanted) values[n++] = this.#value;
      line++;
    }
    this.values.set(values);
    return true;
  }

  /** Reads the line at `#place`, which would give the n-th value; false when it is another one. */
  #line(line: number, n: number, view: DataView, { reader, decimal, onExemplar }: Reading): boolean {
    const { body, limit } = reader;
    const lines = this.#lines;
    const from = this.#place.pos;
    if (!lines.matches(line, body, view, this.#place)) return false;
    const after = from + lines.lengths[line]!;
    const kind = lines.kinds[line]!;
    if (kind === LINE.comment) {
      lines.pass(line, this.#place, after);
      // A comment that ended a body without a newline may be the beginning of this one.
      return body[after - 1] === NEWLINE;
    }
    const value = decimal.read(body, after, limit);
    const end = decimal.end;
    if (end > 0 && end < limit && body[end] === NEWLINE) {
      this.#value = value;
      lines.pass(line, this.#place, end + 1);
      return true;
    }
    reader.entryStart = from;
    reader.pos = from + lines.seriesLengthOf(line);
    if (reader.suffix() !== Entry.series || reader.timeMs !== undefined) return false;
    this.#value = reader.value;
    if (kind === LINE.wanted && reader.hasExemplar) onExemplar(lines.handles[n]!);
    lines.pass(line, this.#place, reader.pos);
    return true;
  }
}
