/**
 * The series of a selector, read one at a time into memory that is used again. What one series' samples lie in (blocks and
 * grids, the rows of each that are wanted, their times) is its shape; series of one target have one shape, so that it is
 * worked out once for all of them and they share one timestamps array. Series that do not fit that (times of their own,
 * samples that overlap, histograms) take the way of assemble.ts.
 */
import type { Labels, SeriesData, SeriesEnds, SeriesRef, SeriesSet, StoreCut } from '@watchroom/model';
import { isAbsent, isMark } from '../chunk/absent.ts';
import { SLICE_COLUMNS, type Slice } from '../chunk/slice.ts';
import type { TombstoneSet } from '../deletion/tombstones.ts';
import type { BlockStore } from '../disk/block-store.ts';
import type { Block, Layout } from '../disk/layout.ts';
import type { Head } from '../head/head.ts';
import type { GridSegment, Segment } from '../head/segment.ts';
import type { SeriesTable } from '../head/series-table.ts';
import { lowerBound } from './assemble.ts';

/** The time of each series' newest sample at one moment, by ref: samples come in order. */
export class Cut implements StoreCut {
  readonly kind = 'cut';
  readonly lastTime: Float64Array;

  constructor(table: SeriesTable) {
    this.lastTime = table.lastTime.slice(0, table.labels.length);
  }
}

export interface StoredSeriesOptions {
  readonly table: SeriesTable;
  readonly head: Head;
  readonly blocks: BlockStore;
  readonly startMs: number;
  readonly endMs: number;
  /** One sample of each series is enough: its newest. */
  readonly newestOnly: boolean;
  readonly cut: Cut | undefined;
  readonly deleted: TombstoneSet;
  /** The general way to read a series. */
  readonly assemble: (ref: SeriesRef) => SeriesData | undefined;
}

/** Rows from ≤ i < end of one place, which go to `to` in the answer. */
interface Rows {
  readonly from: number;
  readonly end: number;
  readonly to: number;
}

interface BlockPiece extends Rows {
  readonly block: Block;
  /** The layout's place in the shape. */
  readonly layout: number;
  readonly slices: (Slice | undefined)[];
}

interface GridPiece extends Rows {
  readonly segment: GridSegment;
}

interface Shape {
  readonly segment: Segment | undefined;
  readonly layouts: readonly Layout[];
  readonly blockPieces: readonly BlockPiece[];
  readonly gridPieces: readonly GridPiece[];
  readonly timestamps: Float64Array;
  /** Column of the series read last, by layout. */
  readonly columns: Int32Array;
}

const NO_LAYOUTS: readonly Layout[] = [];
const NOTHING = new Float64Array(0);

/** Series whose ends are told together. */
const MOST_ENDS = 256;

class EndsBuffer implements SeriesEnds {
  count = 0;
  readonly refs: Uint32Array = new Uint32Array(MOST_ENDS);
  readonly labels: Labels[] = [];
  timestamps: Float64Array = NOTHING;
  readonly first: Float64Array = new Float64Array(MOST_ENDS);
  readonly last: Float64Array = new Float64Array(MOST_ENDS);
}

/** Gives values in an array that belongs to all sets of a store, as one of them is read at a time. */
export class ValueBuffer {
  readonly ends: EndsBuffer = new EndsBuffer();
  #whole: Float64Array = new Float64Array(1024);
  #view: Float64Array = NOTHING;

  of(length: number): Float64Array {
    if (this.#view.length === length) return this.#view;
    if (this.#whole.length < length) this.#whole = new Float64Array(length * 2);
    this.#view = this.#whole.subarray(0, length);
    return this.#view;
  }
}

export class StoredSeries implements SeriesSet {
  readonly size: number;
  #refs: readonly SeriesRef[];
  readonly #options: StoredSeriesOptions;
  readonly #buffer: ValueBuffer;
  #shape: Shape | undefined;
  /** Undefined shape: the series at hand have none. */
  #shapeless: { readonly segment: Segment | undefined; readonly layouts: readonly Layout[] } | undefined;
  #values: Float64Array = NOTHING;
  #cut: Cut | undefined;
  #held = false;
  readonly #ends: EndsBuffer;

  constructor(refs: readonly SeriesRef[], options: StoredSeriesOptions, buffer: ValueBuffer) {
    this.size = refs.length;
    this.#refs = refs;
    this.#options = options;
    this.#buffer = buffer;
    this.#ends = buffer.ends;
    this.#cut = options.cut;
  }

  hold(cut: StoreCut | undefined): void {
    if (this.#held || !(cut instanceof Cut)) return;
    this.#held = true;
    this.#cut ??= cut;
    // The index changes its lists in place.
    this.#refs = this.#refs.slice();
  }

  read(i: number): SeriesData | undefined {
    const ref = this.#refs[i]!;
    const data = this.#read(ref);
    if (!data || !this.#cut) return data;
    return clipped(data, this.#cut.lastTime[ref] ?? Number.NEGATIVE_INFINITY);
  }

  /** As `read` would give them, from two cells: what has come since the process began is known to rise or not. */
  ends(i: number): SeriesEnds | undefined {
    const { table, head, blocks, deleted } = this.#options;
    const first = this.#refs[i]!;
    const shape = this.#shapeOf(first);
    if (!shape || shape.timestamps.length < 2) return undefined;
    const layouts = blocks.layoutsOf(first);
    const { timestamps } = shape;
    const startMs = timestamps[0]!;
    const endMs = timestamps[timestamps.length - 1]!;
    const ends = this.#ends;
    const most = Math.min(ends.first.length, this.size - i);
    let count = 0;
    for (; count < most; count++) {
      const ref = this.#refs[i + count]!;
      // Would not be found in the shape's places, but only after a long look.
      if (table.segmentOf[ref] !== shape.segment || blocks.layoutsOf(ref) !== layouts) break;
      const labels = table.labels[ref];
      if (!labels || table.risingSince[ref]! > startMs || head.hasStrays(ref) || deleted.of(ref)) break;
      if (this.#cut && endMs > this.#cut.lastTime[ref]!) break;
      if (!this.#findEnds(shape, ref, count)) break;
      ends.refs[count] = ref;
      ends.labels[count] = labels;
    }
    if (count === 0) return undefined;
    ends.count = count;
    ends.timestamps = timestamps;
    return ends;
  }

  /** Puts them at a place; false when some of it cannot be read this way, or there are holes. */
  #findEnds(shape: Shape, ref: SeriesRef, at: number): boolean {
    if (!this.#findColumns(shape, ref)) return false;
    const { first, last } = this.#ends;
    const length = shape.timestamps.length;
    for (const piece of shape.blockPieces) {
      const column = shape.columns[piece.layout]!;
      const slice = this.#sliceOf(piece, column);
      const place = column % SLICE_COLUMNS;
      if (!slice?.sharedTimes || !slice.hasOnlyNumbers(place)) return false;
      const { from, end, to } = piece;
      if (to === 0) first[at] = cellOf(slice, place, from);
      if (to + end - from === length) last[at] = cellOf(slice, place, end - 1);
    }
    for (const { segment, from, end, to } of shape.gridPieces) {
      const column = segment.columnFor(ref, this.#options.table.columnOf[ref]!);
      if (column < 0 || segment.counts[column] !== segment.rows) return false;
      if (to === 0) first[at] = segment.cell(column, from);
      if (to + end - from === length) last[at] = segment.cell(column, end - 1);
    }
    // The sample since which it rises may itself be no number.
    return !Number.isNaN(first[at]!);
  }

  #read(ref: SeriesRef): SeriesData | undefined {
    const { table, head, deleted, assemble, newestOnly } = this.#options;
    const labels = table.labels[ref];
    if (!labels) return undefined;
    const shape = head.hasStrays(ref) || deleted.of(ref) ? undefined : this.#shapeOf(ref);
    if (!shape) return assemble(ref);
    const { timestamps } = shape;
    if (timestamps.length === 0) return undefined;
    const values = this.#buffer.of(timestamps.length);
    this.#values = values;
    if (!this.#fill(shape, ref)) return assemble(ref);
    let plain = true;
    for (let k = 0; k < values.length; k++) {
      if (!Number.isNaN(values[k]!)) continue;
      plain = false;
      if (!isMark(values[k]!)) continue;
      // Of the newest sample alone nothing is left when its cell is empty.
      if (newestOnly || !isAbsent(values[k]!)) return assemble(ref);
      const found = withoutHoles(timestamps, values);
      return found ? { labels, ...found } : assemble(ref);
    }
    // What is newer than the cut may be all that there is.
    if (newestOnly && this.#cut && timestamps[0]! > this.#cut.lastTime[ref]!) return assemble(ref);
    return { labels, timestamps, values, plain, ref };
  }

  /** False when some of it cannot be read this way. */
  #fill(shape: Shape, ref: SeriesRef): boolean {
    const { table } = this.#options;
    const values = this.#values;
    if (!this.#findColumns(shape, ref)) return false;
    for (const piece of shape.blockPieces) {
      const column = shape.columns[piece.layout]!;
      const slice = this.#sliceOf(piece, column);
      if (!slice?.sharedTimes) return false;
      slice.fill(column % SLICE_COLUMNS, piece.from, piece.end, values, piece.to);
    }
    for (const { segment, from, end, to } of shape.gridPieces) {
      const column = segment.columnFor(ref, table.columnOf[ref]!);
      if (column < 0) return false;
      segment.read(column, from, end, values, to);
    }
    return true;
  }

  /** Sets the shape's columns to those of the series; false when a layout does not have it. */
  #findColumns({ layouts, columns }: Shape, ref: SeriesRef): boolean {
    for (let l = 0; l < layouts.length; l++) {
      const column = layouts[l]!.columnOf(ref, columns[l]! + 1);
      if (column < 0) return false;
      columns[l] = column;
    }
    return true;
  }

  #sliceOf({ block, slices }: BlockPiece, column: number): Slice | undefined {
    const index = Math.floor(column / SLICE_COLUMNS);
    slices[index] ??= this.#options.blocks.slice(block, index);
    return slices[index];
  }

  #shapeOf(ref: SeriesRef): Shape | undefined {
    const { table, blocks } = this.#options;
    const segment = table.segmentOf[ref];
    const layouts = blocks.layoutsOf(ref) ?? NO_LAYOUTS;
    const known = this.#shape ?? this.#shapeless;
    if (known && known.segment === segment && sameLayouts(known.layouts, layouts) && !hasSealed(this.#shape))
      return this.#shape;
    this.#shape = this.#build(segment, layouts, ref);
    this.#shapeless = this.#shape ? undefined : { segment, layouts };
    return this.#shape;
  }

  #build(segment: Segment | undefined, layouts: readonly Layout[], ref: SeriesRef): Shape | undefined {
    const { startMs, endMs, newestOnly } = this.#options;
    const blockPieces: BlockPiece[] = [];
    const gridPieces: GridPiece[] = [];
    const times: Float64Array[] = [];
    let length = 0;
    const take = (all: Float64Array, rows: number): Rows | undefined => {
      const from = lowerBound(all, rows, startMs);
      const end = lowerBound(all, rows, endMs, true);
      if (end <= from) return undefined;
      const to = length;
      times.push(all.subarray(from, end));
      length += end - from;
      return { from, end, to };
    };
    for (const { block, layout } of overlapping(layouts, startMs, endMs)) {
      const index = Math.floor(Math.max(0, layouts[layout]!.columnOf(ref)) / SLICE_COLUMNS);
      const slice = this.#options.blocks.slice(block, index);
      if (!slice?.sharedTimes) return undefined;
      const rows = take(slice.sharedTimes, slice.sharedTimes.length);
      if (rows) blockPieces.push({ ...rows, block, layout, slices: [] });
    }
    for (const grid of gridsOf(segment)) {
      if (grid.kind === 'loose') return undefined;
      const rows = take(grid.times, grid.rows);
      if (rows) gridPieces.push({ ...rows, segment: grid });
    }
    for (let k = 1; k < times.length; k++) if (times[k]![0]! <= times[k - 1]!.at(-1)!) return undefined;
    const columns = new Int32Array(layouts.length).fill(-1);
    const shape = { segment, layouts, blockPieces, gridPieces, columns };
    if (newestOnly && length > 0) return { ...shape, ...newestOf(blockPieces, gridPieces, times) };
    const timestamps = new Float64Array(length);
    let at = 0;
    for (const some of times) {
      timestamps.set(some, at);
      at += some.length;
    }
    return { ...shape, timestamps };
  }
}

const cell = new Float64Array(1);

function cellOf(slice: Slice, column: number, row: number): number {
  slice.fill(column, row, row + 1, cell, 0);
  return cell[0]!;
}

/** The last row of the last piece. */
function newestOf(
  blockPieces: readonly BlockPiece[],
  gridPieces: readonly GridPiece[],
  times: readonly Float64Array[],
): Pick<Shape, 'blockPieces' | 'gridPieces' | 'timestamps'> {
  const cut = <P extends Rows>(piece: P): P => ({ ...piece, from: piece.end - 1, to: 0 });
  const inGrid = gridPieces.length > 0;
  return {
    blockPieces: inGrid ? [] : blockPieces.slice(-1).map(cut),
    gridPieces: gridPieces.slice(-1).map(cut),
    timestamps: times.at(-1)!.slice(-1),
  };
}

/** What has become a block since cannot be read from the grid any more. */
function hasSealed(shape: Shape | undefined): boolean {
  if (!shape) return false;
  for (const { segment } of shape.gridPieces) if (segment.sealed) return true;
  return false;
}

function sameLayouts(a: readonly Layout[], b: readonly Layout[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The blocks of all layouts in the order of their times. */
function overlapping(
  layouts: readonly Layout[],
  startMs: number,
  endMs: number,
): { block: Block; layout: number }[] {
  const found = layouts.flatMap((one, layout) =>
    one.overlapping(startMs, endMs).map((block) => ({ block, layout })),
  );
  return layouts.length > 1 ? found.sort((a, b) => a.block.minMs - b.block.minMs) : found;
}

/** The segment and those it follows, oldest first, without what can be read from blocks. */
function gridsOf(segment: Segment | undefined): Segment[] {
  const grids: Segment[] = [];
  for (let at = segment; at; at = at.kind === 'grid' ? at.previous : undefined)
    if (!at.sealed && at.samples > 0) grids.unshift(at);
  return grids;
}

/** Undefined when there is more than holes to it. */
function withoutHoles(
  times: Float64Array,
  cells: Float64Array,
): { timestamps: Float64Array; values: Float64Array } | undefined {
  const timestamps = new Float64Array(cells.length);
  const values = new Float64Array(cells.length);
  let n = 0;
  for (let k = 0; k < cells.length; k++) {
    if (isMark(cells[k]!)) {
      if (!isAbsent(cells[k]!)) return undefined;
      continue;
    }
    timestamps[n] = times[k]!;
    // From array to array, as a plain number may lose the bits of a NaN.
    values[n++] = cells[k]!;
  }
  if (n === 0) return undefined;
  return { timestamps: timestamps.subarray(0, n), values: values.subarray(0, n) };
}

/** In arrays of its own. */
export function copied(data: SeriesData): SeriesData {
  return {
    ...data,
    timestamps: data.timestamps.slice(),
    values: data.values.slice(),
    weights: data.weights?.slice(),
  };
}

/** Without what is newer than `lastMs`. */
function clipped(data: SeriesData, lastMs: number): SeriesData | undefined {
  const { timestamps, values, histograms } = data;
  const { length } = timestamps;
  if (length === 0 || timestamps[length - 1]! <= lastMs) return data;
  const end = lowerBound(timestamps, length, lastMs, true);
  if (end === 0) return undefined;
  return {
    ...data,
    timestamps: timestamps.subarray(0, end),
    values: values.subarray(0, end),
    histograms: histograms?.slice(0, end),
  };
}
