/**
 * What one series' samples in a range lie in: blocks and grids, the rows of each that are wanted, and their times. Series of one
 * target have one shape, and the rules of a group ask for the same range one after the other.
 */
import type { SeriesRef } from '@watchroom/model';
import { SLICE_COLUMNS, type Slice } from '../chunk/slice.ts';
import type { BlockStore } from '../disk/block-store.ts';
import type { Block, Layout } from '../disk/layout.ts';
import type { GridSegment, Segment } from '../head/segment.ts';
import { lowerBound } from './assemble.ts';

/** Rows from ≤ i < end of one place, which go to `to` in the answer. */
export interface Rows {
  readonly from: number;
  readonly end: number;
  readonly to: number;
}

export interface BlockPiece extends Rows {
  readonly block: Block;
  /** The layout's place in the shape. */
  readonly layout: number;
  readonly slices: (Slice | undefined)[];
}

export interface GridPiece extends Rows {
  readonly segment: GridSegment;
}

export interface Shape {
  readonly segment: Segment | undefined;
  readonly layouts: readonly Layout[];
  readonly blockPieces: readonly BlockPiece[];
  readonly gridPieces: readonly GridPiece[];
  readonly timestamps: Float64Array;
  /** Column of the series read last, by layout. */
  readonly columns: Int32Array;
}

/** Ranges of which the shapes are kept: those that the rules of a group have in turn. */
const MOST_RANGES = 4;
const MOST_SHAPES = 1_024;
/** Shapes of more are not kept, as they hold on to what they have read. */
const MOST_BLOCKS = 8;

/** The shapes of the ranges that were asked for last. */
export class ShapeCache {
  readonly #ranges: Shapes[] = [];

  of(range: ShapeRange): Shapes {
    const ranges = this.#ranges;
    let at = ranges.findIndex((known) => known.isOf(range));
    if (at < 0) {
      at = ranges.length < MOST_RANGES ? ranges.length : MOST_RANGES - 1;
      ranges[at] = new Shapes(range);
    }
    const found = ranges[at]!;
    ranges.copyWithin(1, 0, at);
    ranges[0] = found;
    found.isUsed = true;
    return found;
  }

  /** Forgets the ranges that nobody has asked for since this was called last: what is kept for long is dear to collect. */
  tidy(): void {
    const ranges = this.#ranges;
    let kept = 0;
    for (const range of ranges) {
      if (!range.isUsed) continue;
      range.isUsed = false;
      ranges[kept++] = range;
    }
    ranges.length = kept;
  }
}

interface Known {
  readonly shape: Shape | undefined;
  readonly layouts: readonly Layout[];
  /** Rows of the segment when it was looked at. */
  readonly rows: number;
}

/** The shapes of one range, by their newest segment. */
export class Shapes {
  /** Since its cache was tidied. */
  isUsed = true;
  readonly #range: ShapeRange;
  readonly #known = new Map<Segment | undefined, Known>();
  #changes: number;

  constructor({ blocks, startMs, endMs, newestOnly }: ShapeRange) {
    this.#range = { blocks, startMs, endMs, newestOnly };
    this.#changes = blocks.changes;
  }

  isOf({ startMs, endMs, newestOnly }: ShapeRange): boolean {
    const mine = this.#range;
    return startMs === mine.startMs && endMs === mine.endMs && newestOnly === mine.newestOnly;
  }

  /** Undefined when samples overlap or have times of their own. `ref`: one of the series. */
  of(segment: Segment | undefined, layouts: readonly Layout[], ref: SeriesRef): Shape | undefined {
    const { blocks, endMs } = this.#range;
    if (this.#changes !== blocks.changes || this.#known.size > MOST_SHAPES) {
      this.#changes = blocks.changes;
      this.#known.clear();
    }
    const known = this.#known.get(segment);
    if (known && isGood(known, segment, endMs) && sameLayouts(known.layouts, layouts)) return known.shape;
    const shape = shapeOf(this.#range, segment, layouts, ref);
    const isSmall = !shape || shape.blockPieces.length <= MOST_BLOCKS;
    if (isSmall) this.#known.set(segment, { shape, layouts, rows: rowsOf(segment) });
    else this.#known.delete(segment);
    return shape;
  }
}

/** Rows that have come since do not matter when they are behind the range. */
function isGood({ shape, rows }: Known, segment: Segment | undefined, endMs: number): boolean {
  if (hasSealed(shape)) return false;
  return rowsOf(segment) === rows || (segment?.kind === 'grid' && segment.times[rows]! > endMs);
}

function rowsOf(segment: Segment | undefined): number {
  return segment?.kind === 'grid' ? segment.rows : 0;
}

export interface ShapeRange {
  readonly blocks: BlockStore;
  readonly startMs: number;
  readonly endMs: number;
  /** One row is enough: the newest. */
  readonly newestOnly: boolean;
}

const NO_COLUMNS = new Int32Array(0);
const NO_BLOCKS: readonly BlockPiece[] = [];
const NO_TIMES = new Float64Array(0);

function columnsOf(layouts: readonly Layout[]): Int32Array {
  return layouts.length === 0 ? NO_COLUMNS : new Int32Array(layouts.length).fill(-1);
}

/** Undefined when samples overlap or have times of their own. `ref`: one of the series. */
function shapeOf(
  range: ShapeRange,
  segment: Segment | undefined,
  layouts: readonly Layout[],
  ref: SeriesRef,
): Shape | undefined {
  const { blocks, startMs, endMs, newestOnly } = range;
  const only = newestOnly ? undefined : gridOf(segment, startMs);
  if (only && !areIn(layouts, startMs, endMs))
    return { segment, layouts, columns: columnsOf(layouts), ...rowsOfGrid(only, range) };
  const grids = gridsOf(segment);
  const newest = newestOnly ? newestRow(range, grids, layouts) : undefined;
  if (newest) return { segment, layouts, columns: columnsOf(layouts), ...newest };
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
    const slice = blocks.slice(block, index);
    if (!slice?.sharedTimes) return undefined;
    const rows = take(slice.sharedTimes, slice.sharedTimes.length);
    if (rows) blockPieces.push({ ...rows, block, layout, slices: [] });
  }
  for (const grid of grids) {
    if (grid.kind === 'loose') return undefined;
    const rows = take(grid.times, grid.rows);
    if (rows) gridPieces.push({ ...rows, segment: grid });
  }
  for (let k = 1; k < times.length; k++) if (times[k]![0]! <= times[k - 1]!.at(-1)!) return undefined;
  const columns = columnsOf(layouts);
  const shape = { segment, layouts, blockPieces, gridPieces, columns };
  if (newestOnly && length > 0) return { ...shape, ...newestOf(blockPieces, gridPieces, times) };
  return { ...shape, timestamps: joined(times, length) };
}

/** Of a target whose grid goes back far enough. */
function rowsOfGrid(segment: GridSegment, { startMs, endMs }: ShapeRange): Found {
  const { times, rows } = segment;
  const from = lowerBound(times, rows, startMs);
  const end = lowerBound(times, rows, endMs, true);
  if (end <= from) return { blockPieces: NO_BLOCKS, gridPieces: [], timestamps: NO_TIMES };
  const gridPieces = [{ segment, from, end, to: 0 }];
  return { blockPieces: NO_BLOCKS, gridPieces, timestamps: times.subarray(from, end) };
}

/** Rows of one place are seen where they are: their times do not change. */
function joined(times: readonly Float64Array[], length: number): Float64Array {
  if (times.length === 1) return times[0]!;
  const all = new Float64Array(length);
  let at = 0;
  for (const some of times) {
    all.set(some, at);
    at += some.length;
  }
  return all;
}

/** The newest row in the range when it is in the newest grid, so that blocks need not be looked into. */
function newestRow(
  { startMs, endMs }: ShapeRange,
  grids: readonly Segment[],
  layouts: readonly Layout[],
): Found | undefined {
  const grid = grids.at(-1);
  if (grid?.kind !== 'grid') return undefined;
  const end = lowerBound(grid.times, grid.rows, endMs, true);
  const timeMs = end > 0 ? grid.times[end - 1]! : Number.NEGATIVE_INFINITY;
  if (timeMs < startMs) return undefined;
  for (const other of grids)
    if (other !== grid && (other.kind === 'loose' || other.times[other.rows - 1]! >= timeMs))
      return undefined;
  if (areIn(layouts, timeMs, endMs)) return undefined;
  const piece = { segment: grid, from: end - 1, end, to: 0 };
  return { blockPieces: NO_BLOCKS, gridPieces: [piece], timestamps: grid.times.subarray(end - 1, end) };
}

type Found = Pick<Shape, 'blockPieces' | 'gridPieces' | 'timestamps'>;

/** The last row of the last piece. */
function newestOf(
  blockPieces: readonly BlockPiece[],
  gridPieces: readonly GridPiece[],
  times: readonly Float64Array[],
): Found {
  const cut = <P extends Rows>(piece: P): P => ({ ...piece, from: piece.end - 1, to: 0 });
  const inGrid = gridPieces.length > 0;
  return {
    blockPieces: inGrid ? [] : blockPieces.slice(-1).map(cut),
    gridPieces: gridPieces.slice(-1).map(cut),
    timestamps: times.at(-1)!.slice(-1),
  };
}

/** Whether there are blocks in that time. */
function areIn(layouts: readonly Layout[], startMs: number, endMs: number): boolean {
  for (const layout of layouts) if (layout.overlapping(startMs, endMs).length > 0) return true;
  return false;
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

/** The segment when it is the only grid with samples since then. */
function gridOf(segment: Segment | undefined, startMs: number): GridSegment | undefined {
  if (segment?.kind !== 'grid' || segment.sealed || segment.samples === 0) return undefined;
  return !segment.previous || segment.oldestMs <= startMs ? segment : undefined;
}

/** The segment and those it follows, oldest first, without what can be read from blocks. */
function gridsOf(segment: Segment | undefined): Segment[] {
  const grids: Segment[] = [];
  for (let at = segment; at; at = at.kind === 'grid' ? at.previous : undefined)
    if (!at.sealed && at.samples > 0) grids.unshift(at);
  return grids;
}
