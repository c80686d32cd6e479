/** Rebuilds the head from head.db, whatever state that file is in. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { type Clock, Labels, type SeriesRef } from '@watchroom/model';
import type { BlockStore } from './disk/block-store.ts';
import { HeadFile, type HeadTables, seriesText, walCrc } from './disk/head-file.ts';
import { type Beat, readHeartbeat } from './disk/heartbeat.ts';
import { hashOf, labelsOf, layoutText } from './disk/layout.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { messageOf, type Row, setAside } from './disk/sqlite.ts';
import type { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { restoreExemplars } from './exemplars/exemplar-rows.ts';
import type { Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import { packedSpan, type RecordContent, readPacked, readRecord } from './head/wal-record.ts';
import { finish, HeadNews, newestSeq } from './head-news.ts';
import { findLosses } from './lost-blocks.ts';
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
/** More is damage: the row has no checksum. */
const MAX_ROWS = 1_000_000;
/** Labels of fewer gone series than this are not worth a rewrite. */
const MIN_REWRITE = 5_000;

export const HEAD_FILE = 'head.db';
export const HEARTBEAT_FILE = 'heartbeat';

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
  #file: HeadFile;
  /** What is on disk is not what is in memory: the file must be written anew. */
  #rewrite: boolean;

  constructor(options: RecoverOptions) {
    this.#options = options;
    this.#path = join(options.dir, HEAD_FILE);
    this.#beat = readHeartbeat(join(options.dir, HEARTBEAT_FILE));
    if (this.#beat && !existsSync(this.#path))
      options.problems.add({
        file: this.#path,
        movedTo: undefined,
        reason: 'the file is missing: samples that were not yet in blocks are lost',
        lostToMs: this.#beat.timeMs,
      });
    const { file, tables, salvaged } = openHead(options, this.#path, this.#beat);
    this.#file = file;
    this.#tables = tables;
    this.#rewrite = salvaged;
    this.#news = new HeadNews(options.series, options.head, options.exemplars);
    this.#replay = new Replay(options, this.#path);
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

  replay(blocks: BlockStore): Recovered {
    const tables = this.#tables;
    const { found, unlisted, lost } = findLosses(this.#options, tables, blocks);
    const damaged = this.#replay.run(tables, blocks);
    // The heartbeat is written after each commit, so a database that is behind it has lost its end.
    if (!this.#rewrite && !damaged && this.#beat && this.#beat.seq > newestSeq(tables))
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
    const kept: (readonly [SeriesRef, Labels])[] = [];
    for (const ref of series.refs()) if (head.holds(ref)) kept.push([ref, series.labels[ref]!]);
    if (this.#replay.storedSeries <= 2 * kept.length + MIN_REWRITE) return;
    this.#file.rewriteSeries(finish(this.#news.seriesRows(kept)));
    for (const ref of series.refs()) series.persisted[ref] = head.holds(ref);
  }

  #writeAnew(outages: readonly Outage[]): void {
    const { head, series, clock } = this.#options;
    this.#file.close();
    for (const side of ['', '-wal', '-shm', '-journal']) rmSync(this.#path + side, { force: true });
    this.#file = new HeadFile(this.#path);
    for (const ref of series.refs()) series.persisted[ref] = false;
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
    const tables = salvage(movedTo);
    const fresh = new HeadFile(path);
    options.problems.add({
      file: path,
      movedTo,
      reason: `${messageOf(error)}; ${tables.wal.length} scrapes could be read`,
      lostFromMs: lastTimeOf(tables),
      lostToMs: beat?.timeMs,
    });
    return { file: fresh, tables, salvaged: true };
  }
}

function salvage(path: string): HeadTables {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    return HeadFile.salvage(db);
  } catch {
    return {
      meta: [],
      series: [],
      segments: [],
      columns: [],
      wal: [],
      exemplars: [],
      outages: [],
      blocks: [],
    };
  } finally {
    db?.close();
  }
}

function reportLoss(options: RecoverOptions, path: string, beat: Beat, tables: HeadTables): void {
  options.problems.add({
    file: path,
    movedTo: setAside(options.dir, path, options.clock.now(), 'copy'),
    reason: `the journal ends at record ${newestSeq(tables)}, but ${beat.seq} had been written`,
    lostFromMs: lastTimeOf(tables),
    lostToMs: beat.timeMs,
  });
}

function lastTimeOf(tables: HeadTables): number | undefined {
  const last = tables.wal.at(-1);
  return last === undefined ? metaOf(tables, 'alive_ms') : Number(last['time']);
}

function metaOf(tables: HeadTables, key: string): number | undefined {
  const value = tables.meta.find((row) => row['key'] === key)?.['value'];
  return value === undefined || value === null ? undefined : Number(value);
}

function newest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : Math.max(a, b ?? a);
}

/** Puts the rows of head.db back into segments; damaged rows are left out and reported. */
class Replay {
  readonly #options: RecoverOptions;
  readonly #path: string;
  readonly #refs = new Map<number, SeriesRef>();
  readonly #segments = new Map<number, Segment>();
  #bad = 0;
  #badFromMs = Number.POSITIVE_INFINITY;
  #badToMs = Number.NEGATIVE_INFINITY;

  constructor(options: RecoverOptions, path: string) {
    this.#options = options;
    this.#path = path;
  }

  get storedSeries(): number {
    return this.#refs.size;
  }

  /** The ref in memory of one on disk; 0 when its labels are lost. */
  refOf(stored: number): SeriesRef {
    return this.#refs.get(stored) ?? 0;
  }

  series(tables: HeadTables): void {
    const stored: [SeriesRef, Labels][] = [];
    for (const row of tables.series) {
      const text = seriesText(row);
      const entries = text === undefined ? undefined : parseSeries(text);
      if (entries) stored.push(...entries);
      else this.#bad++;
    }
    const { series } = this.#options;
    for (const [onDisk, labels] of stored.sort((a, b) => a[0] - b[0])) {
      const ref = series.restore(onDisk, labels);
      if (ref === onDisk) series.persisted[ref] = true;
      this.#refs.set(onDisk, ref);
    }
  }

  /** True when something was damaged. */
  run(tables: HeadTables, blocks: BlockStore): boolean {
    const { head } = this.#options;
    const sealed = blocks.sealedSegments;
    for (const id of sealed) head.reserveIds(id);
    const columns = columnsBySegment(tables);
    for (const row of tables.segments) this.#segment(row, sealed, columns);
    for (const row of tables.columns) this.#columns(row);
    for (const row of tables.wal) this.#record(row, sealed);
    this.#bad += restoreExemplars(tables.exemplars, this.#options.exemplars);
    head.resume();
    if (this.#bad === 0) return false;
    this.#options.problems.add({
      file: this.#path,
      movedTo: setAside(this.#options.dir, this.#path, this.#options.clock.now(), 'copy'),
      reason: `${this.#bad} damaged rows were left out`,
      lostFromMs: Number.isFinite(this.#badFromMs) ? this.#badFromMs : undefined,
      lostToMs: Number.isFinite(this.#badToMs) ? this.#badToMs : undefined,
    });
    return true;
  }

  #segment(row: Row, sealed: ReadonlySet<number>, columns: ReadonlyMap<number, number>): void {
    const id = Number(row['at']);
    const { head } = this.#options;
    head.reserveIds(id);
    if (sealed.has(id)) return;
    const maxRows = Math.min(MAX_ROWS, Math.max(1, Number(row['max_rows']) || 1));
    this.#segments.set(id, head.restoreSegment(id, row['loose'] === 1, maxRows, columns.get(id) ?? 0));
  }

  #columns(row: Row): void {
    const segment = this.#segments.get(Number(row['segment']));
    if (!segment) return;
    const refs = row['refs'];
    const intact = refs instanceof Uint8Array && crc32(refs) === row['crc'];
    if (!intact || row['first'] !== segment.columns) {
      this.#bad++;
      return;
    }
    for (const stored of new Uint32Array(refs.slice().buffer)) {
      const ref = this.#refs.get(stored);
      // A column must keep its place even when the labels of its series are lost.
      if (ref === undefined) this.#bad++;
      this.#options.head.restoreColumn(segment, ref ?? 0);
    }
  }

  #record(row: Row, sealed: ReadonlySet<number>): void {
    const [id, timeMs, form] = [Number(row['segment']), Number(row['time']), Number(row['form'])];
    const segment = this.#segments.get(id);
    if (!segment && sealed.has(id)) return;
    const data = row['data'];
    const intact = data instanceof Uint8Array && walCrc(id, timeMs, form, data) === row['crc'];
    const records = intact && segment ? recordsOf(timeMs, form, data) : undefined;
    if (!segment || !records) {
      this.#bad++;
      this.#badFromMs = Math.min(this.#badFromMs, timeMs - (packedSpan(form) ?? 0));
      this.#badToMs = Math.max(this.#badToMs, timeMs);
      return;
    }
    for (const { timeMs: at, content } of records) this.#options.head.replay(segment, at, content);
    segment.walRows.push(Number(row['at']));
  }
}

function recordsOf(
  timeMs: number,
  form: number,
  data: Uint8Array,
): readonly { timeMs: number; content: RecordContent }[] | undefined {
  if (packedSpan(form) !== undefined) return readPacked(data);
  const content = readRecord(form, data);
  return content && [{ timeMs, content }];
}

function columnsBySegment(tables: HeadTables): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { segment, refs } of tables.columns) {
    const count = refs instanceof Uint8Array ? refs.length / 4 : 0;
    counts.set(Number(segment), (counts.get(Number(segment)) ?? 0) + Math.floor(count));
  }
  return counts;
}

function parseSeries(data: string): [SeriesRef, Labels][] | undefined {
  try {
    const list: unknown = JSON.parse(data);
    if (!Array.isArray(list)) return undefined;
    return list.map((entry: unknown[]) => [Number(entry[0]), labelsOf(entry[1], entry[2]).interned()]);
  } catch {
    return undefined;
  }
}
