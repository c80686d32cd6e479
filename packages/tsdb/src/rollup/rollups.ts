/** The blocks of aggregates on disk, of both resolutions. */
import type { Clock, SeriesRef } from '@watchroom/model';
import type { Tombstone } from '../deletion/tombstones.ts';
import { newestDeletion } from '../disk/block-figures.ts';
import { BlockStore } from '../disk/block-store.ts';
import type { DropRule, FileSpan } from '../disk/drop-rule.ts';
import type { ProblemLog } from '../disk/problem-log.ts';
import type { SeriesTable } from '../head/series-table.ts';
import type { Retention } from '../types.ts';
import { FIVE_MINUTES, type Level, ONE_HOUR } from './levels.ts';
import type { VisibleLevel } from './plan.ts';

/** Aggregates take this part of the folder at most. */
const MOST_OF_FOLDER = 1 / 2;
const NO_LEVELS: readonly VisibleLevel[] = [];

export interface LevelBlocks {
  readonly level: Level;
  readonly blocks: BlockStore;
}

/** Which files stay though their time has passed. */
export type Stays = Pick<DropRule, 'isBusy' | 'isHeld'>;

export interface RollupsOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly series: SeriesTable;
  readonly problems: ProblemLog;
  /** Whose layouts aggregates have too. */
  readonly raw: BlockStore;
}

export class Rollups {
  readonly fine: LevelBlocks;
  readonly coarse: LevelBlocks;

  constructor(options: RollupsOptions) {
    const at = (level: Level, layouts: ReadonlyMap<string, Uint32Array>): LevelBlocks => ({
      level,
      blocks: new BlockStore({ ...options, layouts, family: level.family }),
    });
    const known = columnsByHash(options.raw);
    this.fine = at(FIVE_MINUTES, known);
    this.coarse = at(ONE_HOUR, new Map([...known, ...columnsByHash(this.fine.blocks)]));
  }

  get levels(): readonly LevelBlocks[] {
    return [this.fine, this.coarse];
  }

  get bytes(): number {
    return this.fine.blocks.bytes + this.coarse.blocks.bytes;
  }

  /** The levels that have something, finest first, and since when it is seen. */
  visible(nowMs: number, retention: Retention): readonly VisibleLevel[] {
    if (!retention.rollups || this.isEmpty) return NO_LEVELS;
    return this.levels
      .filter(({ blocks }) => blocks.blocks > 0)
      .map((one) => ({ ...one, oldestMs: nowMs - keptMs(one.level, retention) }));
  }

  /** The newest deletion that a block was made after. */
  get deletions(): number {
    return Math.max(newestDeletion(this.fine.blocks.layouts), newestDeletion(this.coarse.blocks.layouts));
  }

  get isEmpty(): boolean {
    return this.fine.blocks.blocks + this.coarse.blocks.blocks === 0;
  }

  holds(ref: SeriesRef): boolean {
    return this.fine.blocks.holds(ref) || this.coarse.blocks.holds(ref);
  }

  /** The end of a series' newest block. */
  lastMs(ref: SeriesRef): number {
    return Math.max(this.fine.blocks.lastMs(ref), this.coarse.blocks.lastMs(ref));
  }

  /** Whether a tombstone hides something: the windows of blocks that were made before it. */
  needs(ref: SeriesRef, { fromMs, toMs, beforeSegment }: Tombstone): boolean {
    return this.levels.some(({ level, blocks }) =>
      (blocks.layoutsOf(ref) ?? []).some((layout) =>
        layout
          .overlapping(fromMs, toMs + level.resolutionMs)
          .some(({ deletions }) => deletions < beforeSegment),
      ),
    );
  }

  /**
   * Lets go of one file that retention does not cover, or that exceeds the part of the folder that aggregates may take: then
   * of the resolution that takes more. All stay when the retention does not speak of them.
   */
  dropOldest(nowMs: number, retention: Retention, stays: Stays): FileSpan | undefined {
    if (!retention.rollups) return undefined;
    for (const { level, blocks } of this.levels) {
      const beforeMs = nowMs - keptMs(level, retention);
      const found = blocks.dropOldest({ ...stays, beforeMs, maxBytes: Number.POSITIVE_INFINITY });
      if (found) return found;
    }
    const allowed = retention.maxBytes * MOST_OF_FOLDER;
    if (this.bytes <= allowed) return undefined;
    const [fine, coarse] = [this.fine.blocks, this.coarse.blocks];
    const larger = fine.bytes >= coarse.bytes ? fine : coarse;
    const other = larger === fine ? coarse : fine;
    return larger.dropOldest({
      ...stays,
      beforeMs: Number.NEGATIVE_INFINITY,
      maxBytes: allowed - other.bytes,
    });
  }

  ageCaches(): void {
    for (const { blocks } of this.levels) blocks.ageCache();
  }

  *verify(): Generator<void> {
    for (const { blocks } of this.levels) yield* blocks.verify();
  }

  close(): void {
    for (const { blocks } of this.levels) blocks.close();
  }
}

function columnsByHash(blocks: BlockStore): ReadonlyMap<string, Uint32Array> {
  return new Map(Array.from(blocks.layouts, ({ hash, refs }) => [hash, refs]));
}

/** How long a level's aggregates are kept; 0: none are made. */
export function keptMs({ name }: Level, { rollups }: Retention): number {
  return (name === '5m' ? rollups?.fiveMinutesMs : rollups?.oneHourMs) ?? 0;
}
