/** Opening SQLite files the way both kinds of store file need it, and reading what is left of a damaged one. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** Version of everything under the data folder; see docs/formats/store.md. */
export const FORMAT_VERSION = 6;
/** "WRtd" in the header of every file of ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x5752_7464;

/** Offsets in the header of an SQLite file: https://www.sqlite.org/fileformat.html#the_database_header */
const HEADER_BYTES = 100;
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

export type Row = Record<string, number | string | bigint | Uint8Array | null>;

/** How long a connection waits for another one of this process: they hold locks for moments only. */
export const BUSY_MS = 2_000;

/**
 * Opens for writing, creating the file when absent; others of this process may read beside. With `shrinks`, a new file can
 * give free pages back. Throws what SQLite says.
 */
export function openFile(path: string, pageSize: number, shrinks = false): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    db.exec(`
      PRAGMA page_size = ${pageSize};
      ${shrinks ? 'PRAGMA auto_vacuum = INCREMENTAL;' : ''}
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = 16777216;
      PRAGMA cache_size = -2048;
      PRAGMA temp_store = MEMORY;
    `);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens a database that another process may be writing to. Without a journal nobody does, and the file is taken as it is:
 * SQLite would make a journal beside it, which a folder that is only for reading does not let it.
 */
export function openForReading(path: string): DatabaseSync {
  if (existsSync(`${path}-wal`)) return new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  const url = pathToFileURL(resolve(path));
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
}

/** Stamps a new file with our mark and the format's version, in the file itself and not only in its journal. */
export function stamp(db: DatabaseSync): void {
  if (db.prepare('PRAGMA user_version').get()?.['user_version'] === FORMAT_VERSION) return;
  db.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT_VERSION};
    PRAGMA wal_checkpoint(TRUNCATE);
  `);
}

/** Throws when the file's structure is damaged: writing to it could then overwrite what is still whole. */
export function ensureSound(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw Object.assign(new Error(`the file is damaged: ${found}`), { errcode: CORRUPT });
}

/** The version in a file's header without opening it as a database; undefined when it is not one of ours. */
export function formatOf(path: string): number | undefined {
  const header = headerOf(path);
  if (!header) return undefined;
  return header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID
    ? header.readUInt32BE(USER_VERSION_AT)
    : undefined;
}

function headerOf(path: string): Buffer | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  const fd = openSync(path, 'r');
  try {
    return readSync(fd, header, 0, HEADER_BYTES, 0) < HEADER_BYTES ? undefined : header;
  } finally {
    closeSync(fd);
  }
}

/**
 * The rows that can still be read: from the front until SQLite refuses, then from the back. `query` has a place for
 * the order and yields a column `at` that ascends.
 */
export function salvageRows(db: DatabaseSync, query: (order: 'ASC' | 'DESC') => string): Row[] {
  return salvage(db, query).rows;
}

/** The same, and how many of them stand before the first place that cannot be read; undefined when there is none. */
export function salvage(
  db: DatabaseSync,
  query: (order: 'ASC' | 'DESC') => string,
): { rows: Row[]; front: number | undefined } {
  const front: Row[] = [];
  if (collect(db, query('ASC'), front, () => true)) return { rows: front, front: undefined };
  const last = front.length > 0 ? Number(front.at(-1)!['at']) : Number.NEGATIVE_INFINITY;
  const back: Row[] = [];
  collect(db, query('DESC'), back, (row) => Number(row['at']) > last);
  return { rows: [...front, ...back.reverse()], front: front.length };
}

function collect(db: DatabaseSync, sql: string, into: Row[], wanted: (row: Row) => boolean): boolean {
  try {
    for (const row of db.prepare(sql).iterate()) {
      if (!wanted(row)) return true;
      into.push(row);
    }
    return true;
  } catch {
    return false;
  }
}

/** A database's own file and those that may stand beside it. */
export const SIDE_FILES = ['', '-wal', '-shm', '-journal'];

/** The folder of set-aside files. */
export function damagedFolder(dir: string): string {
  return join(dir, 'damaged');
}

/** Moves (or copies) a file with its journals to the folder of damaged ones; gives its new path. */
export function setAside(dir: string, path: string, nowMs: number, how: 'move' | 'copy'): string {
  const folder = damagedFolder(dir);
  mkdirSync(folder, { recursive: true });
  let target = join(folder, `${nowMs}-${basename(path)}`);
  for (let n = 1; existsSync(target); n++) target = join(folder, `${nowMs}.${n}-${basename(path)}`);
  for (const side of SIDE_FILES) {
    if (!existsSync(path + side)) continue;
    if (how === 'move') renameSync(path + side, target + side);
    else copyFileSync(path + side, target + side);
  }
  return target;
}

/** Undoes `setAside` of a file that was moved. */
export function putBack(movedTo: string, path: string): void {
  for (const side of SIDE_FILES) {
    rmSync(path + side, { force: true });
    if (existsSync(movedTo + side)) renameSync(movedTo + side, path + side);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** https://www.sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB; SQLITE_BUSY, SQLITE_LOCKED */
const CORRUPT = 11;
const DAMAGE_CODES = [CORRUPT, 26];
const BUSY_CODES = [5, 6];

/** Whether SQLite says that the file itself is damaged. */
export function isDamage(error: unknown): boolean {
  return DAMAGE_CODES.includes(codeOf(error));
}

/** SQLITE_FULL, SQLITE_CANTOPEN, and those of the operating system. */
const OUTSIDE_CODES = [...BUSY_CODES, 13, 14];
const OUTSIDE_ERRNOS = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'EPERM'];
const IO_ERROR = 10;
/** Extended codes of what the file itself may be to blame for: SQLITE_IOERR_READ, _SHORT_READ, _DATA, _CORRUPTFS. */
const READ_ERRORS = [266, 522, 8202, 8458];

/**
 * Whether an error says nothing of the file: another connection was in the way, the disk is full, there are no file descriptors left,
 * or rights are missing. Then the file must be left as it is.
 */
export function isOutside(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && OUTSIDE_ERRNOS.includes(String(error.code))) return true;
  const code = codeOf(error);
  if (code === IO_ERROR) return !READ_ERRORS.includes((error as { errcode: number }).errcode);
  return OUTSIDE_CODES.includes(code);
}

/** SQLITE_READONLY */
const READ_ONLY = 8;
const WRITE_VERSION_AT = 18;
const NEWEST_WRITE_VERSION = 2;

/**
 * Whether a file that could not be opened must be left as it is: for a reason outside of it, or because this user may not write it. A damaged
 * header can ask for the latter too.
 */
export function mustStay(path: string, error: unknown): boolean {
  if (isOutside(error)) return true;
  if (!isReadOnly(error)) return false;
  const header = headerOf(path);
  return header !== undefined && header[WRITE_VERSION_AT]! <= NEWEST_WRITE_VERSION;
}

/** Whether SQLite may not write the file. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === READ_ONLY;
}

/** Whether another connection was in the way. */
export function isBusy(error: unknown): boolean {
  return BUSY_CODES.includes(codeOf(error));
}

function codeOf(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return 0;
  return error.errcode & 0xff;
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
