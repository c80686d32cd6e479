/** Rebuilds the head from head.db, whatever state that file is in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, Labels, type SeriesRef } from '@watchroom/model';
import type { BlockStore } from './disk/block-store.ts';
import { HeadFile, type HeadTables, type SalvagedHead } from './disk/head-file.ts';
import { type Beat, HEARTBEAT_FILE, readHeartbeat } from './disk/heartbeat.ts';
import { hashOf, layoutText } from './disk/layout.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { finishReplacing, replaceHead } from './disk/replace-head.ts';
import { isOutside, messageOf, mustStay, setAside } from './disk/sqlite.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { AGE_CLOSE_MS, type Head } from './head/head.ts';
import type { SeriesTable } from './head/series-table.ts';
import { finish, HeadNews, newestSeq } from './head-news.ts';
import { findLosses } from './lost-blocks.ts';
import { Replay } from './replay.ts';
import type { Rollups } from './rollup/rollups.ts';
import type { Outage } from './types.ts';
import type { BlockEntry } from './writer/protocol.ts';

export interface Recovered {
  /** To be closed when the writing thread has opened its own. */
  readonly file: HeadFile;
  readonly news: HeadNews;
  readonly outages: Outage[];
  /** When the last server was alive; undefined for a new folder. */
  readonly aliveMs: number | undefined;
  /** Whether there was a list of tombstones, as far as head.db knows. */
  readonly hadTombstones: boolean;
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
  /** Undefined when it cannot be opened as it is. */
  readonly #file: HeadFile | undefined;
  /** Why the file must be written anew. */
  readonly #damage: Damage | undefined;

  constructor(options: RecoverOptions) {
    this.#options = options;
    this.#path = join(options.dir, HEAD_FILE);
    finishReplacing(this.#path);
    this.#beat = readHeartbeat(join(options.dir, HEARTBEAT_FILE));
    this.#missing = !existsSync(this.#path);
    if (this.#beat && this.#missing) this.#reportMissing(this.#beat.timeMs, this.#beat.timeMs);
    const { file, tables, damage } = openHead(this.#path);
    this.#file = file;
    this.#tables = tables;
    this.#damage = damage && {
      reason: damage.reason,
      lostFromMs: damage.soundToMs ?? (this.#beat && this.#beat.timeMs - AGE_CLOSE_MS),
      lostToMs: this.#beat?.timeMs ?? lastTimeOf(tables),
    };
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

  /** Segments that have rows in head.db: what they hold is needed until it stands whole in a block. */
  segmentsWithRows(): ReadonlySet<number> {
    return segmentsOf(this.#tables);
  }

  replay(blocks: BlockStore, rollups: Rollups): Recovered {
    const tables = this.#tables;
    const stores = [blocks, ...rollups.levels.map((level) => level.blocks)];
    const { found, unlisted, lost } = findLosses(this.#options, tables, stores);
    if (this.#missing && !this.#beat && blocks.blocks > 0)
      this.#reportMissing(blocks.maxMs, this.#options.clock.now());
    const bad = this.#replay.run(tables, blocks.sealedSegments, this.#beat?.timeMs);
    const damages = this.#damage ? [this.#damage] : [];
    if (bad) damages.push({ ...bad, reason: `${bad.rows} damaged rows were left out` });
    // The heartbeat is written after each commit, so a database that is behind it has lost its end.
    const behind = this.#beat && this.#beat.seq > newestSeq(tables);
    const isWhole = this.#file !== undefined && damages.length === 0;
    if (isWhole && !this.#missing && this.#beat && behind)
      reportLoss(this.#options, this.#path, this.#beat, tables);
    this.#news.continueAfter(tables, this.#beat?.seq ?? 0);
    const outages = tables.outages
      .map((row) => ({ fromMs: Number(row['from_ms']), toMs: Number(row['to_ms']) }))
      .filter(({ fromMs, toMs }) => toMs - fromMs > MIN_OUTAGE_MS);
    this.#news.exemplarsStored(isWhole);
    let file = this.#file;
    if (file && isWhole) {
      // Before the rows go: from then on the blocks alone have the samples.
      file.reconcile(unlisted, lost);
      file.forgetSegments(tables, blocks.sealedSegments, this.#news.seq);
      // What has been told is not told, and copied, again when nothing is written until the next opening.
      if (this.#beat && behind) file.note(this.#news.seq, this.#beat.timeMs);
      this.#forgetSeries(file);
    } else file = this.#writeAnew(outages, found, damages);
    const aliveMs = newest(this.#beat?.timeMs, metaOf(tables, 'alive_ms'));
    return { file, news: this.#news, outages, aliveMs, hadTombstones: metaOf(tables, 'tombstones') === 1 };
  }

  /** `sinceMs`: when the newest of what it had cannot have been older. */
  #reportMissing(sinceMs: number, lostToMs: number): void {
    this.#options.problems.add({
      file: this.#path,
      movedTo: undefined,
      reason: 'the file is missing: samples that were not yet in blocks are lost',
      lostFromMs: sinceMs - AGE_CLOSE_MS,
      lostToMs,
    });
  }

  /** Rewrites the labels in head.db when most of them are of series that the head does not hold any more. */
  #forgetSeries(file: HeadFile): void {
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
    file.rewriteSeries(finish(this.#news.seriesRows(rows)));
  }

  /** Beside the old file, which goes to the damaged ones when the new one is whole: a full disk or a kill in between loses nothing. */
  #writeAnew(
    outages: readonly Outage[],
    blocks: readonly BlockEntry[],
    damages: readonly Damage[],
  ): HeadFile {
    const { dir, head, series, clock, problems } = this.#options;
    const write = (path: string) => {
      const anew = new HeadFile(path);
      try {
        for (const ref of series.refs()) series.persisted[ref] = 0;
        const news = { records: head.dump(), sealed: [], nowMs: clock.now() };
        const prepared = finish(this.#news.prepare(news));
        anew.write(prepared.group);
        prepared.written();
        for (const { fromMs, toMs } of outages) anew.addOutage(fromMs, toMs);
        anew.reconcile(blocks, []);
        anew.checkpoint();
      } finally {
        anew.close();
      }
      this.#file?.close();
    };
    const movedTo = replaceHead(dir, this.#path, clock.now(), write);
    for (const damage of damages) problems.add({ ...damage, file: this.#path, movedTo });
    return new HeadFile(this.#path);
  }
}

interface Damage {
  readonly reason: string;
  readonly lostFromMs: number | undefined;
  readonly lostToMs: number | undefined;
}

interface Opened {
  readonly file: HeadFile | undefined;
  readonly tables: HeadTables;
  readonly damage: { readonly reason: string; readonly soundToMs: number | undefined } | undefined;
}

/** Throws when the reason is not in the file: it then stays as it is. */
function openHead(path: string): Opened {
  let file: HeadFile | undefined;
  try {
    file = new HeadFile(path);
    return { file, tables: file.read(), damage: undefined };
  } catch (error) {
    file?.close();
    if (!existsSync(path) || mustStay(path, error)) throw error;
    const { tables, soundToMs } = salvage(path);
    const reason = `${messageOf(error)}; ${tables.wal.length} scrapes could be read`;
    return { file: undefined, tables, damage: { reason, soundToMs } };
  }
}

function salvage(path: string): SalvagedHead {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    return HeadFile.salvage(db);
  } catch (error) {
    if (isOutside(error)) throw error;
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

/** Segments of which there are write-ahead rows. */
export function segmentsOf(tables: HeadTables): ReadonlySet<number> {
  return new Set(tables.wal.map((row) => Number(row['segment'])));
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
