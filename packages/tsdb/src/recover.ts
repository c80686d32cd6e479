/** Rebuilds the head from head.db, whatever state that file is in. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, Labels, type SeriesRef } from '@watchroom/model';
import type { BlockStore } from './disk/block-store.ts';
import { HeadFile, type HeadTables, type SalvagedHead } from './disk/head-file.ts';
import { type Beat, HEARTBEAT_FILE, readHeartbeat } from './disk/heartbeat.ts';
import { hashOf, layoutText } from './disk/layout.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { messageOf, setAside } from './disk/sqlite.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { AGE_CLOSE_MS, type Head } from './head/head.ts';
import type { SeriesTable } from './head/series-table.ts';
import { finish, HeadNews, newestSeq } from './head-news.ts';
import { findLosses } from './lost-blocks.ts';
import { Replay } from './replay.ts';
import type { Rollups } from './rollup/rollups.ts';
import type { Outage } from './types.ts';

export interface Recovered {
  /** To be closed when the writing thread has opened its own. */
  readonly file: HeadFile;
  readonly news: HeadNews;
  readonly outages: Outage[];
  /** When the last server was alive; undefined for a new folder. */
  readonly aliveMs: number | undefined;
}

export interface RecoverOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly series: SeriesTable;
  readonly head: Head;
  readonly exemplars: ExemplarBuffer;
  readonly problems: ProblemLog;
}

/** A heartbeat comes every second; a shorter span without one may have had a server all the same. */
export const MIN_OUTAGE_MS = 2_000;
/** Labels of fewer gone series than this are not worth a rewrite. */
const MIN_REWRITE = 5_000;

/** Of a file that has nothing. */
export const NO_TABLES: HeadTables = {
  meta: [],
  series: [],
  segments: [],
  columns: [],
  wal: [],
  exemplars: [],
  outages: [],
  blocks: [],
};

export const HEAD_FILE = 'head.db';

/**
 * Opens head.db and learns its series, which must come before those of the blocks: refs on disk stay what they are.
 * `replay` then puts the samples back that are not in blocks.
 */
export class HeadRecovery {
  readonly #options: RecoverOptions;
  readonly #path: string;
  readonly #beat: Beat | undefined;
  readonly #tables: HeadTables;
  readonly #replay: Replay;
  readonly #news: HeadNews;
  readonly #missing: boolean;
  #file: HeadFile;
  /** What is on disk is not what is in memory: the file must be written anew. */
  #rewrite: boolean;

  constructor(options: RecoverOptions) {
    this.#options = options;
    this.#path = join(options.dir, HEAD_FILE);
    this.#beat = readHeartbeat(join(options.dir, HEARTBEAT_FILE));
    this.#missing = this.#beat !== undefined && !existsSync(this.#path);
    if (this.#beat && this.#missing)
      options.problems.add({
        file: this.#path,
        movedTo: undefined,
        reason: 'the file is missing: samples that were not yet in blocks are lost',
        lostFromMs: this.#beat.timeMs - AGE_CLOSE_MS,
        lostToMs: this.#beat.timeMs,
      });
    const { file, tables, salvaged } = openHead(options, this.#path, this.#beat);
    this.#file = file;
    this.#tables = tables;
    this.#rewrite = salvaged;
    this.#news = new HeadNews(options.series, options.head, options.exemplars);
    this.#replay = new Replay(options);
    this.#replay.series(tables);
  }

  /** Lists of series in head.db by the hash of their layout: most blocks have one of these. */
  layouts(): ReadonlyMap<string, Uint32Array> {
    const lists = new Map<number, SeriesRef[]>();
    for (const { segment, refs } of this.#tables.columns) {
      if (!(refs instanceof Uint8Array) || refs.length % 4 !== 0) continue;
      const list = lists.get(Number(segment)) ?? [];
      lists.set(Number(segment), list);
      for (const stored of new Uint32Array(refs.slice().buffer)) list.push(this.#replay.refOf(stored));
    }
    const found = new Map<string, Uint32Array>();
    for (const list of lists.values()) {
      const labels = list.map((ref) => this.#options.series.labels[ref] ?? Labels.EMPTY);
      found.set(hashOf(finish(layoutText(labels))), Uint32Array.from(list));
    }
    return found;
  }

  replay(blocks: BlockStore, rollups: Rollups): Recovered {
    const tables = this.#tables;
    const stores = [blocks, ...rollups.levels.map((level) => level.blocks)];
    const { found, unlisted, lost } = findLosses(this.#options, tables, stores);
    const damage = this.#replay.run(tables, blocks.sealedSegments);
    const damaged = damage !== undefined;
    if (damage)
      this.#options.problems.add({
        file: this.#path,
        movedTo: setAside(this.#options.dir, this.#path, this.#options.clock.now(), 'copy'),
        reason: `${damage.rows} damaged rows were left out`,
        lostFromMs: damage.lostFromMs,
        lostToMs: damage.lostToMs,
      });
    // The heartbeat is written after each commit, so a database that is behind it has lost its end.
    const behind = this.#beat && this.#beat.seq > newestSeq(tables);
    if (!this.#rewrite && !this.#missing && !damaged && this.#beat && behind)
      reportLoss(this.#options, this.#path, this.#beat, tables);
    this.#news.continueAfter(tables, this.#beat?.seq ?? 0);
    const outages = tables.outages
      .map((row) => ({ fromMs: Number(row['from_ms']), toMs: Number(row['to_ms']) }))
      .filter(({ fromMs, toMs }) => toMs - fromMs > MIN_OUTAGE_MS);
    this.#news.exemplarsStored(!this.#rewrite && !damaged);
    if (this.#rewrite || damaged) {
      this.#writeAnew(outages);
      this.#file.reconcile(found, []);
    } else {
      // Before the rows go: from then on the blocks alone have the samples.
      this.#file.reconcile(unlisted, lost);
      this.#file.forgetSegments(tables, blocks.sealedSegments, this.#news.seq);
      this.#forgetSeries();
    }
    const aliveMs = newest(this.#beat?.timeMs, metaOf(tables, 'alive_ms'));
    return { file: this.#file, news: this.#news, outages, aliveMs };
  }

  /** Rewrites the labels in head.db when most of them are of series that the head does not hold any more. */
  #forgetSeries(): void {
    const { head, series } = this.#options;
    let kept = 0;
    for (const ref of series.refs()) if (head.holds(ref)) kept++;
    if (this.#replay.storedSeries <= 2 * kept + MIN_REWRITE) return;
    const rows: (readonly [SeriesRef, Labels])[] = [];
    for (const ref of series.refs()) {
      const isKept = head.holds(ref);
      if (isKept) rows.push([ref, series.labels[ref]!]);
      series.persisted[ref] = isKept ? 1 : 0;
    }
    this.#file.rewriteSeries(finish(this.#news.seriesRows(rows)));
  }

  #writeAnew(outages: readonly Outage[]): void {
    const { head, series, clock } = this.#options;
    this.#file.close();
    for (const side of ['', '-wal', '-shm', '-journal']) rmSync(this.#path + side, { force: true });
    this.#file = new HeadFile(this.#path);
    for (const ref of series.refs()) series.persisted[ref] = 0;
    const news = { records: head.dump(), sealed: [], nowMs: clock.now() };
    const prepared = finish(this.#news.prepare(news));
    this.#file.write(prepared.group);
    prepared.written();
    for (const { fromMs, toMs } of outages) this.#file.addOutage(fromMs, toMs);
  }
}

function openHead(
  options: RecoverOptions,
  path: string,
  beat: Beat | undefined,
): { file: HeadFile; tables: HeadTables; salvaged: boolean } {
  let file: HeadFile | undefined;
  try {
    file = new HeadFile(path);
    return { file, tables: file.read(), salvaged: false };
  } catch (error) {
    file?.close();
    if (!existsSync(path)) throw error;
    const movedTo = setAside(options.dir, path, options.clock.now(), 'move');
    const { tables, soundToMs } = salvage(movedTo);
    const fresh = new HeadFile(path);
    options.problems.add({
      file: path,
      movedTo,
      reason: `${messageOf(error)}; ${tables.wal.length} scrapes could be read`,
      lostFromMs: soundToMs ?? (beat && beat.timeMs - AGE_CLOSE_MS),
      lostToMs: beat?.timeMs ?? lastTimeOf(tables),
    });
    return { file: fresh, tables, salvaged: true };
  }
}

function salvage(path: string): SalvagedHead {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    return HeadFile.salvage(db);
  } catch {
    return { tables: NO_TABLES, soundToMs: undefined };
  } finally {
    db?.close();
  }
}

function reportLoss(options: RecoverOptions, path: string, beat: Beat, tables: HeadTables): void {
  options.problems.add({
    file: path,
    movedTo: setAside(options.dir, path, options.clock.now(), 'copy'),
    reason: `the journal ends at record ${newestSeq(tables)}, but ${beat.seq} had been written`,
    lostFromMs: Math.min(lastTimeOf(tables) ?? beat.timeMs - AGE_CLOSE_MS, beat.timeMs),
    lostToMs: beat.timeMs,
  });
}

/** When the newest write-ahead row was written: `meta` knows it when that row has been deleted. */
function lastTimeOf(tables: HeadTables): number | undefined {
  const last = tables.wal.at(-1);
  const deleted = metaOf(tables, 'seq');
  if (last === undefined || (deleted !== undefined && deleted > Number(last['at'])))
    return metaOf(tables, 'alive_ms');
  return Number(last['time']);
}

function metaOf(tables: HeadTables, key: string): number | undefined {
  const value = tables.meta.find((row) => row['key'] === key)?.['value'];
  return value === undefined || value === null ? undefined : Number(value);
}

function newest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : Math.max(a, b ?? a);
}
