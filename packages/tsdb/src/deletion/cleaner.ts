/**
 * Takes deleted samples off the disk. What the head has of them becomes blocks first, and the newest file takes no more blocks:
 * then no chunk file is written to. Those with deleted samples are written anew by a thread of their own, one after the other, and
 * take the place of the old ones; the tombstones go last. A crash at any point leaves files and tombstones that fit each other.
 */
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Clock, SeriesRef } from '@watchroom/model';
import type { BlockStore } from '../disk/block-store.ts';
import type { ChunkFile } from '../disk/chunk-file.ts';
import type { Block } from '../disk/layout.ts';
import { messageOf, SIDE_FILES } from '../disk/sqlite.ts';
import type { Head } from '../head/head.ts';
import type { Segment } from '../head/segment.ts';
import type { SeriesTable } from '../head/series-table.ts';
import type { Pace } from '../pace.ts';
import type { PendingWrites } from '../pending-writes.ts';
import type { Rollups } from '../rollup/rollups.ts';
import type { Sealer } from '../sealer.ts';
import type { StoreLog } from '../types.ts';
import type { Writer } from '../writer/client.ts';
import type { Deleter } from './deleter.ts';
import type { RewriteRequest, Rewritten } from './rewrite.ts';
import { type HiddenSpans, type Tombstone, TombstoneSet, type Tombstones } from './tombstones.ts';

const STEP = 1_024;
/** For decoding and encoding the largest block. */
const MAX_HEAP_MB = 512;

export interface CleanerParts {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly series: SeriesTable;
  readonly head: Head;
  readonly blocks: BlockStore;
  readonly pending: PendingWrites;
  readonly sealer: Sealer;
  readonly writer: Writer;
  readonly rollups: Rollups;
  readonly tombstones: Tombstones;
  readonly log: StoreLog;
}

export class Cleaner {
  readonly #parts: CleanerParts;
  readonly #deleter: Deleter;
  /** Samples taken off the disk. */
  cleaned = 0;

  constructor(parts: CleanerParts, deleter: Deleter) {
    this.#parts = parts;
    this.#deleter = deleter;
  }

  /** Rejects when the disk refuses; the tombstones then stay, as they do for the series of a damaged file. */
  async clean(): Promise<void> {
    const { tombstones, pending, sealer, blocks, writer, pace, log } = this.#parts;
    const set = tombstones.current;
    if (set.series.size === 0) return;
    const segments = await pace.run(this.#closeHead(set));
    await sealer.sealed(segments);
    await sealer.quiet(async () => {
      blocks.closeNewest();
    });
    // The rows of what became blocks must be gone: otherwise they would bring back a block that is dropped.
    if (!(await pending.flush()))
      throw new Error(`the disk does not take samples: ${pending.stats().lastFlushError}`);
    await writer.request({ kind: 'settle' });
    const kept = new Map<SeriesRef, HiddenSpans>();
    for (const file of [...blocks.files]) {
      const hidden = await pace.run(this.#hiddenIn(file, set));
      if (hidden.size === 0 || !blocks.files.includes(file)) continue;
      try {
        await this.#rewrite(file, hidden);
      } catch (error) {
        log.error(`${file.path}: deleted samples stay in the file, hidden: ${messageOf(error)}`);
        for (const ref of hidden.keys()) kept.set(ref, set.of(ref)!);
      }
    }
    const failed = kept.size > 0;
    for (const [ref, spans] of set.series) if (this.#inAggregates(ref, spans)) kept.set(ref, spans);
    const left = new TombstoneSet(kept, tombstones.current.exemplars);
    await this.#deleter.store(left);
    tombstones.current = left;
    if (failed) throw new Error('not all files could be written anew; the log names them');
  }

  /** Aggregates are not written anew: tombstones hide them until retention has deleted them. */
  #inAggregates(ref: SeriesRef, { list }: HiddenSpans): boolean {
    return list.some((one) => this.#parts.rollups.needs(ref, one));
  }

  /** Closes the segments in memory that have deleted samples. */
  *#closeHead(set: TombstoneSet): Generator<void, Segment[], void> {
    const { head } = this.#parts;
    const found: Segment[] = [];
    for (const segment of [...head.segments]) {
      for (let column = 0; column < segment.columns; column++) {
        if (column % STEP === STEP - 1) yield;
        const hidden = set.of(segment.refs[column]!);
        if (!hidden?.touches(segment.id, segment.oldestMs, segment.newestMs)) continue;
        head.close(segment);
        found.push(segment);
        break;
      }
    }
    return found;
  }

  /** The series that have deleted samples in blocks of the file. */
  *#hiddenIn(
    file: ChunkFile,
    set: TombstoneSet,
  ): Generator<void, Map<SeriesRef, readonly Tombstone[]>, void> {
    const found = new Map<SeriesRef, readonly Tombstone[]>();
    for (const layout of [...this.#parts.blocks.layouts]) {
      const own = layout.blocks.filter((block: Block) => block.file === file);
      if (own.length === 0) continue;
      let seen = 0;
      for (const ref of layout.refs) {
        if (++seen % STEP === 0) yield;
        const hidden = set.of(ref);
        if (!hidden || found.has(ref)) continue;
        if (own.some(({ segment, minMs, maxMs }) => hidden.touches(segment, minMs, maxMs)))
          found.set(ref, hidden.list);
      }
    }
    return found;
  }

  async #rewrite(file: ChunkFile, hidden: ReadonlyMap<SeriesRef, readonly Tombstone[]>): Promise<void> {
    const { blocks, writer, pending, series } = this.#parts;
    const { path, number } = file;
    const target = `${path}.clean`;
    removeFile(target);
    const byKey = new Map<string, readonly Tombstone[]>();
    for (const [ref, list] of hidden) {
      const labels = series.labels[ref];
      if (labels) byKey.set(labels.key, list);
    }
    const done = await inThread({ path, target, hidden: byKey });
    this.cleaned += done.samples;
    if (!blocks.files.includes(file) || done.samples === 0) removeFile(target);
    else if (done.blocks === 0) {
      blocks.drop(file);
      pending.fileGone(number);
      removeFile(target);
      await writer.request({ kind: 'remove', path, number });
    } else {
      // Not missed before they go: a crash in between must not look like a loss.
      await writer.request({ kind: 'forget_blocks', file: number, segments: done.dropped });
      // Retention may have been faster.
      if (blocks.files.includes(file)) blocks.swap(file, target);
      else removeFile(target);
    }
  }
}

function removeFile(path: string): void {
  for (const side of SIDE_FILES) rmSync(path + side, { force: true });
}

function inThread(request: RewriteRequest): Promise<Rewritten> {
  const worker = new Worker(new URL('./rewrite-thread.ts', import.meta.url), {
    name: 'store-cleaner',
    workerData: request,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`the thread that writes it anew ended with code ${code}`)),
    );
  });
}
