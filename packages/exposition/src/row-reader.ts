/**
 * Reads a body whose lines are those of the body before, in their order, and differ in their values alone: as nearly every
 * body of a target is. Values go into one column, without a call for each.
 */
import type { DecimalReader } from './decimal.ts';
import { Entry, type EntryReader } from './entry-reader.ts';
import { LINE, type RowKernel, type RowLines } from './kernel/row-kernel.ts';
import type { LineFacts, SeriesTable } from './series-table.ts';
import type { SeriesHandle } from './sink.ts';

const NEWLINE = 10;
const UNWANTED = 0;

/** A line with a value. `onExemplar` is told of the exemplar that the reader has just read, with its series' handle. */
interface Reading {
  readonly reader: EntryReader;
  readonly decimal: DecimalReader;
  readonly onExemplar: (handle: SeriesHandle) => void;
}

export class RowReader {
  readonly #table: SeriesTable;
  readonly #entries: Int32Array;
  readonly #lines: Omit<RowLines, 'texts'>;
  /** Of the lines with a value whose series is wanted, in their order. */
  readonly handles: Int32Array<ArrayBuffer>;
  /** Of those lines, after a `read` that succeeded. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Lines with a value. */
  readonly samples: number;
  /** Behind the line that was read last. */
  #pos = 0;
  #value = 0;

  /** For lines in their order, no series of which stands there twice. */
  constructor(table: SeriesTable, entries: Int32Array) {
    this.#table = table;
    this.#entries = entries;
    this.#lines = {
      count: entries.length,
      starts: Int32Array.from(entries, (entry) => table.startOf(entry)),
      lengths: Int32Array.from(entries, (entry) => table.prefixLength[entry]!),
      kinds: Uint8Array.from(entries, (entry) => kindOf(table.facts[entry]!)),
    };
    const handles = [...entries]
      .map((entry) => table.facts[entry]!)
      .filter(({ isComment }) => !isComment)
      .map(({ handle }) => handle);
    this.samples = handles.length;
    this.handles = Int32Array.from(handles.filter((handle) => handle !== UNWANTED));
    this.values = new Float64Array(this.handles.length);
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
    const { body } = reader;
    const reading = { reader, decimal, onExemplar };
    const fast = kernel?.open({ ...this.#lines, texts: this.#table.texts }, body) ? kernel : undefined;
    const whole = fast ? this.#readWith(fast, reading) : this.#readEach(reading);
    if (!whole) return false;
    reader.pos = this.#pos;
    return reader.next() === Entry.end;
  }

  #readEach(reading: Reading): boolean {
    const { count, kinds } = this.#lines;
    const { body } = reading.reader;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#pos = 0;
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
    let line = kernel.run(0, 0, 0);
    while (line < count) {
      let n = kernel.out;
      this.#pos = kernel.pos;
      if (!this.#line(line, n, view, reading)) return false;
      if (kinds[line] === LINE.wanted) values[n++] = this.#value;
      line = kernel.run(line + 1, this.#pos, n);
    }
    this.#pos = kernel.pos;
    this.values.set(values);
    return true;
  }

  /** Reads the line at `#pos`, which would give the n-th value; false when it is another one. */
  #line(line: number, n: number, view: DataView, { reader, decimal, onExemplar }: Reading): boolean {
    const { body, limit } = reader;
    const entry = this.#entries[line]!;
    const from = this.#pos;
    if (!this.#table.matches(entry, body, view, from)) return false;
    const after = from + this.#lines.lengths[line]!;
    const kind = this.#lines.kinds[line]!;
    if (kind === LINE.comment) {
      this.#pos = after;
      // A comment that ended a body without a newline may be the beginning of this one.
      return body[after - 1] === NEWLINE;
    }
    const value = decimal.read(body, after, limit);
    const end = decimal.end;
    if (end > 0 && end < limit && body[end] === NEWLINE) {
      this.#value = value;
      this.#pos = end + 1;
      return true;
    }
    reader.entryStart = from;
    reader.pos = from + this.#table.seriesLength[entry]!;
    if (reader.suffix() !== Entry.series || reader.timeMs !== undefined) return false;
    this.#value = reader.value;
    if (kind === LINE.wanted && reader.hasExemplar) onExemplar(this.handles[n]!);
    this.#pos = reader.pos;
    return true;
  }
}

function kindOf({ isComment, handle }: LineFacts): number {
  if (isComment) return LINE.comment;
  return handle === UNWANTED ? LINE.unwanted : LINE.wanted;
}
