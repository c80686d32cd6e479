/** Sorts of blocks, and what a store of one sort is told and asked. */
import type { Clock } from '@watchroom/model';
import { SLICE_COLUMNS } from '../chunk/slice.ts';
import type { HiddenSpans } from '../deletion/tombstones.ts';
import type { SeriesTable } from '../head/series-table.ts';
import type { Layout } from './layout.ts';
import type { ProblemLog } from './problem-log.ts';
import type { SliceCache } from './slice-cache.ts';

/** What tells the files of one sort of blocks from those of another. */
export interface BlockFamily {
  /** Of the files' names: `<prefix>-<n>.db`. */
  readonly prefix: string;
  /** Numbers of its files lie from here on, below the next family's. */
  readonly numbersFrom: number;
  /** Columns that each series has: those of one sort follow each other, in slices of their own. */
  readonly columnsPerSeries: number;
  readonly cacheBytes: number;
}

export const RAW_BLOCKS: BlockFamily = {
  prefix: 'chunks',
  numbersFrom: 0,
  columnsPerSeries: 1,
  cacheBytes: 32 * 1024 * 1024,
};
/** Numbers of files that a family has; those of raw blocks are the first. */
export const NUMBERS_PER_FAMILY = 500_000;

export interface BlockStoreOptions {
  readonly family?: BlockFamily;
  readonly dir: string;
  readonly clock: Clock;
  readonly series: SeriesTable;
  readonly problems: ProblemLog;
  /** Lists of known series by the hash of their layout: these need not be read. */
  readonly layouts: ReadonlyMap<string, Uint32Array>;
  /** Segments of which head.db still has rows: their blocks count only when all of them can be read. */
  readonly withRows?: ReadonlySet<number> | undefined;
  /** The folder may be another process': nothing is set aside or mended. */
  readonly readOnly?: boolean | undefined;
}

/** Where the next block goes. */
export interface Place {
  readonly path: string;
  readonly number: number;
}

/** A block that another thread has written. */
export interface WrittenBlock {
  readonly place: Place;
  readonly id: number;
  readonly segment: number;
  readonly hash: string;
  readonly refs: Uint32Array;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  /** Of aggregates: see Block. */
  readonly deletions?: number;
}

/** How a series' samples are read. */
export interface PartOptions {
  /** Its tombstones. */
  readonly hidden?: HiddenSpans | undefined;
  /** Which of its columns; the first by default. */
  readonly sort?: number | undefined;
  /** Of one who passes by with all series; the store's by default. */
  readonly cache?: SliceCache | undefined;
}

/** Slices that one column of each series takes. */
export function slicesOf({ refs }: Layout): number {
  return Math.ceil(refs.length / SLICE_COLUMNS);
}
