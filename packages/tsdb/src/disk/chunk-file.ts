/**
 * chunks-<n>.db: compressed blocks of one stretch of time, with the labels of their series, so that each file can be
 * read, lost or deleted alone. Retention deletes whole files.
 */
import { closeSync, rmSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { sizeOf, syncJournal } from './head-file.ts';
import { openFile, type Row, salvageRows, stamp } from './sqlite.ts';

const PAGE_SIZE = 4_096;
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
/** A slice's row number: block * this + slice. */
export const SLICES_PER_BLOCK = 65_536;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY, hash TEXT UNIQUE, series BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS blocks
    (id INTEGER PRIMARY KEY, segment INTEGER, layout INTEGER, min_ms INTEGER, max_ms INTEGER, samples INTEGER);
  CREATE TABLE IF NOT EXISTS slices (id INTEGER PRIMARY KEY, data BLOB, crc INTEGER);
`;

const LAYOUTS = (order: string) => `SELECT id AS at, hash, series, crc FROM layouts ORDER BY id ${order}`;
const BLOCKS = (order: string) =>
  `SELECT id AS at, segment, layout, min_ms, max_ms, samples FROM blocks ORDER BY id ${order}`;
const SLICES = (order: string) => `SELECT id AS at, data, crc FROM slices ORDER BY id ${order}`;

export interface NewBlock {
  readonly segment: number;
  readonly hash: string;
  /** The packed layout; asked for when the file does not have it yet. */
  readonly layout: () => Uint8Array;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  readonly slices: readonly Uint8Array[];
}

export class ChunkFile {
  readonly path: string;
  readonly number: number;
  readonly #db: DatabaseSync;
  readonly #getSlice: StatementSync;
  readonly #layoutIds = new Map<string, number>();
  #nextBlock = 1;
  #unsynced = 0;
  #walFd: number | undefined;
  minMs: number = Number.POSITIVE_INFINITY;
  maxMs: number = Number.NEGATIVE_INFINITY;
  blocks = 0;

  /** Throws what SQLite says when the file is not usable. */
  constructor(path: string, number: number) {
    this.path = path;
    this.number = number;
    this.#db = openFile(path, PAGE_SIZE);
    try {
      this.#db.exec(SCHEMA);
      stamp(this.#db);
      this.#getSlice = this.#db.prepare('SELECT data, crc FROM slices WHERE id = ?');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get bytes(): number {
    return sizeOf(this.path) + sizeOf(`${this.path}-wal`);
  }

  readLayouts(): Row[] {
    const rows = this.#db.prepare(LAYOUTS('ASC')).all();
    for (const row of rows) this.#layoutIds.set(String(row['hash']), Number(row['at']));
    return rows;
  }

  readBlocks(): Row[] {
    const rows = this.#db.prepare(BLOCKS('ASC')).all();
    for (const row of rows) this.#note(Number(row['at']), Number(row['min_ms']), Number(row['max_ms']));
    return rows;
  }

  /** Writes a block in one transaction and gives its id; throws and leaves nothing on failure. */
  append(block: NewBlock): number {
    const id = this.#nextBlock;
    this.#db.exec('BEGIN');
    try {
      const layout = this.#layoutIds.get(block.hash) ?? this.#insertLayout(block);
      this.#db
        .prepare('INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)')
        .run(id, block.segment, layout, block.minMs, block.maxMs, block.samples);
      const insert = this.#db.prepare('INSERT INTO slices VALUES (?, ?, ?)');
      block.slices.forEach((data, i) => {
        insert.run(id * SLICES_PER_BLOCK + i, data, crc32(data));
        this.#unsynced += data.length;
      });
      this.#db.exec('COMMIT');
      this.#layoutIds.set(block.hash, layout);
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#note(id, block.minMs, block.maxMs);
    return id;
  }

  /** A slice's bytes; undefined when the checksum does not fit or the row is gone. Throws when SQLite cannot read. */
  slice(block: number, slice: number): { data: Uint8Array; intact: boolean } | undefined {
    const row = this.#getSlice.get(block * SLICES_PER_BLOCK + slice);
    const data = row?.['data'];
    if (!(data instanceof Uint8Array)) return undefined;
    return { data, intact: crc32(data) === row?.['crc'] };
  }

  checkpoint(force = false): void {
    if (!force && this.#unsynced < CHECKPOINT_BYTES) return;
    this.#unsynced = 0;
    this.#db.exec(`PRAGMA wal_checkpoint(${force ? 'TRUNCATE' : 'PASSIVE'})`);
  }

  sync(): Promise<void> {
    return syncJournal(this.path, this.#walFd, (fd) => {
      this.#walFd = fd;
    });
  }

  close(): void {
    this.#db.close();
    if (this.#walFd !== undefined) closeSync(this.#walFd);
    this.#walFd = undefined;
  }

  /** Closes and deletes it. */
  remove(): void {
    this.close();
    for (const side of ['', '-wal', '-shm', '-journal']) rmSync(this.path + side, { force: true });
  }

  /** Copies what can be read of a damaged file. */
  takeFrom(damaged: DatabaseSync): void {
    this.#db.exec('BEGIN');
    const layout = this.#db.prepare('INSERT OR IGNORE INTO layouts VALUES (?, ?, ?, ?)');
    for (const row of salvageRows(damaged, LAYOUTS))
      layout.run(row['at']!, row['hash']!, row['series']!, row['crc']!);
    const block = this.#db.prepare('INSERT OR IGNORE INTO blocks VALUES (?, ?, ?, ?, ?, ?)');
    for (const row of salvageRows(damaged, BLOCKS))
      block.run(row['at']!, row['segment']!, row['layout']!, row['min_ms']!, row['max_ms']!, row['samples']!);
    const slice = this.#db.prepare('INSERT OR IGNORE INTO slices VALUES (?, ?, ?)');
    for (const row of salvageRows(damaged, SLICES)) slice.run(row['at']!, row['data']!, row['crc']!);
    this.#db.exec('COMMIT');
  }

  #insertLayout(block: NewBlock): number {
    const packed = block.layout();
    const inserted = this.#db
      .prepare('INSERT INTO layouts (hash, series, crc) VALUES (?, ?, ?)')
      .run(block.hash, packed, crc32(packed));
    return Number(inserted.lastInsertRowid);
  }

  #note(id: number, minMs: number, maxMs: number): void {
    this.#nextBlock = Math.max(this.#nextBlock, id + 1);
    this.minMs = Math.min(this.minMs, minMs);
    this.maxMs = Math.max(this.maxMs, maxMs);
    this.blocks++;
  }
}
