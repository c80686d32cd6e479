/**
 * head.db: what is needed to rebuild the head after a crash. Write-ahead rows in the order of commits, the segments
 * and columns they refer to, and the labels behind the refs. Rows go when their segment has become a block.
 */
import { closeSync, fdatasync, openSync, statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Labels, SeriesRef } from '@watchroom/model';
import type { Segment } from '../head/segment.ts';
import type { WalRecord } from '../head/wal-record.ts';
import { openFile, type Row, salvageRows, stamp } from './sqlite.ts';

const PAGE_SIZE = 8_192;
/** Series whose labels stand in one row. */
const SERIES_PER_ROW = 500;
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, data TEXT, crc INTEGER);
  CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, loose INTEGER, max_rows INTEGER);
  CREATE TABLE IF NOT EXISTS columns (id INTEGER PRIMARY KEY, segment INTEGER, first INTEGER, refs BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS wal
    (seq INTEGER PRIMARY KEY, segment INTEGER, time INTEGER, form INTEGER, data BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS outages (from_ms INTEGER, to_ms INTEGER);
`;

const QUERIES = {
  meta: () => 'SELECT key, value, 0 AS at FROM meta',
  series: (order: string) => `SELECT id AS at, data, crc FROM series ORDER BY id ${order}`,
  segments: (order: string) => `SELECT id AS at, loose, max_rows FROM segments ORDER BY id ${order}`,
  columns: (order: string) => `SELECT id AS at, segment, first, refs, crc FROM columns ORDER BY id ${order}`,
  wal: (order: string) => `SELECT seq AS at, segment, time, form, data, crc FROM wal ORDER BY seq ${order}`,
  outages: (order: string) => `SELECT rowid AS at, from_ms, to_ms FROM outages ORDER BY rowid ${order}`,
};

export type HeadTables = Readonly<Record<keyof typeof QUERIES, readonly Row[]>>;

/** One transaction's worth of news. */
export interface HeadNews {
  readonly records: readonly WalRecord[];
  readonly sealed: readonly Segment[];
  readonly nowMs: number;
}

export class HeadFile {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #insertWal: StatementSync;
  readonly #deleteWal: StatementSync;
  #seq = 0;
  #nextSeries = 1;
  #nextColumns = 1;
  #unsynced = 0;
  #walFd: number | undefined;

  /** Throws what SQLite says when the file is not usable. */
  constructor(path: string) {
    this.#path = path;
    this.#db = openFile(path, PAGE_SIZE);
    try {
      this.#db.exec(SCHEMA);
      stamp(this.#db);
      this.#insertWal = this.#db.prepare(
        'INSERT INTO wal (seq, segment, time, form, data, crc) VALUES (?, ?, ?, ?, ?, ?)',
      );
      this.#deleteWal = this.#db.prepare('DELETE FROM wal WHERE seq = ?');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Number of the newest write-ahead row that is in the file. */
  get seq(): number {
    return this.#seq;
  }

  /** Reads everything; throws when some of it cannot be read. */
  read(): HeadTables {
    const tables = Object.fromEntries(
      Object.entries(QUERIES).map(([name, query]) => [name, this.#db.prepare(query('ASC')).all()]),
    ) as Record<keyof typeof QUERIES, Row[]>;
    this.continueAfter(tables, 0);
    return tables;
  }

  /** Numbers new rows after those that exist. */
  continueAfter(tables: HeadTables, seq: number): void {
    const meta = tables.meta.find((row) => row['key'] === 'seq');
    this.#seq = Math.max(
      seq,
      this.#seq,
      Number(meta?.['value'] ?? 0),
      Number(tables.wal.at(-1)?.['at'] ?? 0),
    );
    this.#nextSeries = Math.max(this.#nextSeries, Number(tables.series.at(-1)?.['at'] ?? 0) + 1);
    this.#nextColumns = Math.max(this.#nextColumns, Number(tables.columns.at(-1)?.['at'] ?? 0) + 1);
  }

  /** Writes one transaction; on failure nothing of it is in the file, and it throws. */
  write(news: HeadNews, newSeries: readonly (readonly [SeriesRef, Labels])[]): void {
    const seqBefore = this.#seq;
    const rows: { segment: Segment; seq: number }[] = [];
    const extended = new Map<Segment, number>();
    this.#db.exec('BEGIN');
    try {
      this.#writeSeries(newSeries);
      for (const record of news.records) {
        if (record.segment.sealed) continue;
        if (!extended.has(record.segment)) extended.set(record.segment, this.#writeColumns(record.segment));
        rows.push({ segment: record.segment, seq: this.#writeRecord(record) });
      }
      for (const segment of news.sealed) this.#forget(segment);
      // While there are rows, the newest one tells both.
      if (news.sealed.length > 0) {
        this.#setMeta('seq', this.#seq);
        this.#setMeta('alive_ms', news.nowMs);
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#seq = seqBefore;
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#unsynced += PAGE_SIZE * 2;
    for (const { segment, seq } of rows) segment.walRows.push(seq);
    for (const [segment, columns] of extended) segment.persistedColumns = columns;
  }

  /** Deletes what is left of segments that became blocks before the last server stopped. */
  forgetSegments(tables: HeadTables, sealed: ReadonlySet<number>): void {
    const leftOver = new Set(
      [...tables.segments, ...tables.wal]
        .map((row) => Number(row['segment'] ?? row['at']))
        .filter((id) => sealed.has(id)),
    );
    if (leftOver.size === 0) return;
    this.#db.exec('BEGIN');
    try {
      for (const table of ['wal', 'columns'])
        for (const id of leftOver) this.#db.prepare(`DELETE FROM ${table} WHERE segment = ?`).run(id);
      for (const id of leftOver) this.#db.prepare('DELETE FROM segments WHERE id = ?').run(id);
      this.#setMeta('seq', this.#seq);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  addOutage(fromMs: number, toMs: number): void {
    this.#db.prepare('INSERT INTO outages VALUES (?, ?)').run(fromMs, toMs);
  }

  forgetOutages(beforeMs: number): void {
    this.#db.prepare('DELETE FROM outages WHERE to_ms < ?').run(beforeMs);
  }

  /** Replaces all stored labels by those of the series that the head still needs. */
  rewriteSeries(series: readonly (readonly [SeriesRef, Labels])[]): void {
    this.#db.exec('BEGIN');
    try {
      this.#db.exec('DELETE FROM series');
      this.#writeSeries(series);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Whether the journal has grown enough to be copied into the database. */
  get checkpointDue(): boolean {
    return this.#unsynced >= CHECKPOINT_BYTES;
  }

  checkpoint(): void {
    this.#unsynced = 0;
    this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Asks the disk to keep what was written, off this thread. */
  sync(): Promise<void> {
    return syncJournal(this.#path, this.#walFd, (fd) => {
      this.#walFd = fd;
    });
  }

  get bytes(): number {
    return sizeOf(this.#path) + sizeOf(`${this.#path}-wal`);
  }

  close(): void {
    this.#db.close();
    if (this.#walFd !== undefined) closeSync(this.#walFd);
  }

  /** What can be read of a damaged file. */
  static salvage(db: DatabaseSync): HeadTables {
    return Object.fromEntries(
      Object.entries(QUERIES).map(([name, query]) => [name, salvageRows(db, query)]),
    ) as Record<keyof typeof QUERIES, Row[]>;
  }

  #writeSeries(series: readonly (readonly [SeriesRef, Labels])[]): void {
    const insert = this.#db.prepare('INSERT INTO series (id, data, crc) VALUES (?, ?, ?)');
    for (let i = 0; i < series.length; i += SERIES_PER_ROW) {
      const data = JSON.stringify(
        series.slice(i, i + SERIES_PER_ROW).map(([ref, labels]) => [ref, labels.names, labels.values]),
      );
      insert.run(this.#nextSeries++, data, crc32(data));
    }
  }

  #writeColumns(segment: Segment): number {
    const from = segment.persistedColumns;
    if (from === segment.columns) return from;
    if (from === 0)
      this.#db
        .prepare('INSERT OR REPLACE INTO segments (id, loose, max_rows) VALUES (?, ?, ?)')
        .run(segment.id, segment.kind === 'loose' ? 1 : 0, segment.kind === 'grid' ? segment.maxRows : 0);
    const refs = new Uint8Array(segment.refs.slice(from, segment.columns).buffer);
    this.#db
      .prepare('INSERT INTO columns (id, segment, first, refs, crc) VALUES (?, ?, ?, ?, ?)')
      .run(this.#nextColumns++, segment.id, from, refs, crc32(refs));
    return segment.columns;
  }

  #writeRecord(record: WalRecord): number {
    const seq = ++this.#seq;
    const { segment, timeMs, form, data } = record;
    this.#insertWal.run(seq, segment.id, timeMs, form, data, walCrc(segment.id, timeMs, form, data));
    this.#unsynced += data.length + 64;
    return seq;
  }

  #forget(segment: Segment): void {
    for (const seq of segment.walRows) this.#deleteWal.run(seq);
    this.#db.prepare('DELETE FROM columns WHERE segment = ?').run(segment.id);
    this.#db.prepare('DELETE FROM segments WHERE id = ?').run(segment.id);
  }

  #setMeta(key: string, value: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
  }
}

/** Covers the row's other columns too. */
export function walCrc(segment: number, timeMs: number, form: number, data: Uint8Array): number {
  return crc32(data, crc32(`${segment} ${timeMs} ${form}`));
}

/** Opens a database's journal once and flushes it; closing this descriptor does not touch SQLite's locks. */
export function syncJournal(path: string, fd: number | undefined, keep: (fd: number) => void): Promise<void> {
  return new Promise((resolve) => {
    try {
      const journal = fd ?? openSync(`${path}-wal`, 'r+');
      keep(journal);
      fdatasync(journal, () => resolve());
    } catch {
      resolve();
    }
  });
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
