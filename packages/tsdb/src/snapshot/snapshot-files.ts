/**
 * A snapshot is a data folder of its own, DIR/snapshots/<name>, made on the writing thread while nothing else writes. Chunk
 * files that are not written to any more are hard links where the file system has those; a file with more than one link is
 * never written to again, neither here nor by a server that opens the snapshot. Everything else is copied. The folder gets
 * its name when all of it is on disk; one that a crash has left unfinished is deleted by the next snapshot.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TOMBSTONES_FILE } from '../deletion/tombstone-file.ts';
import { FORMAT_FILE } from '../disk/format.ts';
import { HeadFile } from '../disk/head-file.ts';
import { HEARTBEAT_FILE } from '../disk/heartbeat.ts';
import { BUSY_MS, sizeOf } from '../disk/sqlite.ts';

export const SNAPSHOTS_FOLDER = 'snapshots';
const UNFINISHED = '.unfinished';
const HEAD = 'head.db';

/** Deletes what a crash has left of snapshots. */
export function removeUnfinished(dir: string): void {
  const folder = join(dir, SNAPSHOTS_FOLDER);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name.endsWith(UNFINISHED)) rmSync(join(folder, name), { recursive: true, force: true });
}

/**
 * Takes the files of `dir` as they are: journals must be empty. `skipHead` leaves out what is not yet in blocks. Throws what
 * the file system says, and leaves nothing then.
 */
export function copySnapshot(dir: string, name: string, skipHead: boolean): void {
  removeUnfinished(dir);
  const target = join(dir, SNAPSHOTS_FOLDER, name);
  const unfinished = target + UNFINISHED;
  mkdirSync(unfinished, { recursive: true });
  try {
    for (const file of filesOf(dir, skipHead)) {
      const to = join(unfinished, basename(file));
      if (!isShared(file) || !linked(file, to)) copyDurably(file, to);
    }
    // An empty one, so that it is not missed.
    if (skipHead) new HeadFile(join(unfinished, HEAD)).close();
    syncPath(unfinished);
    renameSync(unfinished, target);
    syncPath(join(dir, SNAPSHOTS_FOLDER));
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** Copies what a killed server has left in the journals of `dir` into their databases. */
export function emptyJournals(dir: string): void {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (!name.endsWith('.db') || sizeOf(`${path}-wal`) === 0) continue;
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
  }
}

/** Copies with all bytes on disk; shares them with the original where the file system can. */
export function copyDurably(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  syncPath(to);
}

/** Flushes a file or a folder to the disk. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether a chunk file is part of a snapshot too. */
export function hasLinks(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.nlink ?? 1) > 1;
}

function filesOf(dir: string, skipHead: boolean): string[] {
  const names = readdirSync(dir).filter((name) => name.endsWith('.db') && (name !== HEAD || !skipHead));
  for (const name of names)
    if (sizeOf(join(dir, `${name}-wal`)) > 0) throw new Error(`the journal of ${name} is not empty`);
  const others = [FORMAT_FILE, TOMBSTONES_FILE, ...(skipHead ? [] : [HEARTBEAT_FILE])];
  return [...names, ...others.filter((name) => existsSync(join(dir, name)))].map((name) => join(dir, name));
}

/** Everything but the head, which is written to as long as there is a server. */
function isShared(file: string): boolean {
  return file.endsWith('.db') && basename(file) !== HEAD;
}

/** False where the file system has no hard links, or no more of them. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
