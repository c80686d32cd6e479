/**
 * A stretch of samples of many series that is being filled in memory and will become one block on disk.
 *
 * A grid has one row per scrape and one column per series, with one time per row; cells without
 * a sample hold the mark ABSENT. A loose segment has times per series, for samples that come with their own.
 * A cell is written once and never changed; rows ascend in time.
 */
import type { SeriesRef } from '@watchroom/model';
import { fillAbsent, isAbsent } from '../chunk/absent.ts';
import type { SegmentColumns } from '../chunk/slice.ts';
import { HistogramCells, type HistogramColumn } from './histogram-cells.ts';
import { BLOCK_ROWS, BLOCK_SHIFT, PackedCells } from './packed-cells.ts';
import type { ValuesPool } from './values-pool.ts';
import { denseRecord, looseRecord, type WalRecord } from './wal-record.ts';

/**
 * A grid grows by blocks of so many rows: nothing moves and nothing becomes garbage when it does, and room that is not used yet is
 * small. A column's cells in a block fill a cache line.
 */
const ROW_MASK = BLOCK_ROWS - 1;
/** A loose segment is full with so many samples, or so many in each column; no column has more than the limit. */
const LOOSE_MIN_SAMPLES = 4_096;
const LOOSE_COLUMN_SAMPLES = 120;
const LOOSE_COLUMN_LIMIT = 16_384;
/** A grid of so many columns and rows is closed early when most of its cells stay empty: its series come and go. */
const SPARSE_COLUMNS = 1_024;
const SPARSE_ROWS = 8;
const SPARSE_SHARE = 0.25;
/** A series without a sample in the last rows, fewer in a sparse grid, goes on in the next one when it has a new sample. */
const ALIVE_ROWS = 16;
const ALIVE_ROWS_SPARSE = 2;

/** One series' samples from one place; `holes`: some values may be ABSENT. */
export interface Part {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly holes: boolean;
  /** What stands behind the marks of histograms among the values; undefined where there is none. */
  readonly histograms?: HistogramColumn | undefined;
}

/** For another thread. */
export interface SegmentCopy {
  readonly columns: SegmentColumns;
  readonly buffers: readonly ArrayBuffer[];
}

interface SegmentState {
  readonly id: number;
  /** Column → ref. */
  refs: Uint32Array;
  columns: number;
  samples: number;
  /** Rows of the write-ahead table that hold this segment's samples. */
  readonly walRows: number[];
  /** What those take on disk, about. */
  walBytes: number;
  /** Columns that the head's file knows about. */
  persistedColumns: number;
  /** No more samples: waiting to be written as a block, or written. */
  closed: boolean;
  sealed: boolean;
  oldestMs: number;
  newestMs: number;
  /** Monotonic times of creation and of the latest write. */
  readonly createdAtMs: number;
  touchedAtMs: number;
}

abstract class Columns implements SegmentState {
  readonly id: number;
  refs: Uint32Array = new Uint32Array(8);
  columns = 0;
  samples = 0;
  readonly walRows: number[] = [];
  walBytes = 0;
  persistedColumns = 0;
  closed = false;
  sealed = false;
  oldestMs: number = Number.POSITIVE_INFINITY;
  newestMs: number = Number.NEGATIVE_INFINITY;
  readonly createdAtMs: number;
  touchedAtMs: number;
  histograms: HistogramCells | undefined;
  #places: Map<SeriesRef, number> | undefined;

  constructor(id: number, createdAtMs: number) {
    this.id = id;
    this.createdAtMs = createdAtMs;
    this.touchedAtMs = createdAtMs;
  }

  /** The series' column, or -1. `hint` is looked at first. */
  columnFor(ref: SeriesRef, hint: number): number {
    if (hint < this.columns && this.refs[hint] === ref) return hint;
    if (!this.#places) {
      this.#places = new Map();
      for (let column = 0; column < this.columns; column++) this.#places.set(this.refs[column]!, column);
    }
    return this.#places.get(ref) ?? -1;
  }

  putHistogram(column: number, timeMs: number, bytes: Uint8Array): void {
    this.histograms ??= new HistogramCells();
    this.histograms.put(column, timeMs, bytes);
  }

  protected pushRef(ref: SeriesRef): number {
    if (this.columns === this.refs.length) {
      const grown = new Uint32Array(this.refs.length * 2);
      grown.set(this.refs);
      this.refs = grown;
    }
    this.refs[this.columns] = ref;
    this.#places?.set(ref, this.columns);
    return this.columns++;
  }

  abstract part(column: number): Part;

  /** The histograms of each column that has some, in the order of their marks. */
  protected copyHistograms(): Map<number, Uint8Array[]> | undefined {
    const { histograms } = this;
    if (!histograms) return undefined;
    const copy = new Map<number, Uint8Array[]>();
    for (let column = 0; column < this.columns; column++) {
      if (!histograms.column(column)) continue;
      const { times, values } = this.part(column);
      copy.set(column, histograms.behind(column, times, values));
    }
    return copy;
  }

  protected noteTime(timeMs: number): void {
    if (timeMs < this.oldestMs) this.oldestMs = timeMs;
    if (timeMs > this.newestMs) this.newestMs = timeMs;
  }
}

/** Cells of all grids together, up to which each has the rows it is to have. */
const MOST_CELLS = 6_000_000;

/** Rows of the next grid: of many series fewer, down to half, as all of them lie in memory; they take a tenth more on disk. */
export function rowsFor(chunkRows: number, series: number): number {
  return Math.min(chunkRows, Math.max(Math.ceil(chunkRows / 2), Math.floor(MOST_CELLS / series)));
}

/** Rows of a target's first grid: other than those of others, so that targets which started together are not compressed together. */
export function staggered(rows: number, id: number): number {
  return Math.max(1, Math.round(rows * (0.1 + ((id * 0.618_034) % 1))));
}

/** Memory of grids that is used again. */
export interface CellPools {
  readonly plain: ValuesPool;
  readonly packed: ValuesPool;
}

export class GridSegment extends Columns {
  readonly kind = 'grid';
  readonly maxRows: number;
  times: Float64Array;
  rows = 0;
  /** Cells of BLOCK_ROWS rows each, column after column, maybe with unused ones behind them; undefined where they are packed. */
  readonly #blocks: (Float64Array | undefined)[] = [];
  readonly #packed: (PackedCells | undefined)[] = [];
  readonly #pools: CellPools;
  /** Samples per column: equal to `rows` when the column has no hole. */
  counts: Uint32Array;
  /** The full segment that this one follows, while it is still in memory. */
  previous: GridSegment | undefined;

  constructor(id: number, createdAtMs: number, maxRows: number, columns: number, pools: CellPools) {
    super(id, createdAtMs);
    this.maxRows = maxRows;
    this.#pools = pools;
    this.times = new Float64Array(maxRows);
    this.counts = new Uint32Array(Math.max(8, columns));
  }

  get full(): boolean {
    return this.rows >= this.maxRows;
  }

  /** Whether every column has a sample in every row. */
  get hasNoHoles(): boolean {
    return this.samples === this.columns * this.rows;
  }

  get sparse(): boolean {
    const { columns, rows, samples } = this;
    return columns >= SPARSE_COLUMNS && rows >= SPARSE_ROWS && samples < columns * rows * SPARSE_SHARE;
  }

  /** Whether the series in the column has had a sample lately. */
  isAlive(column: number): boolean {
    if (this.counts[column] === 0) return false;
    const since = Math.max(0, this.rows - (this.sparse ? ALIVE_ROWS_SPARSE : ALIVE_ROWS));
    for (let row = this.rows - 1; row >= since; row--) if (!isAbsent(this.cell(column, row))) return true;
    return false;
  }

  get bytes(): number {
    let bytes = this.histograms?.bytes ?? 0;
    for (const block of this.#blocks) if (block) bytes += this.counts.length * BLOCK_ROWS * 8;
    for (const packed of this.#packed) bytes += packed?.byteLength ?? 0;
    return bytes;
  }

  addColumn(ref: SeriesRef): number {
    const column = this.pushRef(ref);
    if (column === this.counts.length) this.#widen(Math.ceil(column * 1.5) + 8);
    return column;
  }

  /** The row of a time: an existing one, or a new one when it is the newest; -1 when neither is possible. */
  rowFor(timeMs: number): number {
    if (timeMs > this.newestMs) {
      if (this.full) return -1;
      if (this.rows === this.#blocks.length * BLOCK_ROWS) {
        this.#pack(this.#blocks.length - 1);
        this.#blocks.push(this.#emptyBlock(this.counts.length));
      }
      this.times[this.rows] = timeMs;
      this.noteTime(timeMs);
      return this.rows++;
    }
    return this.#findRow(timeMs);
  }

  /** Puts a sample into an empty cell; false when there is one already. */
  put(column: number, row: number, value: number): boolean {
    const block = this.#blocks[row >>> BLOCK_SHIFT] ?? this.#unpack(row >>> BLOCK_SHIFT);
    const at = (column << BLOCK_SHIFT) + (row & ROW_MASK);
    if (!isAbsent(block[at]!)) return false;
    block[at] = value;
    this.counts[column]!++;
    this.samples++;
    return true;
  }

  /** Puts samples into the first columns of a row that has none yet. */
  fillRow(row: number, values: Float64Array, count: number): void {
    const { counts } = this;
    const block = this.#blocks[row >>> BLOCK_SHIFT] ?? this.#unpack(row >>> BLOCK_SHIFT);
    for (let column = 0, at = row & ROW_MASK; column < count; column++, at += BLOCK_ROWS) {
      block[at] = values[column]!;
      counts[column]!++;
    }
    this.samples += count;
  }

  /** What is in a cell of a row that there is; ABSENT when nothing is. */
  cell(column: number, row: number): number {
    const block = this.#blocks[row >>> BLOCK_SHIFT];
    if (block) return block[(column << BLOCK_SHIFT) + (row & ROW_MASK)]!;
    return this.#packed[row >>> BLOCK_SHIFT]!.cell(column, row & ROW_MASK);
  }

  /** Puts the cells of the first `count` columns named in a row that there is into an array. */
  cells(columns: Int32Array, count: number, row: number, into: Float64Array): void {
    const block = this.#blocks[row >>> BLOCK_SHIFT];
    const at = row & ROW_MASK;
    if (block) for (let k = 0; k < count; k++) into[k] = block[(columns[k]! << BLOCK_SHIFT) + at]!;
    else this.#packed[row >>> BLOCK_SHIFT]!.cells(columns, count, at, into);
  }

  /** Puts the cells of a column from row `from` up to `end` into an array at `to`. */
  read(column: number, from: number, end: number, into: Float64Array, to: number): void {
    const first = column << BLOCK_SHIFT;
    let at = to;
    for (let row = from; row < end; ) {
      const block = this.#blocks[row >>> BLOCK_SHIFT];
      const last = Math.min(end, (row | ROW_MASK) + 1);
      if (block) for (; row < last; row++) into[at++] = block[first + (row & ROW_MASK)]!;
      else {
        const packed = this.#packed[row >>> BLOCK_SHIFT]!;
        packed.read(column, row & ROW_MASK, last - (row & ~ROW_MASK), into, at);
        at += last - row;
        row = last;
      }
    }
  }

  /** Lets others have the memory of its cells; they cannot be read here any more. */
  release(): void {
    for (const block of this.#blocks) if (block) this.#pools.plain.give(block);
    for (const packed of this.#packed) packed?.release(this.#pools.packed);
    this.#blocks.length = 0;
    this.#packed.length = 0;
  }

  dump(): WalRecord[] {
    const records: WalRecord[] = [];
    for (let row = 0; row < this.rows; row++) {
      const values = new Float64Array(this.columns);
      for (let column = 0; column < this.columns; column++) values[column] = this.cell(column, row);
      records.push(denseRecord(this, this.times[row]!, values));
    }
    return records;
  }

  /** A copy of the columns, and the buffers it stands in. */
  copy(): SegmentCopy {
    const { columns, rows } = this;
    const times = this.times.slice(0, rows);
    const cells = new Float64Array(columns * rows);
    for (let column = 0; column < columns; column++) this.read(column, 0, rows, cells, column * rows);
    const histograms = this.copyHistograms();
    const copy = { kind: 'grid', columns, rows, times, cells, rowCapacity: rows, histograms } as const;
    return { columns: copy, buffers: [times.buffer, cells.buffer] };
  }

  part(column: number): Part {
    const values = new Float64Array(this.rows);
    this.read(column, 0, this.rows, values, 0);
    return {
      times: this.times.subarray(0, this.rows),
      values,
      holes: this.counts[column] !== this.rows,
      histograms: this.histograms?.column(column),
    };
  }

  #findRow(timeMs: number): number {
    let from = 0;
    let end = this.rows;
    while (from < end) {
      const middle = (from + end) >>> 1;
      if (this.times[middle]! < timeMs) from = middle + 1;
      else end = middle;
    }
    return from < this.rows && this.times[from] === timeMs ? from : -1;
  }

  #widen(columns: number): void {
    const cells = this.counts.length * BLOCK_ROWS;
    this.#blocks.forEach((block, i) => {
      if (!block) return;
      const wider = this.#emptyBlock(columns);
      wider.set(block.subarray(0, cells));
      this.#blocks[i] = wider;
      this.#pools.plain.give(block);
    });
    const counts = new Uint32Array(columns);
    counts.set(this.counts);
    this.counts = counts;
  }

  #emptyBlock(columns: number): Float64Array {
    const cells = this.#pools.plain.take(columns * BLOCK_ROWS);
    fillAbsent(cells, 0, columns * BLOCK_ROWS);
    return cells;
  }

  /** A full block, which rarely gets another sample. */
  #pack(at: number): void {
    const block = this.#blocks[at];
    const packed = block && PackedCells.of(block, this.columns, this.#pools.packed);
    if (!packed) return;
    this.#packed[at] = packed;
    this.#blocks[at] = undefined;
    this.#pools.plain.give(block);
  }

  /** For a late sample; the block stays as it is then. */
  #unpack(at: number): Float64Array {
    const packed = this.#packed[at]!;
    const cells = this.#emptyBlock(this.counts.length);
    packed.unpack(cells);
    packed.release(this.#pools.packed);
    this.#packed[at] = undefined;
    this.#blocks[at] = cells;
    return cells;
  }
}

interface LooseColumn {
  times: Float64Array;
  values: Float64Array;
  count: number;
}

export class LooseSegment extends Columns {
  readonly kind = 'loose';
  readonly data: LooseColumn[] = [];

  get full(): boolean {
    if (this.samples >= Math.max(LOOSE_MIN_SAMPLES, this.columns * LOOSE_COLUMN_SAMPLES)) return true;
    return this.samples >= LOOSE_COLUMN_LIMIT && this.data.some(({ count }) => count >= LOOSE_COLUMN_LIMIT);
  }

  get bytes(): number {
    const histograms = this.histograms?.bytes ?? 0;
    return this.data.reduce((sum, column) => sum + column.times.byteLength * 2, histograms);
  }

  addColumn(ref: SeriesRef): number {
    this.data.push({ times: new Float64Array(4), values: new Float64Array(4), count: 0 });
    return this.pushRef(ref);
  }

  /** Adds a sample in its place, nearly always the last; false when that time is taken. */
  push(column: number, timeMs: number, value: number): boolean {
    const target = this.data[column]!;
    let at = target.count;
    while (at > 0 && target.times[at - 1]! > timeMs) at--;
    if (at > 0 && target.times[at - 1] === timeMs) return false;
    if (target.count === target.times.length) {
      target.times = grown(target.times);
      target.values = grown(target.values);
    }
    target.times.copyWithin(at + 1, at, target.count);
    target.values.copyWithin(at + 1, at, target.count);
    target.times[at] = timeMs;
    target.values[at] = value;
    target.count++;
    this.samples++;
    this.noteTime(timeMs);
    return true;
  }

  dump(): WalRecord[] {
    return this.data.flatMap(({ times, values, count }, column) =>
      Array.from({ length: count }, (_, i) =>
        looseRecord(this, times[i]!, Uint32Array.of(column), values.slice(i, i + 1)),
      ),
    );
  }

  /** A copy of the columns, and the buffers it stands in. */
  copy(): SegmentCopy {
    const times = new Float64Array(this.samples);
    const values = new Float64Array(this.samples);
    let at = 0;
    const data = this.data.map((column) => {
      const end = at + column.count;
      times.set(column.times.subarray(0, column.count), at);
      values.set(column.values.subarray(0, column.count), at);
      const copy = { times: times.subarray(at, end), values: values.subarray(at, end), count: column.count };
      at = end;
      return copy;
    });
    return {
      columns: { kind: 'loose', columns: this.columns, data, histograms: this.copyHistograms() },
      buffers: [times.buffer, values.buffer],
    };
  }

  part(column: number): Part {
    const { times, values, count } = this.data[column]!;
    return {
      times: times.subarray(0, count),
      values: values.subarray(0, count),
      holes: false,
      histograms: this.histograms?.column(column),
    };
  }
}

function grown(array: Float64Array): Float64Array {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

export type Segment = GridSegment | LooseSegment;
