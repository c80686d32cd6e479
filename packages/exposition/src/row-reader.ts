/**
 * Reads a body whose lines are those of the body before, in their order, and differ in their values alone: as nearly every
 * body of a target is. Values go into one column, without a call for each.
 */
import type { DecimalReader } from './decimal.ts';
import { Entry, type EntryReader } from './entry-reader.ts';
import type { SeriesTable } from './series-table.ts';
import type { SeriesHandle } from './sink.ts';

const NEWLINE = 10;
const UNWANTED = 0;

export class RowReader {
  readonly #table: SeriesTable;
  readonly #entries: Int32Array;
  readonly #isComment: Uint8Array;
  /** Of the lines with a value whose series is wanted, in their order. */
  readonly handles: Int32Array<ArrayBuffer>;
  /** Of those lines, after a `read` that succeeded. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Lines with a value. */
  readonly samples: number;

  /** For lines in their order, no series of which stands there twice. */
  constructor(table: SeriesTable, entries: Int32Array) {
    this.#table = table;
    this.#entries = entries;
    this.#isComment = Uint8Array.from(entries, (entry) => (table.facts[entry]!.isComment ? 1 : 0));
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
   * read, with its series' handle.
   */
  read(reader: EntryReader, decimal: DecimalReader, onExemplar: (handle: SeriesHandle) => void): boolean {
    const { body, limit } = reader;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const { prefixLength, seriesLength } = this.#table;
    const entries = this.#entries;
    const { values } = this;
    let pos = 0;
    let n = 0;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      if (!this.#table.matches(entry, body, view, pos)) return false;
      const after = pos + prefixLength[entry]!;
      if (this.#isComment[i] === 1) {
        // A comment that ended a body without a newline may be the beginning of this one.
        if (body[after - 1] !== NEWLINE) return false;
        pos = after;
        continue;
      }
      const value = decimal.read(body, after, limit);
      const end = decimal.end;
      const wanted = this.#table.facts[entry]!.handle !== UNWANTED;
      if (end > 0 && end < limit && body[end] === NEWLINE) {
        if (wanted) values[n++] = value;
        pos = end + 1;
        continue;
      }
      reader.entryStart = pos;
      reader.pos = pos + seriesLength[entry]!;
      if (reader.suffix() !== Entry.series || reader.timeMs !== undefined) return false;
      if (wanted) {
        values[n++] = reader.value;
        if (reader.hasExemplar) onExemplar(this.handles[n - 1]!);
      }
      pos = reader.pos;
    }
    reader.pos = pos;
    return reader.next() === Entry.end;
  }
}
