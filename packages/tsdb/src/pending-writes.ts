/** Commits on their way to head.db: grouped into one transaction per flush, kept and retried when the disk refuses. */
import type { Clock, Labels, SeriesRef } from '@watchroom/model';
import type { HeadFile } from './disk/head-file.ts';
import type { HeartbeatFile } from './disk/heartbeat.ts';
import { messageOf } from './disk/sqlite.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import type { WalRecord } from './head/wal-record.ts';
import type { StoreLog } from './types.ts';

/** Segments whose write-ahead rows are deleted in one flush. */
const FORGET_PER_FLUSH = 4;
const ALIVE_EVERY_MS = 1_000;

export interface PendingOptions {
  readonly series: SeriesTable;
  readonly file: HeadFile;
  readonly heartbeat: HeartbeatFile;
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly maxBytes: number;
}

export class PendingWrites {
  readonly #options: PendingOptions;
  #records: WalRecord[] = [];
  #bytes = 0;
  #scrapes = 0;
  /** Sealed segments whose blocks are safely on disk. */
  #sealed: Segment[] = [];
  readonly #syncing = new Set<Promise<void>>();
  #aliveDueMs = 0;
  #flushes = 0;
  #failures = 0;
  #undurable = 0;
  #lastError: string | undefined;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  add(records: readonly WalRecord[]): void {
    if (records.length === 0) return;
    this.#scrapes++;
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.data.length;
    }
    while (this.#bytes > this.#options.maxBytes && this.#records.length > 1) {
      const oldest = this.#records.shift()!;
      this.#bytes -= oldest.data.length;
      this.#undurable += oldest.samples;
    }
  }

  /** Deletes the segment's write-ahead rows once `synced` has come. */
  sealedAfter(synced: Promise<void>, segment: Segment): void {
    const settled = synced.then(() => {
      this.#sealed.push(segment);
      this.#syncing.delete(settled);
    });
    this.#syncing.add(settled);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#syncing);
  }

  /** Writes all that waits in one transaction; a failure is counted and everything is tried again next time. */
  flush(): void {
    const { clock, file, heartbeat } = this.#options;
    const nowMs = clock.now();
    const idle = this.#records.length === 0 && this.#sealed.length === 0;
    if (idle && clock.monotonic() < this.#aliveDueMs) return;
    const sealed = this.#sealed.slice(0, FORGET_PER_FLUSH);
    const fresh = this.#newSeries();
    try {
      if (!idle) file.write({ records: this.#records, sealed, nowMs }, fresh);
      heartbeat.write({ seq: file.seq, timeMs: nowMs });
    } catch (error) {
      this.failed(messageOf(error));
      return;
    }
    for (const [ref] of fresh) this.#options.series.persisted[ref] = true;
    this.#sealed.splice(0, sealed.length);
    this.#records = [];
    this.#bytes = 0;
    this.#scrapes = 0;
    this.#flushes++;
    this.#aliveDueMs = clock.monotonic() + ALIVE_EVERY_MS;
    if (this.#lastError === undefined) return;
    this.#lastError = undefined;
    this.#options.log.info('the disk takes samples again');
  }

  /** Notes that the server is alive. */
  beat(): void {
    const { file, heartbeat, clock } = this.#options;
    try {
      heartbeat.write({ seq: file.seq, timeMs: clock.now() });
    } catch (error) {
      this.failed(messageOf(error));
    }
  }

  /** Counts a failure and says it once. */
  failed(message: string): void {
    this.#failures++;
    if (this.#lastError !== message)
      this.#options.log.error(`samples stay in memory, the disk does not take them: ${message}`);
    this.#lastError = message;
  }

  stats(): {
    walPendingScrapes: number;
    walPendingBytes: number;
    flushes: number;
    flushFailures: number;
    lastFlushError: string | undefined;
    undurableSamples: number;
  } {
    return {
      walPendingScrapes: this.#scrapes,
      walPendingBytes: this.#bytes,
      flushes: this.#flushes,
      flushFailures: this.#failures,
      lastFlushError: this.#lastError,
      undurableSamples: this.#undurable,
    };
  }

  /** Series that the records' new columns name and head.db does not know yet. */
  #newSeries(): (readonly [SeriesRef, Labels])[] {
    const { series } = this.#options;
    const fresh = new Map<SeriesRef, Labels>();
    for (const segment of new Set(this.#records.map((record) => record.segment))) {
      for (let column = segment.persistedColumns; column < segment.columns; column++) {
        const ref = segment.refs[column]!;
        const labels = series.labels[ref];
        if (labels && !series.persisted[ref]) fresh.set(ref, labels);
      }
    }
    return [...fresh];
  }
}
