/**
 * Copies a data folder to a new one that opens as a store of its own. The folder may be in use: it is only read, in an order
 * that makes the parts fit. The list of tombstones comes first, since what it hides may be taken off the disk meanwhile; then
 * head.db, as of one moment; then the chunk files, which by then have at least the blocks that head.db counts on. What
 * retention deletes in between is taken out of the copied head.db's list.
 */
import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TOMBSTONES_FILE } from '../deletion/tombstone-file.ts';
import { ensureFormat, FORMAT_FILE } from '../disk/format.ts';
import { HEARTBEAT_FILE } from '../disk/heartbeat.ts';
import { makeFolder } from '../disk/make-folder.ts';
import { isDamage, openForReading, sizeOf } from '../disk/sqlite.ts';
import { HEAD_FILE } from '../recover.ts';
import { syncPath } from '../snapshot/snapshot-files.ts';
import { StoreError } from '../types.ts';
import { chunkFilesOf, derivedFilesOf, isDataFolder } from './reading.ts';
import { listedBlocks } from './verify-head.ts';

export interface Copied {
  readonly files: number;
  readonly bytes: number;
}

/**
 * `to` is absent or empty. Throws StoreError and what the file system says, and leaves nothing of the copy then; a crash
 * leaves a folder beside it, `<to>.unfinished-` and eight digits, which nobody deletes: it may be somebody's.
 */
export function copyDataFolder(from: string, to: string, progress?: (file: string) => void): Copied {
  if (!isDataFolder(from))
    throw new StoreError(
      'unwritable',
      `${from} is not a data folder: there is neither head.db nor a chunk file`,
    );
  ensureFormat(from);
  if (existsSync(to) && (!statSync(to).isDirectory() || readdirSync(to).length > 0))
    throw new StoreError('unwritable', `${to} is there already and not an empty folder; choose a new one`);
  makeFolder(dirname(to));
  const unfinished = `${to}.unfinished-${randomBytes(4).toString('hex')}`;
  mkdirSync(unfinished);
  try {
    copyFiles(from, unfinished, progress);
    const names = readdirSync(unfinished);
    const bytes = names.reduce((sum, name) => sum + sizeOf(join(unfinished, name)), 0);
    syncPath(unfinished);
    if (existsSync(to)) rmdirSync(to);
    renameSync(unfinished, to);
    syncPath(dirname(to));
    return { files: names.length, bytes };
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function copyFiles(from: string, to: string, progress: ((file: string) => void) | undefined): void {
  for (const name of [FORMAT_FILE, TOMBSTONES_FILE, HEARTBEAT_FILE])
    if (existsSync(join(from, name))) copyDurably(join(from, name), join(to, name));
  const head = join(from, HEAD_FILE);
  if (existsSync(head)) {
    progress?.(head);
    copyDatabase(head, join(to, HEAD_FILE));
  }
  for (const path of [...derivedFilesOf(from), ...chunkFilesOf(from).map(({ path: own }) => own)]) {
    progress?.(path);
    // Retention may have deleted it since.
    if (existsSync(path)) copyDatabase(path, join(to, basename(path)));
  }
  if (existsSync(head)) forgetDeleted(head, to);
}

/** One moment of a database, journal included. */
function copyDatabase(from: string, to: string): void {
  if (!existsSync(`${from}-wal`)) {
    copyDurably(from, to);
    return;
  }
  const db = openForReading(from);
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
  syncPath(to);
}

function copyDurably(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  syncPath(to);
}

function segmentsIn(path: string): string[] {
  const chunks = openForReading(path);
  try {
    return chunks
      .prepare('SELECT segment FROM blocks')
      .all()
      .map((row) => String(row['segment']));
  } finally {
    chunks.close();
  }
}

/** Blocks that the copy counts on and the original no longer does were deleted while the files were copied. */
function forgetDeleted(head: string, to: string): void {
  const found = new Set<string>();
  /** What a damaged file holds is not known: its blocks stay listed, so that a store that opens the copy misses them. */
  const unread = new Set<string>();
  for (const { path, number } of chunkFilesOf(to)) {
    try {
      for (const segment of segmentsIn(path)) found.add(`${number}:${segment}`);
    } catch (error) {
      if (!isDamage(error)) throw error;
      unread.add(String(number));
    }
  }
  const original = openForReading(head);
  let still: ReadonlySet<string>;
  try {
    still = listedBlocks(original);
  } finally {
    original.close();
  }
  const copy = new DatabaseSync(join(to, HEAD_FILE));
  try {
    const remove = copy.prepare('DELETE FROM blocks WHERE file = ? AND segment = ?');
    for (const entry of listedBlocks(copy)) {
      const [file = '', segment = ''] = entry.split(':');
      if (found.has(entry) || still.has(entry) || unread.has(file)) continue;
      remove.run(Number(file), Number(segment));
    }
  } finally {
    copy.close();
  }
  syncPath(join(to, HEAD_FILE));
}
