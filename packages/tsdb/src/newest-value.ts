/**
 * The newest sample of a series, for judging another one that is not newer. What was only in blocks at opening is looked up
 * when it is asked for: until then its time is that of the newest sample of any series in the block, its value the mark of
 * none. What is deleted is not there, though its time stays the newest one.
 */
import type { SeriesRef } from '@watchroom/model';
import { ABSENT, HISTOGRAM, isAbsent } from './chunk/absent.ts';
import type { Tombstones } from './deletion/tombstones.ts';
import type { BlockStore } from './disk/block-store.ts';
import type { SeriesTable } from './head/series-table.ts';
import { encodeHistogram } from './histogram/codec.ts';
import type { Reader } from './query/reader.ts';

export interface NewestValueParts {
  readonly series: SeriesTable;
  readonly blocks: BlockStore;
  readonly reader: Reader;
  readonly tombstones: Tombstones;
}

/** What the table knows of a series that is only in blocks. */
export function restoreLast({ series, blocks }: Pick<NewestValueParts, 'series' | 'blocks'>): void {
  for (const ref of series.refs()) {
    if (series.lastTime[ref]! > Number.NEGATIVE_INFINITY) continue;
    series.lastTime[ref] = blocks.lastMs(ref);
    series.lastValue[ref] = ABSENT;
    series.risingSince[ref] = series.lastTime[ref]!;
  }
}

export class NewestValue {
  readonly #parts: NewestValueParts;

  constructor(parts: NewestValueParts) {
    this.#parts = parts;
  }

  /** Sees to it that the table tells time and value of the series' newest sample; gives the time. */
  ensure(ref: SeriesRef): number {
    const { series, tombstones } = this.#parts;
    const isOpen = isAbsent(series.lastValue[ref]!);
    if (isOpen) series.lastTime[ref] = this.#timeInBlocks(ref);
    const timeMs = series.lastTime[ref]!;
    const hidden = tombstones.current.of(ref);
    const mayBeDeleted = hidden?.list.some(({ fromMs, toMs }) => timeMs >= fromMs && timeMs <= toMs);
    if (isOpen || mayBeDeleted) this.#readValue(ref, timeMs);
    return timeMs;
  }

  /** Not before the end of a deletion, as that hides whatever lies before it in segments that are there. */
  #timeInBlocks(ref: SeriesRef): number {
    const { series, blocks, tombstones } = this.#parts;
    const knownMs = series.lastTime[ref]!;
    const deletedMs = (tombstones.current.of(ref)?.list ?? []).reduce(
      (max, { toMs }) => Math.max(max, toMs),
      Number.NEGATIVE_INFINITY,
    );
    let newestMs = Number.NEGATIVE_INFINITY;
    const all = (blocks.layoutsOf(ref) ?? []).flatMap((layout) => layout.blocks);
    for (const block of all.sort((a, b) => b.maxMs - a.maxMs)) {
      if (block.maxMs <= newestMs) break;
      const part = blocks.part(block, block.layout.columnOf(ref));
      // What cannot be read may be the newest.
      if (!part) return knownMs;
      let last = part.times.length - 1;
      while (last >= 0 && isAbsent(part.values[last]!)) last--;
      if (last >= 0) newestMs = Math.max(newestMs, part.times[last]!);
    }
    return Math.min(knownMs, Math.max(newestMs, deletedMs));
  }

  #readValue(ref: SeriesRef, timeMs: number): void {
    const { series, reader } = this.#parts;
    const found = reader.samplesOf(ref, { startMs: timeMs, endMs: timeMs });
    const histogram = found?.histograms?.[0];
    if (histogram) series.lastHistogram.set(ref, encodeHistogram(histogram));
    // From array to array, as a plain number may lose the bits of a NaN.
    if (found && !histogram) series.lastValue.set(found.values.subarray(0, 1), ref);
    else series.lastValue[ref] = histogram ? HISTOGRAM : ABSENT;
  }
}
