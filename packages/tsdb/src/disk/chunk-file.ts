/**
 * chunks-<n>.db: compressed blocks of one stretch of time, with the labels of their series, so that each file can be
 * read, lost or deleted alone. Retention deletes whole files. This is the reading side.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { identityOf } from './identity.ts';
import { BUSY_MS, isOutside, type Row, sizeOf } from './sqlite.ts';

/** A slice's row number: block * this + slice. */
export const SLICES_PER_BLOCK = 65_536;

export const CHUNK_SCHEMA = `
  CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY, hash TEXT UNIQUE, series BLOB, crc INTEGER);
  CREATE TABLE IF NOT EXISTS blocks
    (id INTEGER PRIMARY KEY, segment INTEGER, layout INTEGER, min_ms INTEGER, max_ms INTEGER, samples INTEGER, crc INTEGER,
     deletions INTEGER);
  CREATE TABLE IF NOT EXISTS slices (id INTEGER PRIMARY KEY, data BLOB, crc INTEGER);
`;

export const LAYOUTS = (order: string): string =>
  `SELECT id AS at, hash, series, crc FROM layouts ORDER BY id ${order}`;
/** Files of formats before 5 have no checksum here, those before 6 no `deletions`. */
export const BLOCKS = (order: string): string => `SELECT *, id AS at FROM blocks ORDER BY id ${order}`;
export const SLICES = (order: string): string =>
  `SELECT id AS at, data, crc FROM slices ORDER BY id ${order}`;

/** For the process that writes to it. */
function openBeside(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
}

export class ChunkFile {
  readonly path: string;
  readonly number: number;
  /** Hashes of the layouts that are in the file. */
  readonly layouts: Set<string> = new Set();
  readonly #db: DatabaseSync;
  readonly #getSlice: StatementSync;
  readonly #identity: string | undefined;
  minMs: number = Number.POSITIVE_INFINITY;
  maxMs: number = Number.NEGATIVE_INFINITY;
  blocks = 0;
  /** Some of its rows are damaged: it is read, and takes nothing any more. */
  damaged = false;

  /** Throws what SQLite says when the file is not usable. */
  constructor(path: string, number: number, open: (path: string) => DatabaseSync = openBeside) {
    this.path = path;
    this.number = number;
    this.#db = open(path);
    try {
      this.#db.exec('PRAGMA cache_size = -512');
      this.#identity = identityOf(path);
      this.#getSlice = this.#db.prepare('SELECT data, crc FROM slices WHERE id = ?');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** False when its path leads to no file or to another one. */
  isInPlace(): boolean {
    return identityOf(this.path) === this.#identity;
  }

  get bytes(): number {
    return sizeOf(this.path) + sizeOf(`${this.path}-wal`);
  }

  readLayouts(): Row[] {
    const rows = this.#db.prepare(LAYOUTS('ASC')).all();
    for (const row of rows) this.layouts.add(String(row['hash']));
    return rows;
  }

  readBlocks(): Row[] {
    const rows = this.#db.prepare(BLOCKS('ASC')).all();
    for (const row of rows) this.note(Number(row['min_ms']), Number(row['max_ms']));
    return rows;
  }

  /** Learns of a block that is in the file. */
  note(minMs: number, maxMs: number): void {
    this.minMs = Math.min(this.minMs, minMs);
    this.maxMs = Math.max(this.maxMs, maxMs);
    this.blocks++;
  }

  /** A slice's bytes; undefined when the row is gone. Throws when SQLite cannot read. */
  slice(block: number, slice: number): { data: Uint8Array; intact: boolean } | undefined {
    const row = this.#getSlice.get(block * SLICES_PER_BLOCK + slice);
    const data = row?.['data'];
    if (!(data instanceof Uint8Array)) return undefined;
    return { data, intact: isIntactSlice(block * SLICES_PER_BLOCK + slice, data, row?.['crc']) };
  }

  /** Whether all of a block's slices are there and intact. Throws when something but the file is to blame. */
  hasWhole(block: number, slices: number): boolean {
    try {
      for (let slice = 0; slice < slices; slice++) if (!this.slice(block, slice)?.intact) return false;
      return true;
    } catch (error) {
      if (isOutside(error)) throw error;
      return false;
    }
  }

  close(): void {
    this.#db.close();
  }
}

/** Covers the row's number, so that a slice cannot be taken for another one. */
export function sliceCrc(id: number, data: Uint8Array): number {
  return crc32(data, crc32(`${id}`));
}

/** Covers the row and the hash of its layout, so that a block cannot be read with another one. */
export function blockCrc(block: Row, layoutHash: string): number {
  const { segment, min_ms, max_ms, samples, deletions } = block;
  const known = deletions ? ` ${deletions}` : '';
  return crc32(`${block['at']} ${segment} ${layoutHash} ${min_ms} ${max_ms} ${samples}${known}`);
}

/** Whether a slice's checksum fits; before format 5 it covered the data alone. */
export function isIntactSlice(id: number, data: Uint8Array, crc: unknown): boolean {
  return crc === sliceCrc(id, data) || crc === crc32(data);
}

/** Whether the checksum of a row of blocks fits; before format 5 there was none. */
export function isIntactBlock(row: Row, layoutHash: string | undefined): boolean {
  const crc = row['crc'] ?? undefined;
  return crc === undefined || crc === blockCrc(row, layoutHash ?? '');
}
