/** Behind the commits: raw blocks → five-minute aggregates → one-hour aggregates. See level-work.ts. */
import type { Clock } from '@watchroom/model';
import type { Tombstones } from '../deletion/tombstones.ts';
import type { BlockStore } from '../disk/block-store.ts';
import type { FileSpan } from '../disk/drop-rule.ts';
import type { SeriesTable } from '../head/series-table.ts';
import type { Pace, Work } from '../pace.ts';
import type { Reader } from '../query/reader.ts';
import type { Retention, RollupStats, StoreLog } from '../types.ts';
import type { Writer } from '../writer/client.ts';
import { LevelWork } from './level-work.ts';
import { keptMs, type Rollups } from './rollups.ts';
import { FineSource, RawSource } from './sources.ts';

/**
 * A span is taken up when nothing more is to be expected for it: a remote writer may be behind by hours. Raw samples must
 * still be there then, so that it is sooner with a short retention, or when raw blocks already fill much of the folder.
 */
const DELAY_MS = 86_400_000;
const MIN_DELAY_MS = 600_000;
const DELAYS_IN_RETENTION = 8;
const FULL = 0.4;
/** How full it is is asked of the system, two questions a file, so seldom. */
const FULL_EVERY_MS = 10_000;
/** Slow series come into blocks so long after the others. */
const SLOW_MS = 43_200_000;

export interface DownsamplerOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly series: SeriesTable;
  readonly blocks: BlockStore;
  readonly rollups: Rollups;
  readonly reader: Reader;
  readonly tombstones: Tombstones;
  readonly writer: Writer;
  readonly log: StoreLog;
  readonly retention: () => Retention;
  readonly lateWindowMs: () => number;
  /** A block was written or has failed: the next may come. */
  readonly answered: () => void;
}

export class Downsampler {
  readonly #options: DownsamplerOptions;
  readonly #fine: LevelWork;
  readonly #coarse: LevelWork;
  #isFull = false;
  #fullDueMs = Number.NEGATIVE_INFINITY;

  constructor(options: DownsamplerOptions) {
    this.#options = options;
    const { rollups, blocks, reader, tombstones } = options;
    const delayMs = () => this.#delayMs();
    const deletions = () => tombstones.current.beforeSegment;
    this.#coarse = new LevelWork({
      ...options,
      to: rollups.coarse,
      source: new FineSource(rollups.fine.blocks, rollups.fine.level, tombstones),
      deletions,
      delayMs: () => delayMs() + Math.min(SLOW_MS, delayMs()),
      isReady: (endMs) => this.#fine.isDoneBefore(endMs),
      made: () => {},
    });
    this.#fine = new LevelWork({
      ...options,
      to: rollups.fine,
      source: new RawSource(blocks, reader),
      deletions,
      delayMs,
      isReady: () => true,
      made: (minMs, maxMs) => this.#coarse.note(minMs, maxMs),
    });
    for (const layout of blocks.layouts)
      for (const { minMs, maxMs } of layout.blocks) this.#fine.note(minMs, maxMs);
    for (const layout of rollups.fine.blocks.layouts)
      for (const { minMs, maxMs } of layout.blocks) this.#coarse.note(minMs, maxMs);
  }

  /** Whether a file of aggregates is being written to. */
  isBusy(path: string): boolean {
    return path === this.#fine.path || path === this.#coarse.path;
  }

  /** Raw samples are seen for longer than their retention while no aggregates can stand in for them. */
  seenSince(retainedSinceMs: number): number {
    const { retention, clock, rollups } = this.#options;
    if (keptMs(rollups.fine.level, retention()) <= 0) return retainedSinceMs;
    return this.#fine.unmadeSince(retainedSinceMs, clock.now() - this.#usualDelayMs());
  }

  /** Whether aggregates are still to be made of what a file has. */
  isUnread({ number, maxMs }: FileSpan): boolean {
    return this.#readerOf(number)?.isToRead(maxMs) ?? false;
  }

  /** Whether a file must stay for that: not while the disk refuses what is made of it. */
  isHeld(file: FileSpan): boolean {
    return this.isUnread(file) && !this.#readerOf(file.number)?.isRefused;
  }

  /** A raw block with this range is on disk. */
  note(minMs: number, maxMs: number): void {
    if (this.#options.retention().rollups) this.#fine.note(minMs, maxMs);
  }

  next(): Work | undefined {
    if (!this.#options.retention().rollups) return undefined;
    return this.#fine.next() ?? this.#coarse.next();
  }

  async settled(): Promise<void> {
    await this.#fine.settled();
    await this.#coarse.settled();
  }

  stats(): RollupStats[] {
    const { fine, coarse } = this.#options.rollups;
    return [
      { to: fine, work: this.#fine },
      { to: coarse, work: this.#coarse },
    ].map(({ to, work }) => ({
      level: to.level.name,
      diskBytes: to.blocks.bytes,
      files: to.blocks.files.length,
      ...work.stats(),
    }));
  }

  /** What makes aggregates of a file's blocks. */
  #readerOf(number: number): LevelWork | undefined {
    const { blocks, rollups } = this.#options;
    if (blocks.owns(number)) return this.#fine;
    return rollups.fine.blocks.owns(number) ? this.#coarse : undefined;
  }

  #delayMs(): number {
    return this.#hasMuch() ? MIN_DELAY_MS + this.#options.lateWindowMs() : this.#usualDelayMs();
  }

  /** Whether raw blocks fill much of the folder; known for a while. */
  #hasMuch(): boolean {
    const { clock, retention, blocks } = this.#options;
    const now = clock.monotonic();
    if (now < this.#fullDueMs) return this.#isFull;
    this.#fullDueMs = now + FULL_EVERY_MS;
    this.#isFull = blocks.bytes > retention().maxBytes * FULL;
    return this.#isFull;
  }

  #usualDelayMs(): number {
    const { retention, lateWindowMs } = this.#options;
    const usualMs = Math.min(DELAY_MS, retention().retentionMs / DELAYS_IN_RETENTION);
    return Math.max(MIN_DELAY_MS, usualMs) + lateWindowMs();
  }
}
