/**
 * Deletes whole chunk files, the oldest first: those whose time has passed, and what is too large for the folder. A file that
 * aggregates are still to be made of stays until they are on disk, though no query sees its samples any more, and goes sooner
 * only when the folder is full or the disk takes no aggregates.
 */
import type { Clock } from '@watchroom/model';
import { ClockDoubt } from './clock-doubt.ts';
import type { BlockStore } from './disk/block-store.ts';
import type { FileSpan } from './disk/drop-rule.ts';
import { timeText } from './disk/problem-log.ts';
import { messageOf } from './disk/sqlite.ts';
import type { Work } from './pace.ts';
import type { PendingWrites } from './pending-writes.ts';
import type { Downsampler } from './rollup/downsampler.ts';
import type { Rollups } from './rollup/rollups.ts';
import type { Sealer } from './sealer.ts';
import type { Outage, Retention, StoreLog } from './types.ts';
import type { Writer } from './writer/client.ts';

export interface RetainOptions {
  readonly clock: Clock;
  readonly blocks: BlockStore;
  readonly rollups: Rollups;
  readonly writer: Writer;
  readonly pending: PendingWrites;
  readonly sealer: Sealer;
  readonly downsampler: Downsampler;
  readonly log: StoreLog;
  /** Oldest first. */
  readonly outages: Outage[];
  readonly retention: () => Retention;
  readonly headBytes: () => number;
  /** A file was let go of. */
  readonly dropped: () => void;
}

export class RetainFiles {
  readonly #options: RetainOptions;

  readonly #doubt: ClockDoubt;
  /** Of the pass that is under way. */
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(options: RetainOptions) {
    const { clock, log, blocks, retention } = options;
    this.#options = options;
    this.#doubt = new ClockDoubt(clock, log, blocks.maxMs, retention().retentionMs);
  }

  /** One pass: a file a step. */
  *run(): Work {
    const { blocks, rollups, outages, clock, retention, dropped } = this.#options;
    this.#nowMs = this.#doubt.isOpen ? Number.NEGATIVE_INFINITY : clock.now();
    blocks.ageCache();
    rollups.ageCaches();
    for (;;) {
      const file = this.#aggregates() ?? this.#raw();
      if (!file) break;
      dropped();
      this.#delete(file);
      yield;
    }
    while (outages[0] && outages[0].toMs < clock.now() - retention().retentionMs) outages.shift();
  }

  #aggregates(): FileSpan | undefined {
    const { rollups, retention, downsampler } = this.#options;
    return rollups.dropOldest(this.#nowMs, retention(), {
      isBusy: (path) => downsampler.isBusy(path),
      isHeld: (file) => downsampler.isHeld(file),
    });
  }

  /** What is large for the limit must not cost all raw blocks: aggregates have half of it at most, and the head a quarter. */
  #raw(): FileSpan | undefined {
    const { blocks, rollups, retention, headBytes, sealer, downsampler } = this.#options;
    const { retentionMs, maxBytes } = retention();
    const allowed = Math.max(maxBytes - headBytes() - rollups.bytes, maxBytes / (rollups.isEmpty ? 2 : 4));
    return blocks.dropOldest({
      beforeMs: this.#nowMs - retentionMs,
      maxBytes: allowed,
      isBusy: (path) => path === sealer.path,
      isHeld: (file) => downsampler.isHeld(file),
    });
  }

  #delete(file: FileSpan): void {
    const { pending, writer, downsampler, log } = this.#options;
    const { path, number, minMs, maxMs } = file;
    if (downsampler.isUnread(file))
      log.warn(
        `retention: ${path} goes before all aggregates were made of ${timeText(minMs)} to ${timeText(maxMs)}: ` +
          'the folder is full (storage.max_size), or the disk does not take them',
      );
    pending.fileGone(number);
    writer.request({ kind: 'remove', path, number }).then(
      () => log.info(`retention: deleted ${path}`),
      (error: unknown) => log.error(`retention: cannot delete ${path}: ${messageOf(error)}`),
    );
  }
}
