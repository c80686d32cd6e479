/**
 * A data folder opened for reading alone, beside a server that may be running on it: what is on disk at this moment. Nothing is
 * locked, written, mended or set aside; what cannot be read is left out and told.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Labels, Matcher, SeriesData, SeriesRef, TimeRange } from '@watchroom/model';
import { readTombstones, tombstoneSetOf } from '../deletion/tombstone-file.ts';
import { summariesOf } from '../disk/block-figures.ts';
import { BlockStore } from '../disk/block-store.ts';
import { ensureFormat } from '../disk/format.ts';
import { HeadFile, type HeadTables } from '../disk/head-file.ts';
import { ProblemLog } from '../disk/problem-log.ts';
import { messageOf, openForReading } from '../disk/sqlite.ts';
import { ExemplarBuffer } from '../exemplars/exemplar-buffer.ts';
import { Head } from '../head/head.ts';
import { SeriesTable } from '../head/series-table.ts';
import { Reader } from '../query/reader.ts';
import { HEAD_FILE, NO_TABLES, segmentsOf } from '../recover.ts';
import { Replay } from '../replay.ts';
import { StoreError, type StoreLog } from '../types.ts';
import { isDataFolder } from './reading.ts';

/** Where samples of a series lie, and how many; a block's bytes are shared by its series. */
export interface BlockSummary {
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  readonly refs: Uint32Array;
}

export interface FrozenStore {
  /** The series that match, in the order of their labels. */
  find(matchers: readonly Matcher[]): readonly SeriesRef[];
  labels(ref: SeriesRef): Labels;
  /** Undefined when there is no sample in the range. */
  read(ref: SeriesRef, range: TimeRange): SeriesData | undefined;
  /** Of all samples; infinite when there is none. */
  readonly range: TimeRange;
  readonly blocks: readonly BlockSummary[];
  /** In the write-ahead rows. */
  readonly headSamples: number;
  readonly blockSamples: number;
  readonly blockBytes: number;
  readonly headBytes: number;
  close(): void;
}

/** Throws StoreError. `log` is told what could not be read. */
export function openFrozen(dir: string, clock: Clock, log: StoreLog): FrozenStore {
  if (!isDataFolder(dir))
    throw new StoreError(
      'unwritable',
      `${dir} is not a data folder: there is neither head.db nor a chunk file`,
    );
  ensureFormat(dir);
  const problems = new ProblemLog(log);
  const series = new SeriesTable();
  const head = new Head(series, clock, 1);
  // What the head had is read before the blocks: a segment is in one or the other, or in both.
  const stored = readTombstones(dir);
  const tables = tablesOf(join(dir, HEAD_FILE), problems);
  const replay = new Replay({ series, head, exemplars: new ExemplarBuffer(0) });
  replay.series(tables);
  const withRows = segmentsOf(tables);
  const layouts = new Map<string, Uint32Array>();
  const blocks = new BlockStore({ dir, clock, series, problems, layouts, withRows, readOnly: true });
  const damage = replay.run(tables, blocks.sealedSegments);
  const leftOut = [
    ...stored.faults,
    ...(damage ? [`${damage.rows} damaged rows of head.db are left out`] : []),
  ];
  for (const reason of leftOut) problems.add({ file: dir, movedTo: undefined, reason });
  const tombstones = { current: tombstoneSetOf(stored.series, (labels) => series.find(labels)) };
  const reader = new Reader({ series, head, blocks, tombstones, oldestMs: () => Number.NEGATIVE_INFINITY });
  let [startMs, endMs] = [blocks.minMs, blocks.maxMs];
  for (const { oldestMs, newestMs } of head.segments) {
    startMs = Math.min(startMs, oldestMs);
    endMs = Math.max(endMs, newestMs);
  }
  const summaries = summariesOf(blocks.layouts);
  return {
    find: (matchers) =>
      [...series.index.find(matchers)].sort((a, b) => series.labels[a]!.compare(series.labels[b]!)),
    labels: (ref) => series.labels[ref]!,
    read: (ref, range) => reader.samplesOf(ref, range),
    range: { startMs, endMs },
    blocks: [...summaries, ...headSummaries(head)],
    headSamples: head.samples,
    blockSamples: summaries.reduce((sum, { samples }) => sum + samples, 0),
    blockBytes: blocks.bytes,
    headBytes: statSync(join(dir, HEAD_FILE), { throwIfNoEntry: false })?.size ?? 0,
    close: () => blocks.close(),
  };
}

function tablesOf(path: string, problems: ProblemLog): HeadTables {
  if (!existsSync(path)) return NO_TABLES;
  try {
    const db = openForReading(path);
    try {
      // One moment for all tables.
      db.exec('BEGIN');
      return HeadFile.salvage(db).tables;
    } finally {
      db.close();
    }
  } catch (error) {
    problems.add({ file: path, movedTo: undefined, reason: messageOf(error) });
    return NO_TABLES;
  }
}

function headSummaries(head: Head): BlockSummary[] {
  return [...head.segments].map(({ oldestMs, newestMs, samples, refs, columns }) => ({
    minMs: oldestMs,
    maxMs: newestMs,
    samples,
    refs: refs.slice(0, columns),
  }));
}
