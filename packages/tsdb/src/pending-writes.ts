/** Commits on their way to head.db: one group at a time, kept until the writing thread has it, repeated when it fails. */
import type { Clock, Timer } from '@watchroom/model';
import { messageOf } from './disk/sqlite.ts';
import type { Segment } from './head/segment.ts';
import type { WalRecord } from './head/wal-record.ts';
import type { HeadNews, Prepared, SealedSegment } from './head-news.ts';
import type { Pace } from './pace.ts';
import type { StoreLog } from './types.ts';
import type { Writer } from './writer/client.ts';

/** Segments whose write-ahead rows are deleted in one group. */
const FORGET_PER_GROUP = 4;
const ALIVE_EVERY_MS = 1_000;
/** So many samples do not wait for the next tick, if that is more than this after the last group: less is lost with the process. */
const MUCH_SAMPLES = 16_384;
const SOONEST_MS = 250;
/** A disk that has not answered for so long is reported: real time, whatever the clock port says. */
const SILENT_MS = 10_000;

export interface PendingOptions {
  readonly news: HeadNews;
  readonly writer: Writer;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly maxBytes: number;
  /** A journal of that size is emptied. */
  readonly journalBytes: () => number;
}

/** A group that is not yet known to be in the file. */
interface Group extends Prepared {
  readonly bytes: number;
  readonly scrapes: number;
  readonly records: number;
  readonly sealed: number;
}

export class PendingWrites {
  readonly #options: PendingOptions;
  #records: WalRecord[] = [];
  #bytes = 0;
  #scrapes = 0;
  #samples = 0;
  /** When the last group began. */
  #groupMs = Number.NEGATIVE_INFINITY;
  #soon: Timer | undefined;
  /** Sealed segments whose blocks are safely on disk. */
  readonly #sealed: SealedSegment[] = [];
  /** Chunk files that retention has deleted while rows may still name them. */
  readonly #gone = new Set<number>();
  #group: Group | undefined;
  #writing: Promise<boolean> | undefined;
  #sent: Promise<void> = Promise.resolve();
  #silentSinceMs = 0;
  #aliveDueMs = 0;
  /** Records that came, and those that went to the file or were given up. */
  #came = 0;
  #went = 0;
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
    this.#came += records.length;
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.data.length;
      this.#samples += record.samples;
    }
    const bound = this.#options.maxBytes - (this.#group?.bytes ?? 0);
    // The newest record stays, unless there is a whole group to keep.
    const kept = this.#group ? 0 : 1;
    while (this.#bytes > bound && this.#records.length > kept) {
      const oldest = this.#records.shift()!;
      this.#bytes -= oldest.data.length;
      this.#samples -= oldest.samples;
      this.#undurable += oldest.samples;
      this.#went++;
    }
    if (this.#samples >= MUCH_SAMPLES) this.#soon ??= this.#tickSoon();
  }

  /** Deletes the segment's write-ahead rows with the next groups: its block is safely on disk. */
  forget(segment: Segment, file: number): void {
    this.#sealed.push({ segment, file });
  }

  /** Retention deletes the chunk file: groups that are sent from now on do not name it. */
  fileGone(file: number): void {
    this.#gone.add(file);
  }

  /**
   * Sends what waits unless a group is under way; a failure is counted and the same group is tried again next time.
   * True when the disk is behind: the next time should come soon.
   */
  tick(): boolean {
    if (!this.#writing) {
      void this.#write();
      return this.#lastError !== undefined;
    }
    if (performance.now() - this.#silentSinceMs > SILENT_MS) {
      this.#silentSinceMs = performance.now();
      this.failed(`it has not answered for ${SILENT_MS / 1000} s`);
    }
    return true;
  }

  /** Resolves when what the last `tick` found has been sent, or cannot be. */
  get sent(): Promise<void> {
    return this.#sent;
  }

  /** Nothing is sent any more but by `flush`. */
  stop(): void {
    this.#soon?.cancel();
  }

  /** True when all commits so far are in the file and what blocks hold is not; false when that has failed. */
  async flush(): Promise<boolean> {
    await this.#writing;
    const wanted = this.#came;
    while (this.#went < wanted || this.#sealed.length > 0 || this.#options.news.hasExemplars)
      if (!(await (this.#writing ?? this.#write()))) return false;
    return true;
  }

  /** The last one before the end: says what is lost when the disk does not take it. */
  async lastFlush(): Promise<void> {
    if (await this.flush()) return;
    const scrapes = this.#scrapes + (this.#group?.scrapes ?? 0);
    if (scrapes > 0)
      this.#options.log.error(
        `${scrapes} scrapes and writes that the disk did not take are lost: ${this.#lastError ?? 'no answer'}`,
      );
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
      walPendingScrapes: this.#scrapes + (this.#group?.scrapes ?? 0),
      walPendingBytes: this.#bytes + (this.#group?.bytes ?? 0),
      flushes: this.#flushes,
      flushFailures: this.#failures,
      lastFlushError: this.#lastError,
      undurableSamples: this.#undurable,
    };
  }

  #tickSoon(): Timer {
    const { clock } = this.#options;
    return clock.after(Math.max(0, this.#groupMs + SOONEST_MS - clock.monotonic()), () => {
      this.#soon = undefined;
      this.tick();
    });
  }

  #write(): Promise<boolean> {
    this.#silentSinceMs = performance.now();
    const { promise, resolve: sent } = Promise.withResolvers<void>();
    this.#sent = promise;
    this.#writing = this.#attempt(sent)
      .then(
        () => true,
        (error: unknown) => {
          this.failed(messageOf(error));
          return false;
        },
      )
      .finally(() => {
        sent();
        this.#writing = undefined;
      });
    return this.#writing;
  }

  async #attempt(sent: () => void): Promise<void> {
    const { clock, writer, news, pace } = this.#options;
    const nothing = this.#records.length === 0 && this.#sealed.length === 0 && !news.hasExemplars;
    const idle = !this.#group && nothing;
    if (idle && clock.monotonic() < this.#aliveDueMs) return;
    if (idle) await writer.request({ kind: 'beat', seq: news.writtenSeq, timeMs: clock.now() });
    else {
      this.#group ??= await pace.run(this.#prepare());
      await this.#send(this.#group, sent);
    }
    this.#aliveDueMs = clock.monotonic() + ALIVE_EVERY_MS;
    if (this.#lastError === undefined) return;
    this.#lastError = undefined;
    this.#options.log.info('the disk takes samples again');
  }

  async #send(group: Group, sent: () => void): Promise<void> {
    // A copy travels, so that the group can be repeated whatever becomes of the other thread.
    const data = group.group.data.slice();
    const forget = group.group.forget.map((entry) =>
      entry.block && this.#gone.has(entry.block.file) ? { ...entry, block: undefined } : entry,
    );
    const answered = this.#options.writer.request(
      { kind: 'group', group: { ...group.group, data, forget }, journalBytes: this.#options.journalBytes() },
      [data.buffer],
    );
    sent();
    await answered;
    this.#options.pace.measured(() => group.written());
    this.#sealed.splice(0, group.sealed);
    this.#went += group.records;
    this.#group = undefined;
    this.#flushes++;
  }

  *#prepare(): Generator<void, Group, void> {
    const records = this.#records;
    const sealed = this.#sealed.slice(0, FORGET_PER_GROUP);
    const [bytes, scrapes] = [this.#bytes, this.#scrapes];
    this.#records = [];
    this.#bytes = 0;
    this.#scrapes = 0;
    this.#samples = 0;
    this.#groupMs = this.#options.clock.monotonic();
    const steps = this.#options.news.prepare({ records, sealed, nowMs: this.#options.clock.now() });
    const prepared = yield* steps;
    return { ...prepared, bytes, scrapes, records: records.length, sealed: sealed.length };
  }
}
