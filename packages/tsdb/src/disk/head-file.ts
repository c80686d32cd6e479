/**
 * head.db: what is needed to rebuild the head after a crash. Write-ahead rows in the order of commits, the segments
 * and columns they refer to, and the labels behind the refs. Rows go when their segment has become a block.
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { compressPacked, packedSpan } from '../head/wal-record.ts';
import type { BlockEntry, ColumnsRow, HeadGroup, SegmentRow, SeriesRow } from '../writer/protocol.ts';
import { readSeriesList, type SeriesList } from './series-text.ts';
import { ensureSound, openFile, type Row, salvage, salvageRows, sizeOf, stamp } from './sqlite.ts';

const PAGE_SIZE = 8_192;
/** Free pages beyond this and an eighth of the file are given back, so many at a time. */
const SPARE_PAGES = 32;
const PAGES_PER_STEP = 512;
const INCREMENTAL = 2;
const MAX_ANEW_PAGES = 2_048;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, data TEXT, crc INTEGER);
  CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, loose INTEGER, max_rows INTEGER);
  CREATE TABLE IF NOT EXISTS columns (id INTEGER PRIMARY KEY, segment INTEGER, first INTEGER, refs BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS wal
    (seq INTEGER PRIMARY KEY, segment INTEGER, time INTEGER, form INTEGER, data BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS exemplars (seq INTEGER PRIMARY KEY, data BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS outages (from_ms INTEGER, to_ms INTEGER);
  CREATE TABLE IF NOT EXISTS blocks
    (file INTEGER, segment INTEGER, min_ms INTEGER, span_ms INTEGER, PRIMARY KEY (file, segment)) WITHOUT ROWID;
`;

/** How each table is read, in an order; `at` ascends. */
export const HEAD_QUERIES = {
  meta: () => 'SELECT key, value, 0 AS at FROM meta',
  series: (order: string) => `SELECT id AS at, data, crc FROM series ORDER BY id ${order}`,
  segments: (order: string) => `SELECT id AS at, loose, max_rows FROM segments ORDER BY id ${order}`,
  columns: (order: string) => `SELECT id AS at, segment, first, refs, crc FROM columns ORDER BY id ${order}`,
  wal: (order: string) => `SELECT seq AS at, segment, time, form, data, crc FROM wal ORDER BY seq ${order}`,
  exemplars: (order: string) => `SELECT seq AS at, data, crc FROM exemplars ORDER BY seq ${order}`,
  outages: (order: string) => `SELECT rowid AS at, from_ms, to_ms FROM outages ORDER BY rowid ${order}`,
  blocks: (order: string) =>
    `SELECT file * 4294967296 + segment AS at, file, segment, min_ms, span_ms FROM blocks
     ORDER BY file ${order}, segment ${order}`,
};

export type HeadTables = Readonly<Record<keyof typeof HEAD_QUERIES, readonly Row[]>>;

export interface SalvagedHead {
  readonly tables: HeadTables;
  /** The time of the last write-ahead row before the first gap, or of the first row; undefined when there is none. */
  readonly soundToMs: number | undefined;
}

export class HeadFile {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #insertWal: StatementSync;
  readonly #deleteWal: StatementSync;
  #walFd: number | undefined;

  /** Throws what SQLite says when the file is not usable. */
  constructor(path: string) {
    this.#path = path;
    this.#db = openFile(path, PAGE_SIZE, true);
    try {
      this.#db.exec(SCHEMA);
      stamp(this.#db);
      this.#insertWal = this.#db.prepare(
        'INSERT OR REPLACE INTO wal (seq, segment, time, form, data, crc) VALUES (?, ?, ?, ?, ?, ?)',
      );
      this.#deleteWal = this.#db.prepare('DELETE FROM wal WHERE seq = ?');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Reads everything; throws when some of it cannot be read or the file must not be written to. */
  read(): HeadTables {
    ensureSound(this.#db);
    return Object.fromEntries(
      Object.entries(HEAD_QUERIES).map(([name, query]) => [name, this.#db.prepare(query('ASC')).all()]),
    ) as Record<keyof typeof HEAD_QUERIES, Row[]>;
  }

  /** Writes one transaction; on failure nothing of it is in the file, and it throws. */
  write(group: HeadGroup): void {
    this.#transaction(() => {
      if (group.onlySeries) this.#db.exec('DELETE FROM series');
      this.#writeSeries(group.series);
      for (const row of group.segments) this.#writeSegment(row);
      for (const row of group.columns) this.#writeColumns(row);
      this.#writeWal(group);
      this.#writeExemplars(group);
      for (const { segment, rows, block } of group.forget) {
        this.#forget(segment, rows);
        if (block) this.#expect(block);
      }
      // While there are rows, the newest one tells both; a file that is written anew may have none.
      if (group.forget.length > 0 || group.wal.length === 0) {
        this.#setMeta('seq', group.seq);
        this.#setMeta('alive_ms', group.nowMs);
      }
    });
  }

  /** Brings the list of blocks up to date with what the chunk files hold. */
  reconcile(found: readonly BlockEntry[], lost: readonly BlockEntry[]): void {
    if (found.length + lost.length === 0) return;
    this.#transaction(() => {
      for (const entry of found) this.#expect(entry);
      const remove = this.#db.prepare('DELETE FROM blocks WHERE file = ? AND segment = ?');
      for (const { file, segment } of lost) remove.run(file, segment);
    });
  }

  /** The blocks of a chunk file are not missed any more. */
  forgetFile(number: number): void {
    this.#db.prepare('DELETE FROM blocks WHERE file = ?').run(number);
  }

  /** These blocks of a chunk file are not missed any more. */
  forgetBlocks(file: number, segments: readonly number[]): void {
    if (segments.length === 0) return;
    this.#transaction(() => {
      const remove = this.#db.prepare('DELETE FROM blocks WHERE file = ? AND segment = ?');
      for (const segment of segments) remove.run(file, segment);
    });
  }

  /** Deletes what is left of segments that became blocks before the last server stopped. */
  forgetSegments(tables: HeadTables, sealed: ReadonlySet<number>, seq: number): void {
    const leftOver = new Set(
      [...tables.segments, ...tables.wal]
        .map((row) => Number(row['segment'] ?? row['at']))
        .filter((id) => sealed.has(id)),
    );
    if (leftOver.size === 0) return;
    this.#transaction(() => {
      for (const table of ['wal', 'columns'])
        for (const id of leftOver) this.#db.prepare(`DELETE FROM ${table} WHERE segment = ?`).run(id);
      for (const id of leftOver) this.#db.prepare('DELETE FROM segments WHERE id = ?').run(id);
      this.#setMeta('seq', seq);
    });
  }

  /** Up to which record it is known what became of them, and when they were written. */
  note(seq: number, timeMs: number): void {
    this.#transaction(() => {
      this.#setMeta('seq', seq);
      this.#setMeta('alive_ms', timeMs);
    });
  }

  /** Whether there is a list of tombstones, whose absence is else no fault. */
  noteTombstones(there: boolean): void {
    const row = this.#db.prepare("SELECT value FROM meta WHERE key = 'tombstones'").get();
    if ((row?.['value'] === 1) !== there) this.#setMeta('tombstones', there ? 1 : 0);
  }

  addOutage(fromMs: number, toMs: number): void {
    this.#db.prepare('INSERT INTO outages VALUES (?, ?)').run(fromMs, toMs);
  }

  forgetOutages(beforeMs: number): void {
    this.#db.prepare('DELETE FROM outages WHERE to_ms < ?').run(beforeMs);
  }

  /** Replaces all stored labels by those of the series that the head still needs. */
  rewriteSeries(series: readonly SeriesRow[]): void {
    this.#transaction(() => {
      this.#db.exec('DELETE FROM series');
      this.#writeSeries(series);
    });
  }

  /** Gives free pages back when they are many; the file becomes smaller when its journal is copied. */
  shrink(): void {
    const free = this.#number('freelist_count');
    const pages = this.#number('page_count');
    if (free <= SPARE_PAGES + pages / 8) return;
    if (this.#number('auto_vacuum') === INCREMENTAL)
      this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`);
    // A file of before: written anew once, by way of memory; a large one keeps its free pages and uses them again.
    else if (pages - free <= MAX_ANEW_PAGES) this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
  }

  /** Writes all that it has to a new file, though its own may have no path any more. */
  copyTo(path: string): void {
    this.#db.prepare('VACUUM INTO ?').run(path);
  }

  /** Copies the journal into the database and empties it. */
  checkpoint(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Asks the disk to keep what was written; rejects when it cannot. */
  sync(): Promise<void> {
    return syncJournal(this.#path, this.#walFd, (fd) => {
      this.#walFd = fd;
    });
  }

  close(): void {
    this.#db.close();
    if (this.#walFd !== undefined) closeSync(this.#walFd);
  }

  /** What can be read of a damaged file. */
  static salvage(db: DatabaseSync): SalvagedHead {
    const wal = salvage(db, HEAD_QUERIES.wal);
    const others = Object.entries(HEAD_QUERIES).filter(([name]) => name !== 'wal');
    const tables = Object.fromEntries([
      ['wal', wal.rows],
      ...others.map(([name, query]) => [name, salvageRows(db, query)]),
    ]) as Record<keyof typeof HEAD_QUERIES, Row[]>;
    const sound = wal.rows[Math.max(0, (wal.front ?? 1) - 1)];
    const known = sound !== undefined && wal.front !== 0;
    return { tables, soundToMs: known ? Number(sound['time']) : undefined };
  }

  #number(pragma: string): number {
    return Number(this.#db.prepare(`PRAGMA ${pragma}`).get()?.[pragma] ?? 0);
  }

  #transaction(run: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      run();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #writeSeries(rows: readonly SeriesRow[]): void {
    if (rows.length === 0) return;
    const insert = this.#db.prepare('INSERT OR REPLACE INTO series (id, data, crc) VALUES (?, ?, ?)');
    for (const { id, data } of rows) {
      const packed = zstdCompressSync(data);
      insert.run(id, packed, crc32(packed));
    }
  }

  #writeSegment({ id, loose, maxRows }: SegmentRow): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO segments (id, loose, max_rows) VALUES (?, ?, ?)')
      .run(id, loose ? 1 : 0, maxRows);
  }

  #writeColumns({ id, segment, first, refs }: ColumnsRow): void {
    const bytes = new Uint8Array(refs.buffer, refs.byteOffset, refs.byteLength);
    this.#db
      .prepare('INSERT OR REPLACE INTO columns (id, segment, first, refs, crc) VALUES (?, ?, ?, ?, ?)')
      .run(id, segment, first, bytes, columnsCrc(segment, first, bytes));
  }

  #writeWal({ wal, data }: HeadGroup): void {
    let at = 0;
    for (const { seq, segment, timeMs, form, bytes } of wal) {
      const sent = data.subarray(at, at + bytes);
      const body = packedSpan(form) === undefined ? sent : compressPacked(sent);
      at += bytes;
      this.#insertWal.run(seq, segment, timeMs, form, body, walCrc(seq, segment, timeMs, form, body));
    }
  }

  #writeExemplars({ exemplars, firstExemplar }: HeadGroup): void {
    if (exemplars.length === 0) return;
    const insert = this.#db.prepare('INSERT OR REPLACE INTO exemplars (seq, data, crc) VALUES (?, ?, ?)');
    for (const { seq, data } of exemplars) insert.run(seq, data, crc32(data));
    this.#db.prepare('DELETE FROM exemplars WHERE seq < ?').run(firstExemplar);
  }

  #forget(segment: number, rows: readonly number[]): void {
    for (const seq of rows) this.#deleteWal.run(seq);
    this.#db.prepare('DELETE FROM columns WHERE segment = ?').run(segment);
    this.#db.prepare('DELETE FROM segments WHERE id = ?').run(segment);
  }

  #expect({ file, segment, minMs, maxMs }: BlockEntry): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)')
      .run(file, segment, minMs, maxMs - minMs);
  }

  #setMeta(key: string, value: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
  }
}

/** What a row of `series` holds, which formats before 4 wrote as it is; undefined when it is damaged. */
export function seriesOf(row: Row): SeriesList | undefined {
  const { data, crc } = row;
  const bytes = data instanceof Uint8Array ? data : Buffer.from(String(data));
  if (crc32(bytes) !== crc) return undefined;
  try {
    return readSeriesList(data instanceof Uint8Array ? zstdDecompressSync(bytes) : bytes, true);
  } catch {
    return undefined;
  }
}

/** Covers the row's other columns too. */
export function walCrc(seq: number, segment: number, timeMs: number, form: number, data: Uint8Array): number {
  return crc32(data, crc32(`${seq} ${segment} ${timeMs} ${form}`));
}

/** Covers the row's other columns too. */
export function columnsCrc(segment: number, first: number, refs: Uint8Array): number {
  return crc32(refs, crc32(`${segment} ${first}`));
}

/** Whether the checksum of a write-ahead row fits; before format 5 it did not cover the number. */
export function isIntactWal(row: Row, data: Uint8Array): boolean {
  const [seq, segment, timeMs, form] = [row['at'], row['segment'], row['time'], row['form']].map(Number);
  return (
    row['crc'] === walCrc(seq!, segment!, timeMs!, form!, data) ||
    row['crc'] === crc32(data, crc32(`${segment} ${timeMs} ${form}`))
  );
}

/** The same of a row of columns, whose checksum covered the refs alone. */
export function isIntactColumns(row: Row, refs: Uint8Array): boolean {
  const crc = columnsCrc(Number(row['segment']), Number(row['first']), refs);
  return row['crc'] === crc || row['crc'] === crc32(refs);
}

/** Opens a database's journal once and flushes it; closing this descriptor does not touch SQLite's locks. */
export function syncJournal(path: string, fd: number | undefined, keep: (fd: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let journal = fd;
    if (journal === undefined) {
      // Without a journal nothing has been written since it was last copied and flushed.
      if (sizeOf(`${path}-wal`) === 0) return resolve();
      journal = openSync(`${path}-wal`, 'r+');
      keep(journal);
    }
    fdatasync(journal, (error) => (error ? reject(error) : resolve()));
  });
}
