/** The store: puts head, blocks, recovery and upkeep together behind the ports. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Appender,
  AppendOutcome,
  Clock,
  Labels,
  Matcher,
  SelectHints,
  SeriesData,
  SeriesRef,
  TimeRange,
} from '@watchroom/model';
import { cardinalityOf } from './cardinality.ts';
import { SLICE_COLUMNS, writeSlice } from './chunk/slice.ts';
import { BlockStore } from './disk/block-store.ts';
import type { ChunkFile } from './disk/chunk-file.ts';
import type { HeadFile } from './disk/head-file.ts';
import { HeartbeatFile } from './disk/heartbeat.ts';
import { type FolderLock, lockFolder } from './disk/lock.ts';
import { ProblemLog } from './disk/problem-log.ts';
import { FORMAT_VERSION, formatOf, messageOf } from './disk/sqlite.ts';
import { HeadAppender, MAX_AHEAD_MS } from './head/appender.ts';
import { type Batch, Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import { SeriesTable } from './head/series-table.ts';
import { PendingWrites } from './pending-writes.ts';
import { Reader } from './query/reader.ts';
import { HEARTBEAT_FILE, HeadRecovery } from './recover.ts';
import { StaleOnOpen } from './stale-on-open.ts';
import {
  type Cardinality,
  type Outage,
  type Retention,
  StoreError,
  type StoreLog,
  type StoreOptions,
  type StoreProblem,
  type StoreStats,
  type TimeSeriesStore,
} from './types.ts';
import { Upkeep, type Work } from './upkeep.ts';

const DEFAULTS = { flushEveryMs: 250, chunkRows: 120, maxPendingBytes: 64 * 1024 * 1024 };
const RETENTION_EVERY_MS = 10_000;
const SYNC_EVERY_MS = 1_000;
/** Verification at open stops here; the rest is done behind the commits. */
const VERIFY_AT_OPEN_MS = 300;
/** A ref stays valid for so long after a series' last sample at least. */
const FORGET_AFTER_MS = 3_600_000;
/** Without memory for them, closed segments that cannot be written are given up beyond this. */
const MAX_UNWRITTEN_BYTES = 256 * 1024 * 1024;

const SILENT: StoreLog = { info: () => {}, warn: () => {}, error: () => {} };

/** Opens or creates the store in `options.dir`; throws StoreError when that cannot be done. */
export function openStore(options: StoreOptions): Promise<TimeSeriesStore> {
  return new Promise((resolve) => resolve(new Store(options)));
}

class Store implements TimeSeriesStore {
  readonly #clock: Clock;
  readonly #log: StoreLog;
  readonly #lock: FolderLock;
  readonly #problems: ProblemLog;
  readonly #series = new SeriesTable();
  readonly #head: Head;
  readonly #blocks: BlockStore;
  readonly #file: HeadFile;
  readonly #heartbeat: HeartbeatFile;
  readonly #pending: PendingWrites;
  readonly #reader: Reader;
  readonly #stale: StaleOnOpen;
  readonly #upkeep: Upkeep;
  readonly #outages: Outage[];
  readonly #port: {
    series: SeriesTable;
    expected: number;
    commit: (b: Batch) => void;
    reject: (o: Rejection) => void;
  };
  #retention: Retention;
  #verifying: Work | undefined;
  #retentionDueMs = 0;
  #syncDueMs = 0;
  #closed = false;
  #appended = 0;
  #sealedSamples = 0;
  #sealedBytes = 0;
  #droppedFiles = 0;
  #droppedSamples = 0;
  readonly #rejected = { duplicate: 0, conflict: 0, out_of_order: 0, too_old: 0, too_far_ahead: 0 };

  constructor(options: StoreOptions) {
    this.#clock = options.clock;
    this.#log = options.log ?? SILENT;
    this.#retention = { retentionMs: options.retentionMs, maxBytes: options.maxBytes };
    this.#problems = new ProblemLog(this.#log);
    ensureFormat(options.dir);
    this.#lock = lockFolder(options.dir);
    try {
      const { dir, clock } = options;
      const series = this.#series;
      const problems = this.#problems;
      this.#head = new Head(series, clock, options.chunkRows ?? DEFAULTS.chunkRows);
      const recovery = new HeadRecovery({ dir, clock, series, head: this.#head, problems });
      this.#blocks = new BlockStore({ dir, clock, series, problems });
      const recovered = recovery.replay(this.#blocks);
      this.#file = recovered.file;
      this.#outages = recovered.outages;
      this.#heartbeat = new HeartbeatFile(join(dir, HEARTBEAT_FILE));
      this.#reader = new Reader(series, this.#head, this.#blocks, () => this.#oldestMs());
      this.#pending = new PendingWrites({
        series,
        file: this.#file,
        heartbeat: this.#heartbeat,
        clock,
        log: this.#log,
        maxBytes: options.maxPendingBytes ?? DEFAULTS.maxPendingBytes,
      });
      this.#port = {
        series,
        expected: 0,
        commit: (batch) => this.#commit(batch),
        reject: (outcome) => {
          this.#rejected[outcome]++;
        },
      };
      this.#noteOutage(recovered.aliveMs);
      this.#verifyAtOpen();
      for (const ref of series.refs()) this.#restoreLast(ref);
      this.#stale = new StaleOnOpen(this, series, clock);
      this.#stale.start(this.#reader, this.#blocks, options.markStaleOnOpen ?? true);
      this.#upkeep = new Upkeep({
        clock,
        everyMs: options.flushEveryMs ?? DEFAULTS.flushEveryMs,
        tick: () => this.#tick(),
        next: () => this.#nextWork(),
      });
      this.#pending.flush();
      this.#upkeep.start();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  appender(): Appender {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    const nowMs = this.#clock.now();
    return new HeadAppender(this.#port, {
      oldestMs: nowMs - this.#retention.retentionMs,
      newestMs: nowMs + MAX_AHEAD_MS,
    });
  }

  select(matchers: readonly Matcher[], hints: SelectHints, signal?: AbortSignal): readonly SeriesData[] {
    return this.#reader.select(matchers, hints, signal);
  }

  series(matchers: readonly Matcher[], range: TimeRange): readonly Labels[] {
    return this.#reader.series(matchers, range);
  }

  labelNames(matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return this.#reader.labelNames(matchers, range);
  }

  labelValues(name: string, matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return this.#reader.labelValues(name, matchers, range);
  }

  async flush(): Promise<void> {
    if (this.#closed) return;
    this.#pending.flush();
    await this.#file.sync();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#upkeep.stop();
    this.#pending.flush();
    await Promise.all([this.#file.sync(), this.#pending.settled()]);
    this.#pending.flush();
    this.#pending.beat();
    this.#blocks.close();
    this.#file.close();
    this.#heartbeat.close();
    this.#lock.release();
  }

  problems(): readonly StoreProblem[] {
    return this.#problems.list;
  }

  outages(): readonly Outage[] {
    return this.#outages;
  }

  topCardinality(limit: number): Cardinality {
    return cardinalityOf(this.#series.index, limit);
  }

  setRetention(retention: Retention): void {
    this.#retention = { ...retention };
    this.#retentionDueMs = 0;
  }

  stats(): StoreStats {
    let [minMs, maxMs] = [this.#blocks.minMs, this.#blocks.maxMs];
    for (const segment of this.#head.segments) {
      minMs = Math.min(minMs, segment.oldestMs);
      maxMs = Math.max(maxMs, segment.newestMs);
    }
    return {
      series: this.#series.size,
      headSamples: this.#head.samples,
      headBytes: this.#head.bytes,
      chunks: this.#blocks.blocks,
      files: this.#blocks.files.length,
      diskBytes: this.#diskBytes(),
      minTimeMs: Number.isFinite(minMs) ? Math.max(minMs, this.#oldestMs()) : undefined,
      maxTimeMs: Number.isFinite(maxMs) ? maxMs : undefined,
      appendedTotal: this.#appended,
      rejectedByOutcome: { ...this.#rejected },
      ...this.#pending.stats(),
      droppedSamples: this.#droppedSamples,
      sealedSamples: this.#sealedSamples,
      sealedBytes: this.#sealedBytes,
      retainedFilesDropped: this.#droppedFiles,
      cacheBytes: this.#blocks.cacheBytes,
      worstSliceMs: this.#upkeep.worstSliceMs,
    };
  }

  #commit(batch: Batch): void {
    this.#port.expected = batch.count;
    this.#appended += batch.count;
    this.#pending.add(this.#head.apply(batch));
  }

  #tick(): void {
    this.#stale.run();
    this.#pending.flush();
    const now = this.#clock.monotonic();
    if (now < this.#syncDueMs) return;
    this.#syncDueMs = now + SYNC_EVERY_MS;
    void this.#file.sync();
  }

  #nextWork(): Work | undefined {
    const closed = this.#head.closable();
    if (closed.length > 0) return this.#sealAll(closed);
    if (this.#file.checkpointDue) return this.#checkpoint();
    const now = this.#clock.monotonic();
    if (now >= this.#retentionDueMs) {
      this.#retentionDueMs = now + RETENTION_EVERY_MS;
      return this.#retain();
    }
    const verifying = this.#verifying;
    this.#verifying = undefined;
    return verifying;
  }

  *#sealAll(segments: readonly Segment[]): Work {
    for (const segment of segments) {
      const slices: Uint8Array[] = [];
      for (let column = 0; column < segment.columns; column += SLICE_COLUMNS) {
        slices.push(writeSlice(segment, column));
        yield;
      }
      const { maxBytes, retentionMs } = this.#retention;
      let file: ChunkFile;
      try {
        file = this.#blocks.append(segment, slices, maxBytes, retentionMs);
      } catch (error) {
        this.#pending.failed(`cannot write a block: ${messageOf(error)}`);
        this.#giveUp();
        return;
      }
      this.#head.drop(segment);
      this.#sealedSamples += segment.samples;
      for (const slice of slices) this.#sealedBytes += slice.length;
      // The write-ahead rows go only when the block has reached the disk.
      this.#pending.sealedAfter(file.sync(), segment);
      yield;
      file.checkpoint();
      yield;
    }
  }

  /** Bounds memory while the disk refuses blocks: the oldest samples go, and are counted. */
  #giveUp(): void {
    let bytes = 0;
    for (const segment of [...this.#head.closable()].reverse()) {
      bytes += segment.bytes;
      if (bytes <= MAX_UNWRITTEN_BYTES) continue;
      this.#droppedSamples += segment.samples;
      this.#head.drop(segment);
    }
  }

  *#checkpoint(): Work {
    this.#file.checkpoint();
    yield;
  }

  *#retain(): Work {
    for (;;) {
      // A head that is large for the limit must not cost all blocks.
      const { maxBytes } = this.#retention;
      const dropped = this.#blocks.dropOldest(
        this.#oldestMs(),
        Math.max(maxBytes - this.#file.bytes, maxBytes / 2),
      );
      if (!dropped) break;
      this.#droppedFiles++;
      this.#log.info(`retention: deleted ${dropped.file}`);
      const idleSinceMs = this.#clock.now() - FORGET_AFTER_MS;
      this.#series.forget(
        dropped.refs.filter((ref) => !this.#head.holds(ref) && this.#series.lastTime[ref]! < idleSinceMs),
      );
      yield;
    }
    while (this.#outages[0] && this.#outages[0].toMs < this.#oldestMs()) this.#outages.shift();
  }

  #oldestMs(): number {
    return this.#clock.now() - this.#retention.retentionMs;
  }

  #diskBytes(): number {
    return this.#blocks.bytes + this.#file.bytes;
  }

  #noteOutage(aliveMs: number | undefined): void {
    const nowMs = this.#clock.now();
    if (aliveMs === undefined || aliveMs >= nowMs) return;
    this.#outages.push({ fromMs: aliveMs, toMs: nowMs });
    this.#file.addOutage(aliveMs, nowMs);
    this.#file.forgetOutages(nowMs - this.#retention.retentionMs);
  }

  #verifyAtOpen(): void {
    const untilMs = performance.now() + VERIFY_AT_OPEN_MS;
    const work = this.#blocks.verify();
    while (performance.now() < untilMs) if (work.next().done) return;
    this.#verifying = work;
  }

  /** A series that is only in blocks continues after them. */
  #restoreLast(ref: SeriesRef): void {
    if (this.#series.lastTime[ref]! > Number.NEGATIVE_INFINITY) return;
    this.#series.lastTime[ref] = this.#blocks.lastMs(ref);
    this.#series.lastValue[ref] = Number.NaN;
  }
}

type Rejection = Exclude<AppendOutcome, 'ok'>;

/** Throws StoreError before anything is touched when a newer program has written here. */
function ensureFormat(dir: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return;
  }
  for (const name of names) {
    if (!name.endsWith('.db')) continue;
    const version = formatOf(join(dir, name));
    if (version === undefined || version <= FORMAT_VERSION) continue;
    throw new StoreError(
      'newer_format',
      `the data folder ${dir} was written by a newer version (format ${version} in ${name}; this one knows ` +
        `up to ${FORMAT_VERSION}). Nothing was changed. Use that newer version, or another folder.`,
    );
  }
}
