/**
 * Makes the blocks of one level, a group of series at a time. Which are missing follows from the blocks themselves: a series
 * of which the source has something in a span, and the level has no block of that span, is to be done. So nothing has to be
 * remembered, whatever was cut short is taken up again, and no span is done twice.
 */
import { type Clock, Labels, type SeriesRef } from '@watchroom/model';
import type { Place } from '../disk/block-family.ts';
import { layoutText } from '../disk/layout.ts';
import { SliceCache } from '../disk/slice-cache.ts';
import { messageOf } from '../disk/sqlite.ts';
import type { SeriesTable } from '../head/series-table.ts';
import type { Pace, Work } from '../pace.ts';
import { journalBytesFor } from '../sealer.ts';
import type { Retention, StoreLog } from '../types.ts';
import { type Writer, WriterError } from '../writer/client.ts';
import { RollupColumns } from './aggregate.ts';
import { endsOf, spanOf } from './levels.ts';
import { keptMs, type LevelBlocks } from './rollups.ts';
import { BEFORE_MS, type RollupSource } from './sources.ts';

/** Bounds the memory of one block under way: 13 MB at 240 windows. */
const GROUP_SERIES = 1_024;
/** Blocks of one span are numbered. */
const GROUPS_PER_SPAN = 4_096;
const CACHE_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 10_000;
const MANY_REFUSALS = 6;
/** The work takes this part of a core, no matter how much there is. */
const DUTY = 0.05;

export interface LevelWorkOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly series: SeriesTable;
  readonly writer: Writer;
  readonly log: StoreLog;
  readonly retention: () => Retention;
  readonly to: LevelBlocks;
  readonly source: RollupSource;
  /** So long after its end a span is taken up. */
  readonly delayMs: () => number;
  /** Whether the source has all it will have for the time before. */
  readonly isReady: (endMs: number) => boolean;
  /** The newest deletion that the source minds; see Block. */
  readonly deletions: () => number;
  /** A block covers this range now. */
  readonly made: (minMs: number, maxMs: number) => void;
  /** A block was written or has failed: the next may come. */
  readonly answered: () => void;
}

interface Job {
  readonly span: number;
  readonly groups: Uint32Array[];
}

export interface LevelStats {
  /** Blocks made, windows with samples in them, their bytes and failures, since the store was opened. */
  readonly blocks: number;
  readonly windows: number;
  readonly bytes: number;
  readonly failures: number;
  /** Spans to be looked at. */
  readonly waiting: number;
}

export class LevelWork {
  readonly #options: LevelWorkOptions;
  readonly #waiting = new Set<number>();
  #job: Job | undefined;
  /** The span that is worked on, and whether the source has got more of it since. */
  #current: number | undefined;
  #hasMore = false;
  #path: string | undefined;
  /** Numbers of blocks that may be on disk though the answer said otherwise. */
  readonly #tried = new Set<number>();
  #writing: Promise<void> = Promise.resolve();
  #dueMs = Number.NEGATIVE_INFINITY;
  #usedMs = 0;
  #blocks = 0;
  #windows = 0;
  #bytes = 0;
  #failures = 0;
  /** Failures since the last success. */
  #refusals = 0;

  constructor(options: LevelWorkOptions) {
    this.#options = options;
  }

  /** The file that is being written to. */
  get path(): string | undefined {
    return this.#path;
  }

  /** The source has a new block with this range. */
  note(minMs: number, maxMs: number): void {
    const { clock, to, retention } = this.#options;
    const sinceMs = clock.now() - keptMs(to.level, retention());
    const last = spanOf(to.level, maxMs);
    for (let span = Math.max(spanOf(to.level, minMs), spanOf(to.level, sinceMs), 0); span <= last; span++) {
      this.#waiting.add(span);
      if (span === this.#current) this.#hasMore = true;
    }
  }

  /**
   * Going back from `sinceMs`, since when nothing has been made yet of what the source has: until `untilMs` all has, unless it is
   * known to wait.
   */
  unmadeSince(sinceMs: number, untilMs: number): number {
    const { level } = this.#options.to;
    let span = Math.min(spanOf(level, sinceMs) + 1, spanOf(level, untilMs));
    while (this.#waiting.has(span - 1)) span--;
    return Math.min(sinceMs, span * level.spanMs + 1);
  }

  /** Whether everything before a time has been done. */
  isDoneBefore(timeMs: number): boolean {
    const { spanMs } = this.#options.to.level;
    for (const span of this.#waiting) if (span * spanMs < timeMs) return false;
    return true;
  }

  /** Whether spans are to be made that a block of the source with this end has something for. */
  isToRead(maxMs: number): boolean {
    const { to, retention } = this.#options;
    return keptMs(to.level, retention()) > 0 && !this.isDoneBefore(maxMs + BEFORE_MS);
  }

  /** The disk has not taken anything for a while. */
  get isRefused(): boolean {
    return this.#refusals >= MANY_REFUSALS;
  }

  next(): Work | undefined {
    const { clock } = this.#options;
    if (this.#path !== undefined || clock.monotonic() < this.#dueMs) return undefined;
    const group = this.#job?.groups.pop();
    if (this.#job && group) return this.#timed(this.#make(this.#job.span, group));
    if (this.#job && !this.#hasMore) this.#waiting.delete(this.#job.span);
    this.#job = undefined;
    const span = this.#nextSpan();
    return span === undefined ? undefined : this.#timed(this.#plan(span));
  }

  settled(): Promise<void> {
    return this.#writing;
  }

  stats(): LevelStats {
    return {
      blocks: this.#blocks,
      windows: this.#windows,
      bytes: this.#bytes,
      failures: this.#failures,
      waiting: this.#waiting.size,
    };
  }

  #nextSpan(): number | undefined {
    const { clock, to, retention, delayMs, isReady } = this.#options;
    const { level } = to;
    const nowMs = clock.now();
    const keepMs = keptMs(level, retention());
    if (keepMs <= 0) return undefined;
    let next = Number.POSITIVE_INFINITY;
    for (const span of this.#waiting) {
      if ((span + 1) * level.spanMs < nowMs - keepMs) this.#waiting.delete(span);
      else next = Math.min(next, span);
    }
    const endMs = (next + 1) * level.spanMs;
    return endMs + delayMs() <= nowMs && isReady(endMs) ? next : undefined;
  }

  /** Adds up what the steps take, real time, and keeps to the part of a core. */
  *#timed(work: Work): Work {
    for (;;) {
      const startMs = performance.now();
      const step = work.next();
      this.#usedMs += performance.now() - startMs;
      if (step.done) break;
      yield;
    }
    this.#dueMs = Math.max(this.#dueMs, this.#options.clock.monotonic() + this.#usedMs * (1 / DUTY - 1));
    this.#usedMs = 0;
  }

  /** Which series are missing in a span. */
  *#plan(span: number): Work {
    const { source, to } = this.#options;
    this.#current = span;
    this.#hasMore = false;
    const ends = endsOf(to.level, span);
    const [firstMs, lastMs] = [ends[0]!, ends.at(-1)!];
    const seen = new Set<SeriesRef>();
    const groups: Uint32Array[] = [];
    for (const layout of source.layouts(firstMs - to.level.resolutionMs + 1, lastMs)) {
      const missing = layout.refs.filter((ref) => {
        if (seen.has(ref) || !this.#options.series.labels[ref]) return false;
        seen.add(ref);
        return !to.blocks.touches(ref, firstMs, lastMs);
      });
      for (let i = 0; i < missing.length; i += GROUP_SERIES) groups.push(missing.slice(i, i + GROUP_SERIES));
      yield;
    }
    this.#job = { span, groups };
  }

  *#make(span: number, refs: Uint32Array): Work {
    const { source, to, retention, writer, pace, deletions: minded } = this.#options;
    const { level, blocks } = to;
    const deletions = minded();
    const { maxBytes } = retention();
    const ends = endsOf(level, span);
    const into = new RollupColumns(refs.length, ends.length);
    const cache = new SliceCache(CACHE_BYTES);
    let windows = 0;
    for (let place = 0; place < refs.length; place++) {
      windows += source.fill(refs[place]!, ends, into, place, cache);
      yield;
    }
    const at = blocks.place(maxBytes, keptMs(level, retention()));
    const hash = blocks.layoutIn(at, refs);
    const layout = hash === undefined ? { text: yield* layoutText(this.#labelsOf(refs)) } : { hash };
    const segment = this.#numberIn(span);
    const [minMs, maxMs] = [ends[0]!, ends.at(-1)!];
    const columns = into.cells.map((cells) => ({
      kind: 'grid' as const,
      columns: refs.length,
      rows: ends.length,
      times: ends,
      cells,
      rowCapacity: ends.length,
    }));
    const block = { path: at.path, segment, columns, layout, minMs, maxMs, samples: windows, deletions };
    this.#path = at.path;
    this.#writing = writer
      .request(
        { kind: 'block', block, journalBytes: journalBytesFor(maxBytes), listAs: at.number },
        into.cells.map(({ buffer }) => buffer),
      )
      .then((reply) =>
        pace.measured(() => {
          if (!reply.block) throw new Error('the writing thread gave no block');
          const { id, hash: known, bytes } = reply.block;
          const samples = windows;
          blocks.adopt({ place: at, id, segment, hash: known, refs, minMs, maxMs, samples, deletions });
          this.#tried.delete(segment);
          this.#blocks++;
          this.#refusals = 0;
          this.#windows += windows;
          this.#bytes += bytes;
          this.#options.made(minMs - level.resolutionMs + 1, maxMs);
        }),
      )
      .catch((error: unknown) => this.#failed(at, error))
      .then(() => {
        this.#path = undefined;
        this.#options.answered();
      });
  }

  /** What is missing is looked up anew later. */
  #failed(at: Place, error: unknown): void {
    const { clock, log, to } = this.#options;
    this.#failures++;
    this.#refusals++;
    log.error(`${at.path}: cannot write aggregates: ${messageOf(error)}`);
    if (error instanceof WriterError && error.damaged) to.blocks.closePlace(at);
    this.#job = undefined;
    this.#dueMs = clock.monotonic() + RETRY_MS;
  }

  #numberIn(span: number): number {
    const { sealedSegments } = this.#options.to.blocks;
    let number = span * GROUPS_PER_SPAN;
    while (sealedSegments.has(number) || this.#tried.has(number)) number++;
    this.#tried.add(number);
    return number;
  }

  #labelsOf(refs: Uint32Array): Labels[] {
    return Array.from(refs, (ref) => this.#options.series.labels[ref] ?? Labels.EMPTY);
  }
}
