/**
 * The series of a selector, read one at a time into memory that is used again. What one series' samples lie in is its shape
 * (shape.ts), worked out once for all series of a target, so that they share one timestamps array. Series that do not fit that
 * (times of their own, samples that overlap, histograms) take the way of assemble.ts.
 */
import type { Labels, SeriesData, SeriesEnds, SeriesRef, SeriesSet, StoreCut } from '@watchroom/model';
import { isAbsent, isMark } from '../chunk/absent.ts';
import { SLICE_COLUMNS, type Slice } from '../chunk/slice.ts';
import type { TombstoneSet } from '../deletion/tombstones.ts';
import type { BlockStore } from '../disk/block-store.ts';
import type { Layout } from '../disk/layout.ts';
import type { Head } from '../head/head.ts';
import type { GridSegment } from '../head/segment.ts';
import type { SeriesTable } from '../head/series-table.ts';
import { lowerBound } from './assemble.ts';
import { Cut } from './cuts.ts';
import { type BlockPiece, type GridPiece, type Shape, ShapeCache, type Shapes } from './shape.ts';

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

const NO_LAYOUTS: readonly Layout[] = [];
const NOTHING = new Float64Array(0);

/** Series whose ends are told together. */
const MOST_ENDS = 256;

class EndsBuffer implements SeriesEnds {
  /** By ref. */
  known: readonly (Labels | undefined)[] = [];
  count = 0;
  readonly refs: Uint32Array = new Uint32Array(MOST_ENDS);
  /** Where a grid has them. */
  readonly columns: Int32Array = new Int32Array(MOST_ENDS);
  timestamps: Float64Array = NOTHING;
  readonly first: Float64Array = new Float64Array(MOST_ENDS);
  readonly last: Float64Array = new Float64Array(MOST_ENDS);

  labelsOf(k: number): Labels {
    return this.known[this.refs[k]!]!;
  }
}

/** What belongs to all sets of a store, as one of them is read at a time. */
export class ValueBuffer {
  readonly ends: EndsBuffer = new EndsBuffer();
  readonly shapes: ShapeCache = new ShapeCache();
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
  readonly #refs: readonly SeriesRef[];
  readonly #options: StoredSeriesOptions;
  readonly #buffer: ValueBuffer;
  readonly #shapes: Shapes;
  #values: Float64Array = NOTHING;
  #cut: Cut | undefined;
  #held = false;
  readonly #ends: EndsBuffer;
  /** Series of one target share it. */
  #newestTimes = NOTHING;

  constructor(refs: readonly SeriesRef[], options: StoredSeriesOptions, buffer: ValueBuffer) {
    this.size = refs.length;
    this.#refs = refs;
    this.#options = options;
    this.#buffer = buffer;
    this.#ends = buffer.ends;
    this.#shapes = buffer.shapes.of(options);
    this.#cut = options.cut;
  }

  hold(cut: StoreCut | undefined): void {
    if (this.#held || !(cut instanceof Cut)) return;
    this.#held = true;
    this.#cut ??= cut;
  }

  read(i: number): SeriesData | undefined {
    const ref = this.#refs[i]!;
    const data = this.#newest(ref) ?? this.#read(ref);
    if (!data || !this.#cut) return data;
    return clipped(data, this.#cut.lastTime[ref] ?? Number.NEGATIVE_INFINITY);
  }

  /** As `read` would give them, from two cells: what has come since the process began is known to rise or not. */
  ends(i: number): SeriesEnds | undefined {
    const shape = this.#shapeOf(this.#refs[i]!);
    if (!shape || shape.timestamps.length < 2) return undefined;
    let count = this.#alike(i, shape);
    for (const piece of shape.blockPieces) count = this.#blockEnds(shape, piece, count);
    for (const piece of shape.gridPieces) count = this.#gridEnds(shape, piece, count);
    const ends = this.#ends;
    // The sample since which one rises may itself be no number.
    for (let k = 0; k < count; k++) if (Number.isNaN(ends.first[k]!)) count = k;
    if (count === 0) return undefined;
    ends.known = this.#options.table.labels;
    ends.count = count;
    ends.timestamps = shape.timestamps;
    return ends;
  }

  /** Puts series from the i-th on that have the shape, and rise all the time, with the ends; gives how many. */
  #alike(i: number, shape: Shape): number {
    const { table, head, blocks, deleted } = this.#options;
    const { segmentOf, risingSince } = table;
    const lastTime = this.#cut?.lastTime;
    const { timestamps, segment } = shape;
    const startMs = timestamps[0]!;
    const endMs = timestamps[timestamps.length - 1]!;
    const layouts = blocks.layoutsOf(this.#refs[i]!);
    const refs = this.#refs;
    const taken = this.#ends.refs;
    const most = Math.min(taken.length, this.size - i);
    const isPlain = head.strays.size === 0 && deleted.series.size === 0;
    for (let k = 0; k < most; k++) {
      const ref = refs[i + k]!;
      // Would not be found in the shape's places, but only after a long look; nor has one that was forgotten any.
      if (segmentOf[ref] !== segment || blocks.layoutsOf(ref) !== layouts) return k;
      if (risingSince[ref]! > startMs) return k;
      // Nothing is known there of a series that is newer than the cut.
      if (lastTime && !(endMs <= lastTime[ref]!)) return k;
      if (!isPlain && (head.strays.has(ref) || deleted.of(ref))) return k;
      taken[k] = ref;
    }
    return most;
  }

  /** Up to the first that cannot be read this way, or has holes; gives how many. */
  #blockEnds({ layouts, timestamps }: Shape, piece: BlockPiece, count: number): number {
    const { refs, first, last } = this.#ends;
    const { from, end, to } = piece;
    const layout = layouts[piece.layout]!;
    const isFirst = to === 0;
    const isLast = to + end - from === timestamps.length;
    for (let k = 0, column = -1; k < count; k++) {
      column = layout.columnOf(refs[k]!, column + 1);
      if (column < 0) return k;
      const slice = this.#sliceOf(piece, column);
      const place = column % SLICE_COLUMNS;
      if (!slice?.sharedTimes || !slice.hasOnlyNumbers(place)) return k;
      if (isFirst) first[k] = cellOf(slice, place, from);
      if (isLast) last[k] = cellOf(slice, place, end - 1);
    }
    return count;
  }

  #gridEnds(shape: Shape, { segment, from, end, to }: GridPiece, count: number): number {
    const { columns, first, last } = this.#ends;
    const whole = this.#gridColumns(segment, segment === shape.segment, count);
    if (to === 0) segment.cells(columns, whole, from, first);
    if (to + end - from === shape.timestamps.length) segment.cells(columns, whole, end - 1, last);
    return whole;
  }

  /** Puts the columns of the series into the ends, up to the first that has holes or no column; `isOwn`: all are in that grid. */
  #gridColumns(segment: GridSegment, isOwn: boolean, count: number): number {
    const { refs, columns } = this.#ends;
    const { columnOf } = this.#options.table;
    const { counts, rows } = segment;
    if (isOwn && segment.hasNoHoles) {
      for (let k = 0; k < count; k++) columns[k] = columnOf[refs[k]!]!;
      return count;
    }
    for (let k = 0; k < count; k++) {
      const column = segment.columnFor(refs[k]!, columnOf[refs[k]!]!);
      if (column < 0 || counts[column] !== rows) return k;
      columns[k] = column;
    }
    return count;
  }

  /** The newest sample, where one is enough and it is in the last row of the series' grid: most are, and need no shape. */
  #newest(ref: SeriesRef): SeriesData | undefined {
    const { table, deleted, startMs, endMs, newestOnly } = this.#options;
    if (!newestOnly) return undefined;
    const segment = table.segmentOf[ref];
    if (segment?.kind !== 'grid') return undefined;
    const timeMs = segment.newestMs;
    // The series has no newer sample elsewhere.
    if (table.lastTime[ref] !== timeMs || !(timeMs >= startMs && timeMs <= endMs)) return undefined;
    if (this.#cut && this.#cut.lastTime[ref] !== timeMs) return undefined;
    if (deleted.of(ref)) return undefined;
    // Its last sample may not be committed yet.
    const value = segment.cell(table.columnOf[ref]!, segment.rows - 1);
    if (Number.isNaN(value)) return undefined;
    if (this.#newestTimes[0] !== timeMs) this.#newestTimes = Float64Array.of(timeMs);
    const values = this.#buffer.of(1);
    values[0] = value;
    return { labels: table.labels[ref]!, timestamps: this.#newestTimes, values, plain: true, ref };
  }

  #read(ref: SeriesRef): SeriesData | undefined {
    const { table, head, deleted, assemble, newestOnly } = this.#options;
    const labels = table.labels[ref];
    if (!labels) return undefined;
    const shape = head.strays.has(ref) || deleted.of(ref) ? undefined : this.#shapeOf(ref);
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
    return this.#shapes.of(table.segmentOf[ref], blocks.layoutsOf(ref) ?? NO_LAYOUTS, ref);
  }
}

const cell = new Float64Array(1);

function cellOf(slice: Slice, column: number, row: number): number {
  slice.fill(column, row, row + 1, cell, 0);
  return cell[0]!;
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
