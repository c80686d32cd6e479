/**
 * One process per data folder: an exclusive SQLite lock on a small file, which the operating system lets go of when
 * the process ends, however it ends. The holder's pid stands beside it, for the error message, and until it has closed the
 * folder: a pid that is found tells that the last server was killed or lost its power.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../types.ts';
import { isBusy, messageOf, sizeOf } from './sqlite.ts';

export interface FolderLock {
  /** The last server has not closed the folder. */
  readonly abandoned: boolean;
  release(): void;
}

/** Throws StoreError `locked` or `unwritable`. */
export function lockFolder(dir: string): FolderLock {
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, 'lock');
    const pid = join(dir, 'pid');
    try {
      db = lockFile(path);
    } catch (error) {
      // When nobody holds it, it is damaged: there need not be anything in it.
      if (isBusy(error) || sizeOf(path) === 0) throw error;
      truncateSync(path);
      db = lockFile(path);
    }
    const abandoned = existsSync(pid);
    writeFileSync(pid, `${process.pid}\n`);
    const held = db;
    const release = () => {
      rmSync(pid, { force: true });
      held.close();
    };
    return { abandoned, release };
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw lockedError(dir, error);
    throw new StoreError(
      'unwritable',
      `cannot write to the data folder ${dir}: ${messageOf(error)}. ` +
        'Give this user the right to write there, or choose another folder.',
      error,
    );
  }
}

function lockFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; COMMIT;');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function lockedError(dir: string, cause: unknown): StoreError {
  let pid = 'unknown';
  try {
    pid = readFileSync(join(dir, 'pid'), 'utf8').trim();
  } catch {
    // The holder has not written it yet.
  }
  return new StoreError(
    'locked',
    `the data folder ${dir} is in use by process ${pid}. Stop that process or choose another folder.`,
    cause,
  );
}
