/**
 * A slice: up to 128 columns of a block, the unit that is read from disk.
 *
 *   version u8 | kind u8 (0 grid, 1 loose) | columns varint
 *   grid:  rows varint | times: length varint, column | length varint * columns | column * columns
 *   loose: { rows varint, times length varint, values length varint } * columns | { times column, values column } *
 *
 * Columns are as in column.ts. Version 1 ends here. Version 2 has native histograms: behind the marks in some columns, in the
 * order of those, stand the histograms of histogram-column.ts:
 *
 *   { column varint, offset varint }* of those columns, ascending | offset of this list u32 | columns in the list u32
 *
 * with the histograms of each at its offset, and offsets counted from the slice's start.
 */
import type { Part } from '../head/segment.ts';
import { StoredHistograms, writeHistograms } from '../histogram/histogram-column.ts';
import { isAbsent } from './absent.ts';
import { ByteReader, ByteWriter } from './bits.ts';
import { readColumn, writeColumn } from './column.ts';
import { decodeRows } from './decode.ts';

export const SLICE_COLUMNS = 128;
const VERSION = 1;
const VERSION_WITH_HISTOGRAMS = 2;
const TRAILER_BYTES = 8;
const KIND = { grid: 0, loose: 1 };
/** Bit of a column's kind that says whether NaNs of any sort are inside; a constant column may be one itself. */
const SPECIALS_BIT = 8;
const MODE_BITS = 3;

const out = new ByteWriter();
const body = new ByteWriter();

/** What a slice is made of: a segment, or a copy of its columns. */
export type SegmentColumns =
  | {
      readonly kind: 'grid';
      readonly columns: number;
      readonly rows: number;
      readonly times: Float64Array;
      /** Cell of (column, row) at column * rowCapacity + row. */
      readonly cells: Float64Array;
      readonly rowCapacity: number;
      readonly histograms?: ColumnHistograms | undefined;
    }
  | {
      readonly kind: 'loose';
      readonly columns: number;
      readonly data: readonly {
        readonly times: Float64Array;
        readonly values: Float64Array;
        readonly count: number;
      }[];
      readonly histograms?: ColumnHistograms | undefined;
    };

/** Encoded histograms by column, in the order of the marks in that column. */
type ColumnHistograms = ReadonlyMap<number, readonly Uint8Array[]>;

/** Encodes the columns of one slice. */
export function writeSlice(segment: SegmentColumns, firstColumn: number): Uint8Array {
  const end = Math.min(segment.columns, firstColumn + SLICE_COLUMNS);
  const histograms = histogramsOf(segment, firstColumn, end);
  out.byte(histograms.length > 0 ? VERSION_WITH_HISTOGRAMS : VERSION);
  out.byte(segment.kind === 'grid' ? KIND.grid : KIND.loose);
  out.varint(end - firstColumn);
  if (segment.kind === 'grid') {
    out.varint(segment.rows);
    writeColumn(body, segment.times, 0, segment.rows);
    const times = body.take();
    out.varint(times.length);
    out.bytes(times);
  }
  for (let column = firstColumn; column < end; column++) {
    const before = body.length;
    if (segment.kind === 'grid') {
      writeColumn(body, segment.cells, column * segment.rowCapacity, segment.rows);
      out.varint(body.length - before);
      continue;
    }
    const { times, values, count } = segment.data[column]!;
    writeColumn(body, times, 0, count);
    const afterTimes = body.length;
    writeColumn(body, values, 0, count);
    out.varint(count);
    out.varint(afterTimes - before);
    out.varint(body.length - afterTimes);
  }
  out.bytes(body.take());
  if (histograms.length > 0) appendHistograms(histograms);
  return out.take();
}

function histogramsOf(
  segment: SegmentColumns,
  firstColumn: number,
  end: number,
): (readonly [column: number, encoded: readonly Uint8Array[]])[] {
  return [...(segment.histograms ?? [])]
    .filter(([column, { length }]) => column >= firstColumn && column < end && length > 0)
    .sort((a, b) => a[0] - b[0])
    .map(([column, encoded]) => [column - firstColumn, encoded]);
}

function appendHistograms(columns: readonly (readonly [number, readonly Uint8Array[]])[]): void {
  for (const [column, encoded] of columns) {
    body.varint(column);
    body.varint(out.length);
    out.bytes(writeHistograms(encoded));
  }
  const listAt = out.length;
  out.bytes(body.take());
  out.words(listAt, columns.length);
}

/**
 * A slice as it is kept in memory: one buffer, so that thousands of them are little work for the collector.
 *
 *   loose u32 | columns u32 | rows u32 | length of the slice u32
 *   grid:  times f64 * rows | offset of values u32 * columns | slice
 *   loose: rows u32 * columns | offset of times u32 * columns | offset of values u32 * columns | slice
 */
export type PackedSlice = ArrayBuffer;

const HEADER_BYTES = 16;

/** Throws RangeError when the bytes are not a slice. */
export function packSlice(bytes: Uint8Array): PackedSlice {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION && version !== VERSION_WITH_HISTOGRAMS)
    throw new RangeError('not a slice of this version');
  const loose = reader.byte() === KIND.loose;
  const columns = reader.varint();
  const rows = loose ? 0 : reader.varint();
  const listBytes = loose ? columns * 12 : rows * 8 + columns * 4;
  const packed = new ArrayBuffer(HEADER_BYTES + listBytes + bytes.length);
  new Uint32Array(packed, 0, 4).set([loose ? 1 : 0, columns, rows, bytes.length]);
  let lists = HEADER_BYTES;
  if (!loose) {
    const end = reader.varint() + reader.at;
    readColumn(reader, new Float64Array(packed, HEADER_BYTES, rows), 0, rows);
    reader.at = end;
    lists += rows * 8;
  }
  fillOffsets(reader, new Uint32Array(packed, lists, loose ? columns * 3 : columns), columns, loose);
  new Uint8Array(packed, HEADER_BYTES + listBytes).set(bytes);
  return packed;
}

function fillOffsets(reader: ByteReader, lists: Uint32Array, columns: number, loose: boolean): void {
  const valuesFrom = loose ? columns * 2 : 0;
  let at = 0;
  for (let column = 0; column < columns; column++) {
    if (loose) {
      lists[column] = reader.varint();
      lists[columns + column] = at;
      at += reader.varint();
    }
    lists[valuesFrom + column] = at;
    at += reader.varint();
  }
  for (let i = loose ? columns : 0; i < lists.length; i++) lists[i]! += reader.at;
}

/** A slice that stands ready; columns are decoded when asked for. */
export class Slice {
  readonly #bytes: Uint8Array;
  readonly #reader: ByteReader;
  readonly #rows: number;
  /** Rows of each column, where each has its own. */
  readonly #rowsOf: Uint32Array | undefined;
  /** Where each column's times (loose) and values start. */
  readonly #timesAt: Uint32Array | undefined;
  readonly #valuesAt: Uint32Array;
  readonly #times: Float64Array | undefined;
  /** Where the histograms of columns that have some start. */
  readonly #histogramsAt: ReadonlyMap<number, number> | undefined;

  constructor(packed: PackedSlice) {
    const header = new Uint32Array(packed, 0, 4);
    const loose = header[0] === 1;
    const [columns, rows, length] = [header[1]!, header[2]!, header[3]!];
    this.#rows = rows;
    this.#bytes = new Uint8Array(packed, packed.byteLength - length);
    this.#reader = new ByteReader(this.#bytes);
    let at = HEADER_BYTES;
    const list = (): Uint32Array => {
      at += columns * 4;
      return new Uint32Array(packed, at - columns * 4, columns);
    };
    if (!loose) {
      this.#times = new Float64Array(packed, at, rows);
      at += rows * 8;
    } else {
      this.#rowsOf = list();
      this.#timesAt = list();
    }
    this.#valuesAt = list();
    if (this.#bytes[0] === VERSION_WITH_HISTOGRAMS) this.#histogramsAt = readHistogramList(this.#bytes);
  }

  /** The times that all columns share; undefined when each has its own. */
  get sharedTimes(): Float64Array | undefined {
    return this.#times;
  }

  /** The value that all rows of a column have; undefined when that is not seen at once. */
  constant(column: number): number | undefined {
    const at = this.#valuesAt[column]!;
    if ((this.#bytes[at]! & (MODE_BITS | SPECIALS_BIT)) !== 0) return undefined;
    this.#reader.at = at + 1;
    return this.#reader.float();
  }

  /** Whether each row of a column has a sample, and all are numbers. */
  hasOnlyNumbers(column: number): boolean {
    const at = this.#valuesAt[column]!;
    const kind = this.#bytes[at]!;
    if ((kind & SPECIALS_BIT) !== 0) return false;
    if ((kind & MODE_BITS) !== 0) return true;
    this.#reader.at = at + 1;
    return !Number.isNaN(this.#reader.float());
  }

  /** Decodes rows from ≤ i < end of a column into `target` from `to` on. */
  fill(column: number, from: number, end: number, target: Float64Array, to: number): void {
    this.#reader.at = this.#valuesAt[column]!;
    decodeRows(this.#reader, this.#rowsOf?.[column] ?? this.#rows, from, end, target, to);
  }

  /** Decodes one column, counted from the slice's first. */
  part(column: number): Part {
    const rows = this.#rowsOf?.[column] ?? this.#rows;
    const reader = new ByteReader(this.#bytes, this.#valuesAt[column]!);
    const kind = this.#bytes[reader.at]!;
    const values = new Float64Array(rows);
    readColumn(reader, values, 0, rows);
    const holes =
      (kind & SPECIALS_BIT) !== 0 || ((kind & MODE_BITS) === 0 && rows > 0 && isAbsent(values[0]!));
    const times = this.#times ?? new Float64Array(rows);
    if (!this.#times) readColumn(new ByteReader(this.#bytes, this.#timesAt![column]!), times, 0, rows);
    const at = this.#histogramsAt?.get(column);
    if (at === undefined) return { times, values, holes };
    return { times, values, holes, histograms: new StoredHistograms(this.#bytes, at, times, values) };
  }
}

function readHistogramList(bytes: Uint8Array): Map<number, number> {
  const trailer = new ByteReader(bytes, bytes.length - TRAILER_BYTES);
  const list = new ByteReader(bytes, trailer.word());
  const columns = trailer.word();
  const found = new Map<number, number>();
  for (let i = 0; i < columns && list.at < bytes.length; i++) {
    const column = list.varint();
    found.set(column, list.varint());
  }
  return found;
}
