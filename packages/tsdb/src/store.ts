/** The store: puts head, blocks and upkeep together behind the ports. */
import type {
  Appender,
  Clock,
  ExemplarOutcome,
  Labels,
  Matcher,
  SelectHints,
  SeriesData,
  SeriesExemplars,
  SeriesSet,
  StoreCut,
  TimeRange,
} from '@watchroom/model';
import { cardinalityOf } from './cardinality.ts';
import { ChangeLog } from './change-log.ts';
import { StoreAdmin } from './deletion/store-admin.ts';
import type { Tombstones } from './deletion/tombstones.ts';
import type { BlockStore } from './disk/block-store.ts';
import type { HeadFile } from './disk/head-file.ts';
import type { FolderLock } from './disk/lock.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { messageOf, sizeOf } from './disk/sqlite.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { FolderGuard } from './folder-guard.ts';
import { ForgetSeries } from './forget-series.ts';
import { type AppenderPort, HeadAppender, MAX_AHEAD_MS } from './head/appender.ts';
import { earliestOf, newestOf } from './head/batch-times.ts';
import type { Batch, Head } from './head/head.ts';
import type { SeriesLimit } from './head/series-limit.ts';
import type { SeriesTable } from './head/series-table.ts';
import { UndoPool } from './head/undo-pool.ts';
import { finish, type HeadNews } from './head-news.ts';
import { HeadSync } from './head-sync.ts';
import { NewestValue, restoreLast } from './newest-value.ts';
import { type Pace, type Work, within } from './pace.ts';
import { PendingWrites } from './pending-writes.ts';
import { Reader } from './query/reader.ts';
import { RetainFiles } from './retain-files.ts';
import { Downsampler } from './rollup/downsampler.ts';
import type { Rollups } from './rollup/rollups.ts';
import { journalBytesFor, Sealer } from './sealer.ts';
import { StaleOnOpen } from './stale-on-open.ts';
import {
  type Cardinality,
  type EndedSeries,
  type Outage,
  type Retention,
  type StoreChanges,
  StoreError,
  type StoreLog,
  type StoreOptions,
  type StoreProblem,
  type StoreStats,
  type TimeSeriesStore,
} from './types.ts';
import { Upkeep } from './upkeep.ts';
import type { Writer } from './writer/client.ts';

/** Flushes: a target that was scraped just before a kill must be due again later than a new process takes to come up. */
const DEFAULTS = { flushEveryMs: 500, maxPendingBytes: 64 * 1024 * 1024 };
const RETENTION_EVERY_MS = 10_000;
const FORGET_EVERY_MS = 30_000;
/** For the last writes, and then for the writing thread to end. */
const CLOSE_WITHIN_MS = 4_000;
const END_WITHIN_MS = 1_000;

/** What opening a folder has brought to light. */
export interface StoreParts {
  readonly log: StoreLog;
  readonly lock: FolderLock;
  readonly problems: ProblemLog;
  readonly pace: Pace;
  readonly series: SeriesTable;
  readonly head: Head;
  readonly exemplars: ExemplarBuffer;
  readonly limit: SeriesLimit;
  readonly blocks: BlockStore;
  readonly rollups: Rollups;
  readonly news: HeadNews;
  readonly writer: Writer;
  /** Open until the writing thread has the file open too, as the last one to close copies the whole journal. */
  readonly headFile: HeadFile;
  readonly headPath: string;
  readonly outages: Outage[];
  readonly tombstones: Tombstones;
}

export class Store implements TimeSeriesStore {
  onEnded: ((ended: EndedSeries) => void) | undefined;
  readonly #parts: StoreParts;
  readonly #clock: Clock;
  readonly #pending: PendingWrites;
  readonly #reader: Reader;
  readonly #newest: NewestValue;
  readonly #sealer: Sealer;
  readonly #downsampler: Downsampler;
  readonly #retainFiles: RetainFiles;
  readonly #guard: FolderGuard;
  readonly #stale: StaleOnOpen;
  readonly #upkeep: Upkeep;
  readonly #admin: StoreAdmin;
  readonly #port: AppenderPort & { expected: number };
  #retention: Retention;
  #verifying: Work | undefined;
  readonly #forget: ForgetSeries;
  #retentionDueMs = 0;
  #forgetDueMs = 0;
  readonly #sync: HeadSync;
  #handedOver: Promise<void> = Promise.resolve();
  #closed = false;
  #appended = 0;
  #appendedLate = 0;
  #lateWindowMs: number;
  /** Time of the newest sample of all. */
  #newestMs = Number.NEGATIVE_INFINITY;
  #droppedFiles = 0;
  readonly #changes = new ChangeLog();
  /** Losses that the log of changes knows of. */
  #knownLosses = 0;
  readonly changes: StoreChanges = {
    mark: () => this.#current().mark,
    earliestSince: (mark) => this.#current().earliestSince(mark),
    oldestMs: () => this.#oldestMs(),
  };
  readonly #exemplars: ExemplarBuffer;
  readonly #rejectedExemplars = { duplicate: 0, out_of_order: 0, too_long: 0, disabled: 0 };
  readonly #rejected = {
    duplicate: 0,
    conflict: 0,
    out_of_order: 0,
    too_old: 0,
    too_far_ahead: 0,
    too_many_series: 0,
  };

  constructor(options: StoreOptions, parts: StoreParts) {
    this.#parts = parts;
    const { clock, retentionMs, maxBytes: most, rollups: kept } = options;
    this.#clock = clock;
    this.#retention = { retentionMs, maxBytes: most, rollups: kept };
    const { series, head, blocks, rollups, news, writer, pace, log } = parts;
    this.#reader = new Reader({
      series,
      head,
      blocks,
      tombstones: parts.tombstones,
      oldestMs: () => this.#oldestMs(),
      levels: () => rollups.visible(this.#clock.now(), this.#retention),
    });
    const maxBytes = options.maxPendingBytes ?? DEFAULTS.maxPendingBytes;
    const journalBytes = () => journalBytesFor(this.#retention.maxBytes);
    this.#pending = new PendingWrites({ news, writer, pace, clock, log, maxBytes, journalBytes });
    this.#sync = new HeadSync(clock, writer, (message) => this.#pending.failed(message));
    this.#exemplars = parts.exemplars;
    this.#lateWindowMs = options.outOfOrderWindowMs ?? 0;
    this.#newest = new NewestValue({ ...parts, reader: this.#reader });
    this.#port = {
      series,
      admits: (labels) => parts.limit.admits(labels),
      expected: 0,
      commit: (batch) => this.#commit(batch),
      reject: (outcome) => {
        this.#rejected[outcome]++;
      },
      exemplars: this.#exemplars,
      undo: new UndoPool(),
      values: head.values,
      ensureNewest: (ref) => this.#newest.ensure(ref),
      rejectExemplar: (outcome: Exclude<ExemplarOutcome, 'ok'>) => {
        this.#rejectedExemplars[outcome]++;
      },
    };
    this.#stale = new StaleOnOpen(this, series, clock, (ended) => this.onEnded?.(ended));
    this.#verifying = this.#verify();
    this.#forget = new ForgetSeries({ clock, series, head, blocks, rollups });
    this.#upkeep = new Upkeep({
      clock,
      pace,
      everyMs: options.flushEveryMs ?? DEFAULTS.flushEveryMs,
      tick: () => this.#tick(),
      next: () => this.#nextWork(),
    });
    this.#sealer = new Sealer({
      clock,
      pace,
      series,
      head,
      blocks,
      writer,
      pending: this.#pending,
      retention: () => this.#retention,
      answered: () => {
        if (this.#folderBytes() > this.#retention.maxBytes) this.#retentionDueMs = 0;
        this.#upkeep.step();
      },
      sealed: (minMs, maxMs) => this.#downsampler.note(minMs, maxMs),
    });
    this.#downsampler = new Downsampler({
      clock,
      pace,
      series,
      blocks,
      rollups,
      reader: this.#reader,
      tombstones: parts.tombstones,
      writer,
      log,
      retention: () => this.#retention,
      lateWindowMs: () => this.#lateWindowMs,
      answered: () => this.#upkeep.step(),
    });
    this.#retainFiles = new RetainFiles({
      ...parts,
      clock,
      pending: this.#pending,
      sealer: this.#sealer,
      downsampler: this.#downsampler,
      retention: () => this.#retention,
      headBytes: () => this.#headBytes(),
      dropped: () => {
        this.#droppedFiles++;
        this.#changes.note(Number.NEGATIVE_INFINITY);
      },
    });
    this.#admin = new StoreAdmin(
      { ...parts, clock, reader: this.#reader, pending: this.#pending, sealer: this.#sealer },
      ({ metricNames, fromMs, toMs }) => {
        this.#changes.note(fromMs);
        const oldestMs = Math.max(fromMs, this.#oldestMs());
        this.onEnded?.({ metricNames, oldestMs, newestMs: Math.min(toMs, this.#newestMs) });
      },
    );
    this.#guard = new FolderGuard({
      ...parts,
      clock,
      dir: options.dir,
      stores: [blocks, rollups.fine.blocks, rollups.coarse.blocks],
      hasTombstones: () => parts.tombstones.current.count > 0,
      writeTombstones: () => this.#admin.writeTombstones(),
    });
  }

  /** Ends what was live when the last server stopped, and starts the upkeep. */
  async start(markStale: boolean, gatheringSinceMs?: number): Promise<void> {
    const { pace, series, blocks, writer, headFile } = this.#parts;
    restoreLast(this.#parts);
    const known = { reader: this.#reader, blocks, newest: this.#newest };
    await pace.run(this.#stale.learn(known, markStale));
    for (const ref of series.refs()) this.#newestMs = Math.max(this.#newestMs, series.lastTime[ref]!);
    await pace.run(this.#stale.run(gatheringSinceMs));
    this.#handedOver = writer
      .request({ kind: 'sync' })
      .catch((error: unknown) => this.#pending.failed(messageOf(error)))
      .then(() => headFile.close());
    this.#pending.tick();
    this.#upkeep.start();
  }

  appender(): Appender {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    const nowMs = this.#clock.now();
    return new HeadAppender(this.#port, {
      oldestMs: nowMs - this.#retention.retentionMs,
      newestMs: nowMs + MAX_AHEAD_MS,
      lateSinceMs: this.#lateWindowMs > 0 ? this.#newestMs - this.#lateWindowMs : undefined,
    });
  }

  select(matchers: readonly Matcher[], hints: SelectHints, signal?: AbortSignal): readonly SeriesData[] {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    return this.#reader.select(matchers, hints, signal);
  }

  open(matchers: readonly Matcher[], hints: SelectHints, cut?: StoreCut): SeriesSet {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    return this.#reader.open(matchers, hints, cut);
  }

  lacks(metricName: string): boolean {
    return this.#reader.lacks(metricName);
  }

  cut(): StoreCut {
    return this.#reader.cut();
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

  exemplars(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): readonly SeriesExemplars[] {
    return this.#exemplars.exemplars(matcherSets, range);
  }

  async flush(): Promise<void> {
    if (this.#closed) return;
    await this.#pending.flush();
    await this.#sync.run();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#upkeep.stop();
    this.#pending.stop();
    const { writer, blocks, rollups, lock, log, limit } = this.#parts;
    limit.close();
    const inTime = await within(CLOSE_WITHIN_MS, this.#lastWrites());
    if (!inTime) log.error('the disk does not answer: the latest samples may be lost');
    blocks.close();
    rollups.close();
    if (!(await writer.close(END_WITHIN_MS))) log.error('the disk does not answer: the folder stays locked');
    // Nobody else may write to the folder while our thread still can.
    writer.whenEnded(() => lock.release());
  }

  problems(): readonly StoreProblem[] {
    return this.#parts.problems.list;
  }

  outages(): readonly Outage[] {
    return this.#parts.outages;
  }

  topCardinality(limit: number): Cardinality {
    return cardinalityOf(this.#parts.series.index, limit);
  }

  async deleteSeries(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): Promise<number> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    return await this.#admin.delete(matcherSets, range);
  }

  async cleanTombstones(): Promise<void> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    await this.#admin.clean();
  }

  async snapshot({ skipHead = false }: { readonly skipHead?: boolean } = {}): Promise<string> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    return await this.#admin.snapshot(skipHead);
  }

  setRetention(retention: Retention): void {
    this.#changes.note(Number.NEGATIVE_INFINITY);
    this.#retention = { ...retention };
    this.#parts.limit.max = retention.maxSeries ?? this.#parts.limit.max;
    this.#retentionDueMs = 0;
  }

  setOutOfOrderWindow(windowMs: number): void {
    this.#lateWindowMs = windowMs;
  }

  setMaxExemplars(max: number): void {
    this.#exemplars.setMax(max);
  }

  stats(): StoreStats {
    const { blocks, head, series, writer, pace } = this.#parts;
    let [minMs, maxMs] = [blocks.minMs, blocks.maxMs];
    for (const segment of head.segments) {
      minMs = Math.min(minMs, segment.oldestMs);
      maxMs = Math.max(maxMs, segment.newestMs);
    }
    return {
      series: series.size,
      refusedSeries: this.#parts.limit.refused,
      headSamples: head.samples,
      headBytes: head.bytes,
      chunks: blocks.blocks,
      files: blocks.files.length,
      diskBytes: this.#folderBytes(),
      minTimeMs: Number.isFinite(minMs) ? Math.max(minMs, this.#oldestMs()) : undefined,
      maxTimeMs: Number.isFinite(maxMs) ? maxMs : undefined,
      appendedTotal: this.#appended,
      appendedLate: this.#appendedLate,
      rejectedByOutcome: { ...this.#rejected },
      ...this.#pending.stats(),
      ...this.#sealer.stats(),
      exemplars: this.#exemplars.size,
      exemplarSeries: this.#exemplars.seriesCount,
      exemplarsAppendedTotal: this.#exemplars.lastSeq,
      exemplarsDropped: this.#exemplars.dropped,
      exemplarsRejectedByOutcome: { ...this.#rejectedExemplars },
      retainedFilesDropped: this.#droppedFiles,
      ...this.#admin.stats(),
      rollups: this.#downsampler.stats(),
      cacheBytes: blocks.cacheBytes,
      writerRestarts: writer.restarts,
      worstSliceMs: pace.worstMs,
    };
  }

  #commit(batch: Batch): void {
    this.#port.expected = batch.count;
    const { count, late } = batch;
    this.#appended += count + (late?.count ?? 0);
    this.#appendedLate += late?.count ?? 0;
    if (count > 0) this.#newestMs = Math.max(this.#newestMs, newestOf(batch));
    if (count > 0 || late) this.#changes.note(earliestOf(batch));
    this.#upkeep.wake();
    this.#pending.add(this.#parts.head.apply(batch));
  }

  /** True when something waits that could not be sent. */
  #tick(): boolean {
    finish(this.#stale.run());
    this.#reader.tidy();
    const behind = this.#pending.tick();
    this.#sealer.giveUp();
    if (this.#sync.tick(this.#pending.sent)) this.#guard.check();
    return behind;
  }

  async #lastWrites(): Promise<void> {
    await this.#pending.lastFlush();
    await this.#sealer.settled();
    await this.#downsampler.settled();
    await this.#sync.run();
    const { news, writer } = this.#parts;
    await writer
      .request({ kind: 'beat', seq: news.writtenSeq, timeMs: this.#clock.now() })
      .catch((error: unknown) => this.#pending.failed(messageOf(error)));
    await this.#handedOver;
  }

  #nextWork(): Work | undefined {
    const sealing = this.#sealer.next();
    if (sealing) return sealing;
    const now = this.#clock.monotonic();
    if (now >= this.#retentionDueMs) {
      this.#retentionDueMs = now + RETENTION_EVERY_MS;
      return this.#retainFiles.run();
    }
    if (now >= this.#forgetDueMs) {
      this.#forgetDueMs = now + FORGET_EVERY_MS;
      return this.#forget.run();
    }
    const verifying = this.#verifying;
    this.#verifying = undefined;
    return verifying ?? this.#downsampler.next();
  }

  *#verify(): Work {
    try {
      yield* this.#parts.blocks.verify();
      yield* this.#parts.rollups.verify();
    } catch (error) {
      this.#parts.log.warn(`not all blocks could be verified: ${messageOf(error)}`);
    }
  }

  /** The log of changes with the losses that came about meanwhile. */
  #current(): ChangeLog {
    const losses = this.#parts.problems.list.length + this.#sealer.stats().droppedSamples;
    if (losses !== this.#knownLosses) this.#changes.note(Number.NEGATIVE_INFINITY);
    this.#knownLosses = losses;
    return this.#changes;
  }

  #oldestMs(): number {
    return this.#downsampler.seenSince(this.#clock.now() - this.#retention.retentionMs);
  }

  #folderBytes(): number {
    const { blocks, rollups } = this.#parts;
    return blocks.bytes + rollups.bytes + this.#headBytes();
  }

  #headBytes(): number {
    const { headPath } = this.#parts;
    return sizeOf(headPath) + sizeOf(`${headPath}-wal`);
  }
}
