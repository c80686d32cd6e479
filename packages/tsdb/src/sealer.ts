/** Turns closed segments into blocks, one at a time: a segment stays in memory until its block is on disk. */
import { type Clock, Labels } from '@watchroom/model';
import type { Place } from './disk/block-family.ts';
import type { BlockStore } from './disk/block-store.ts';
import { layoutText } from './disk/layout.ts';
import { messageOf } from './disk/sqlite.ts';
import type { Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import type { Pace, Work } from './pace.ts';
import type { PendingWrites } from './pending-writes.ts';
import type { Retention } from './types.ts';
import { type Writer, WriterError } from './writer/client.ts';
import type { BlockDone } from './writer/protocol.ts';

/** Without memory for them, closed segments that cannot be written are given up beyond this. */
const MAX_UNWRITTEN_BYTES = 256 * 1024 * 1024;
const RETRY_MS = 1_000;
/** Write-ahead rows take this part of the folder at most, but never less than MIN_HEAD_BYTES. */
const HEADS_IN_FOLDER = 4;
const MIN_HEAD_BYTES = 256 * 1024;
/** The same for a journal, up to MAX_JOURNAL_BYTES. */
const JOURNALS_IN_FOLDER = 16;
const MIN_JOURNAL_BYTES = 256 * 1024;
const MAX_JOURNAL_BYTES = 4 * 1024 * 1024;

/** The size at which a journal is emptied in a folder of `maxBytes`. */
export function journalBytesFor(maxBytes: number): number {
  return Math.max(MIN_JOURNAL_BYTES, Math.min(MAX_JOURNAL_BYTES, maxBytes / JOURNALS_IN_FOLDER));
}

export interface SealerOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly series: SeriesTable;
  readonly head: Head;
  readonly blocks: BlockStore;
  readonly writer: Writer;
  readonly pending: PendingWrites;
  readonly retention: () => Retention;
  /** A block with this range is on disk. */
  readonly sealed: (minMs: number, maxMs: number) => void;
  /** A block was written or has failed: the next may come. */
  readonly answered: () => void;
}

interface Sealing {
  readonly segment: Segment;
  readonly place: Place;
  readonly refs: Uint32Array;
}

export class Sealer {
  readonly #options: SealerOptions;
  #sealing: Sealing | undefined;
  #writing: Promise<void> = Promise.resolve();
  readonly #waiting: (() => void)[] = [];
  #dueMs = 0;
  #held = 0;
  #sealedSamples = 0;
  #sealedBytes = 0;
  #droppedSamples = 0;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** The file that is being written to. */
  get path(): string | undefined {
    return this.#sealing?.place.path;
  }

  /** What to do for the next closed segment. */
  next(): Work | undefined {
    const { head, clock, retention } = this.#options;
    if (this.#sealing || this.#held > 0 || clock.monotonic() < this.#dueMs) return undefined;
    head.shed(Math.max(MIN_HEAD_BYTES, retention().maxBytes / HEADS_IN_FOLDER));
    const segment = head.closable()[0];
    return segment && this.#seal(segment);
  }

  /** When the block that is under way is on disk, or has failed. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** Runs something while no block is being written. */
  async quiet<T>(run: () => Promise<T>): Promise<T> {
    this.#held++;
    try {
      while (this.#sealing) await this.#answer();
      return await run();
    } finally {
      this.#held--;
      this.#options.answered();
    }
  }

  /** Comes back when these closed segments are blocks on disk; rejects when the disk refuses one. */
  async sealed(segments: readonly Segment[]): Promise<void> {
    const { pending, answered } = this.#options;
    const failures = pending.stats().flushFailures;
    answered();
    while (segments.some(({ sealed }) => !sealed)) {
      await this.#answer();
      const { flushFailures, lastFlushError } = pending.stats();
      if (flushFailures > failures) throw new Error(`the disk does not take blocks: ${lastFlushError}`);
    }
  }

  /** Bounds memory while the disk refuses blocks: the oldest samples go, and are counted. */
  giveUp(): void {
    const { head } = this.#options;
    let bytes = 0;
    for (const segment of [...head.closable()].reverse()) {
      bytes += segment.bytes;
      if (bytes <= MAX_UNWRITTEN_BYTES || segment === this.#sealing?.segment) continue;
      this.#droppedSamples += segment.samples;
      head.drop(segment);
    }
  }

  stats(): { sealedSamples: number; sealedBytes: number; droppedSamples: number } {
    return {
      sealedSamples: this.#sealedSamples,
      sealedBytes: this.#sealedBytes,
      droppedSamples: this.#droppedSamples,
    };
  }

  /** Comes back when the block that is under way is on disk, or has failed. */
  #answer(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  *#seal(segment: Segment): Work {
    const { blocks, retention, writer, pace } = this.#options;
    const { maxBytes, retentionMs } = retention();
    const place = blocks.place(maxBytes, retentionMs);
    const refs = segment.refs.slice(0, segment.columns);
    const sealing = { segment, place, refs };
    this.#sealing = sealing;
    const hash = blocks.layoutIn(place, refs);
    const layout = hash === undefined ? { text: yield* layoutText(this.#labelsOf(refs)) } : { hash };
    const { columns, buffers } = segment.copy();
    const { id, oldestMs: minMs, newestMs: maxMs, samples } = segment;
    const block = { path: place.path, segment: id, columns: [columns], layout, minMs, maxMs, samples };
    this.#writing = writer
      .request({ kind: 'block', block, journalBytes: journalBytesFor(maxBytes) }, buffers)
      .then((reply) => pace.measured(() => this.#written(sealing, reply.block)))
      .catch((error: unknown) => this.#failed(place, error))
      .then(() => {
        this.#sealing = undefined;
        for (const told of this.#waiting.splice(0)) told();
        this.#options.answered();
      });
    yield;
  }

  #written({ segment, place, refs }: Sealing, done: BlockDone | undefined): void {
    if (!done) throw new Error('the writing thread gave no block');
    const { blocks, head, pending } = this.#options;
    const { oldestMs: minMs, newestMs: maxMs, samples } = segment;
    blocks.adopt({ place, id: done.id, segment: segment.id, hash: done.hash, refs, minMs, maxMs, samples });
    head.drop(segment);
    this.#options.sealed(minMs, maxMs);
    this.#sealedSamples += samples;
    this.#sealedBytes += done.bytes;
    pending.forget(segment, place.number);
  }

  #failed(place: Place, error: unknown): void {
    const { pending, blocks, clock } = this.#options;
    pending.failed(`cannot write a block: ${messageOf(error)}`);
    if (error instanceof WriterError && error.damaged) blocks.closePlace(place);
    this.#dueMs = clock.monotonic() + RETRY_MS;
  }

  /** A column whose labels were lost keeps its place under none. */
  #labelsOf(refs: Uint32Array): Labels[] {
    return Array.from(refs, (ref) => this.#options.series.labels[ref] ?? Labels.EMPTY);
  }
}
