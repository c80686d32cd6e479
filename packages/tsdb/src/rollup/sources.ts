/** What aggregates are made of: raw samples, or aggregates of a finer resolution. */
import type { SeriesRef } from '@watchroom/model';
import { fillAbsent } from '../chunk/absent.ts';
import type { Tombstones } from '../deletion/tombstones.ts';
import type { BlockStore } from '../disk/block-store.ts';
import type { Block, Layout } from '../disk/layout.ts';
import type { SliceCache } from '../disk/slice-cache.ts';
import type { Part } from '../head/segment.ts';
import type { Reader } from '../query/reader.ts';
import { aggregateRaw, aggregateRows, type FineRows, ownDrops, type RollupColumns } from './aggregate.ts';
import { COLUMN, COLUMNS, type Level } from './levels.ts';

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
  readonly #tombstones: Tombstones;

  constructor(blocks: BlockStore, level: Level, tombstones: Tombstones) {
    this.#blocks = blocks;
    this.#level = level;
    this.#tombstones = tombstones;
  }

  layouts(startMs: number, endMs: number): Layout[] {
    return overlapping(this.#blocks, startMs, endMs);
  }

  fill(ref: SeriesRef, ends: Float64Array, into: RollupColumns, place: number, cache: SliceCache): number {
    const { resolutionMs } = this.#level;
    const firstMs = ends[0]! - (ends[1]! - ends[0]!) + resolutionMs;
    const found = (this.#blocks.layoutsOf(ref) ?? [])
      .flatMap((layout) => layout.overlapping(firstMs, ends.at(-1)!))
      .sort((a, b) => a.minMs - b.minMs)
      .flatMap((block) => this.#rowsOf(block, ref, cache) ?? []);
    if (found.length === 0) return 0;
    const fine = {
      ends: joined(found.map((rows) => rows.ends)),
      values: Array.from({ length: COLUMNS }, (_, column) =>
        joined(found.map(({ values }) => values[column]!)),
      ),
    };
    return aggregateRows(fine, ends, into, place);
  }

  /** A block of which a slice is damaged is left out whole; of what was deleted since it was made nothing is told. */
  #rowsOf(block: Block, ref: SeriesRef, cache: SliceCache): FineRows | undefined {
    const place = block.layout.columnOf(ref);
    const parts: Part[] = [];
    for (let column = 0; column < COLUMNS; column++) {
      const part = this.#blocks.part(block, place, { sort: column, cache });
      if (!part) return undefined;
      parts.push(part);
    }
    const ends = parts[0]!.times;
    const values = parts.map((part) => part.values);
    const hidden = this.#tombstones.current.of(ref);
    if (!hidden) return { ends, values };
    const [drops, count] = [values[COLUMN.drops]!.slice(), values[COLUMN.count]!.slice()];
    const { resolutionMs } = this.#level;
    for (let row = 0; row < ends.length; row++) {
      const fromMs = ends[row]! - resolutionMs;
      if (hidden.hidesWindow(block.deletions, fromMs, ends[row]!)) fillAbsent(count, row, 1);
      if (hidden.hidesWindow(block.deletions, fromMs - resolutionMs, fromMs))
        drops[row] = ownDrops(drops[row]!, values[COLUMN.max]![row]!);
    }
    return { ends, values: values.with(COLUMN.drops, drops).with(COLUMN.count, count) };
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
