/** Rebuilds the head from head.db, whatever state that file is in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Clock, SeriesRef } from '@watchroom/model';
import { isAbsent } from './chunk/absent.ts';
import type { BlockStore } from './disk/block-store.ts';
import { HeadFile, type HeadTables, walCrc } from './disk/head-file.ts';
import { type Beat, readHeartbeat } from './disk/heartbeat.ts';
import { labelsList } from './disk/layout.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { messageOf, type Row, setAside } from './disk/sqlite.ts';
import type { Head } from './head/head.ts';
import type { Segment } from './head/segment.ts';
import type { SeriesTable } from './head/series-table.ts';
import { readRecord } from './head/wal-record.ts';
import type { Outage } from './types.ts';

export interface Recovered {
  readonly file: HeadFile;
  readonly outages: Outage[];
  /** When the last server was alive; undefined for a new folder. */
  readonly aliveMs: number | undefined;
}

export interface RecoverOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly series: SeriesTable;
  readonly head: Head;
  readonly blocks: BlockStore;
  readonly problems: ProblemLog;
}

export const HEAD_FILE = 'head.db';
export const HEARTBEAT_FILE = 'heartbeat';

export function recoverHead(options: RecoverOptions): Recovered {
  const path = join(options.dir, HEAD_FILE);
  const beat = readHeartbeat(join(options.dir, HEARTBEAT_FILE));
  const expected = beat !== undefined || options.blocks.blocks > 0;
  if (expected && !existsSync(path))
    options.problems.add({
      file: path,
      movedTo: undefined,
      reason: 'the file is missing: samples that were not yet in blocks are lost',
    });
  const { file, tables, salvaged } = openHead(options, path, beat);
  const lost = new Replay(options, path).run(tables);
  if (!salvaged && (lost || hasLostTail(file, beat))) reportLoss(options, path, file, tables, beat);
  file.continueAfter(tables, beat?.seq ?? 0);
  const outages = tables.outages.map((row) => ({
    fromMs: Number(row['from_ms']),
    toMs: Number(row['to_ms']),
  }));
  return { file, outages, aliveMs: newest(beat?.timeMs, metaOf(tables, 'alive_ms')) };
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
      lostFromMs: metaOf(tables, 'alive_ms') ?? undefined,
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
    return { meta: [], series: [], segments: [], columns: [], wal: [], outages: [] };
  } finally {
    db?.close();
  }
}

/** The heartbeat is written after each commit, so a database that is behind it has lost its end. */
function hasLostTail(file: HeadFile, beat: Beat | undefined): boolean {
  return beat !== undefined && beat.seq > file.seq;
}

function reportLoss(
  options: RecoverOptions,
  path: string,
  file: HeadFile,
  tables: HeadTables,
  beat: Beat | undefined,
): void {
  if (!hasLostTail(file, beat) || !beat) return;
  options.problems.add({
    file: path,
    movedTo: setAside(options.dir, path, options.clock.now(), 'copy'),
    reason: `the journal ends at record ${file.seq}, but ${beat.seq} had been written`,
    lostFromMs: metaOf(tables, 'alive_ms'),
    lostToMs: beat.timeMs,
  });
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

  /** True when something was damaged. */
  run(tables: HeadTables): boolean {
    const { head, blocks } = this.#options;
    for (const id of blocks.sealedSegments) head.reserveIds(id);
    for (const row of tables.series) this.#series(row);
    for (const row of tables.segments) this.#segment(row);
    for (const row of tables.columns) this.#columns(row);
    for (const row of tables.wal) this.#record(row);
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

  #series(row: Row): void {
    const data = String(row['data']);
    const entries = crc32(data) === row['crc'] ? parseSeries(data) : undefined;
    if (!entries) {
      this.#bad++;
      return;
    }
    const { series } = this.#options;
    for (const [stored, labels] of entries) {
      const ref = series.restore(stored, labels);
      if (ref === stored) series.persisted[ref] = true;
      this.#refs.set(stored, ref);
    }
  }

  #segment(row: Row): void {
    const id = Number(row['at']);
    const { head, blocks } = this.#options;
    head.reserveIds(id);
    if (blocks.sealedSegments.has(id)) return;
    this.#segments.set(id, head.restoreSegment(id, row['loose'] === 1, Math.max(1, Number(row['max_rows']))));
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
      this.#options.head.restoreColumn(segment, ref ?? 0);
    }
  }

  #record(row: Row): void {
    const [id, timeMs, form] = [Number(row['segment']), Number(row['time']), Number(row['form'])];
    const segment = this.#segments.get(id);
    if (!segment && this.#options.blocks.sealedSegments.has(id)) return;
    const data = row['data'];
    const intact = data instanceof Uint8Array && walCrc(id, timeMs, form, data) === row['crc'];
    const record = intact && segment ? readRecord(form, data) : undefined;
    if (!segment || !record) {
      this.#bad++;
      this.#badFromMs = Math.min(this.#badFromMs, timeMs);
      this.#badToMs = Math.max(this.#badToMs, timeMs);
      return;
    }
    const { columns, values } = record;
    for (let i = 0; i < values.length; i++) {
      const column = columns ? columns[i]! : i;
      if (column >= segment.columns || segment.refs[column] === 0) continue;
      const value = values[i]!;
      if (!isAbsent(value)) this.#options.head.replay(segment, column, timeMs, value);
    }
    segment.walRows.push(Number(row['at']));
  }
}

function parseSeries(data: string): [number, ReturnType<typeof labelsList>[number]][] | undefined {
  try {
    const list: unknown = JSON.parse(data);
    if (!Array.isArray(list)) return undefined;
    const labels = labelsList(list.map((entry: unknown[]) => [entry[1], entry[2]]));
    return list.map((entry: unknown[], i) => [Number(entry[0]), labels[i]!]);
  } catch {
    return undefined;
  }
}
