/** What aggregates are made of: raw samples, or aggregates of a finer resolution. */
import type { SeriesRef } from '@watchroom/model';
import type { BlockStore } from '../disk/block-store.ts';
import type { Layout } from '../disk/layout.ts';
import type { SliceCache } from '../disk/slice-cache.ts';
import type { Part } from '../head/segment.ts';
import type { Reader } from '../query/reader.ts';
import { aggregateRaw, aggregateRows, type RollupColumns } from './aggregate.ts';
import { COLUMNS, type Level } from './levels.ts';

/** So far back a sample is looked for that the first one of a span may be a drop from. */
export const BEFORE_MS = 600_000;

export interface RollupSource {
  /** Layouts whose series may have something in the range. */
  layouts(startMs: number, endMs: number): Layout[];
  /** Puts the windows of a series with these ends into its place; gives how many there are. */
  fill(ref: SeriesRef, ends: Float64Array, into: RollupColumns, place: number, cache: SliceCache): number;
}

export class RawSource implements RollupSource {
  readonly #blocks: BlockStore;
  readonly #reader: Reader;

  constructor(blocks: BlockStore, reader: Reader) {
    this.#blocks = blocks;
    this.#reader = reader;
  }

  layouts(startMs: number, endMs: number): Layout[] {
    return overlapping(this.#blocks, startMs, endMs);
  }

  fill(ref: SeriesRef, ends: Float64Array, into: RollupColumns, place: number, cache: SliceCache): number {
    const fromMs = ends[0]! - (ends[1]! - ends[0]!);
    const found = this.#reader.samples(ref, fromMs - BEFORE_MS, ends.at(-1)!, cache);
    return found ? aggregateRaw(found.timestamps, found.values, ends, into, place) : 0;
  }
}

export class FineSource implements RollupSource {
  readonly #blocks: BlockStore;
  readonly #level: Level;

  constructor(blocks: BlockStore, level: Level) {
    this.#blocks = blocks;
    this.#level = level;
  }

  layouts(startMs: number, endMs: number): Layout[] {
    return overlapping(this.#blocks, startMs, endMs);
  }

  fill(ref: SeriesRef, ends: Float64Array, into: RollupColumns, place: number, cache: SliceCache): number {
    const { resolutionMs } = this.#level;
    const firstMs = ends[0]! - (ends[1]! - ends[0]!) + resolutionMs;
    const byStart = new Map<number, Part[]>();
    const parts: Part[] = [];
    for (let column = 0; column < COLUMNS; column++) {
      parts.length = 0;
      this.#blocks.parts(ref, firstMs, ends.at(-1)!, parts, { sort: column, cache });
      for (const part of parts) {
        const startMs = part.times[0]!;
        const known = byStart.get(startMs);
        if (known) known.push(part);
        else byStart.set(startMs, [part]);
      }
    }
    // A block of which a slice is damaged is left out whole.
    const whole = [...byStart]
      .filter(([, columns]) => columns.length === COLUMNS)
      .sort(([a], [b]) => a - b)
      .map(([, columns]) => columns);
    if (whole.length === 0) return 0;
    const fine = {
      ends: joined(whole.map((columns) => columns[0]!.times)),
      values: Array.from({ length: COLUMNS }, (_, column) =>
        joined(whole.map((columns) => columns[column]!.values)),
      ),
    };
    return aggregateRows(fine, ends, into, place);
  }
}

function overlapping(blocks: BlockStore, startMs: number, endMs: number): Layout[] {
  return Array.from(blocks.layouts).filter((layout) => layout.overlapping(startMs, endMs).length > 0);
}

function joined(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
