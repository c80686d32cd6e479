/**
 * One process per data folder: an exclusive SQLite lock on a small file, which the operating system lets go of when
 * the process ends, however it ends. The holder's pid stands beside it, for the error message, and until it has closed the
 * folder: a pid that is found tells that the last server was killed or lost its power.
 */
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../types.ts';
import { identityOf } from './identity.ts';
import { makeFolder } from './make-folder.ts';
import { isBusy, messageOf, sizeOf } from './sqlite.ts';

export interface FolderLock {
  /** The last server has not closed the folder. */
  readonly abandoned: boolean;
  /** Whether the lock that is held is the one at the folder's path. */
  isHeld(): boolean;
  /** Takes the lock at the path when that is another one, and marks the folder; throws StoreError as `lockFolder` does. */
  retake(): void;
  release(): void;
}

export const LOCK_FILE = 'lock';
export const PID_FILE = 'pid';

/** Throws StoreError `locked` or `unwritable`. */
export function lockFolder(dir: string): FolderLock {
  const path = join(dir, LOCK_FILE);
  const { db, abandoned } = take(dir);
  let held = db;
  let identity = identityOf(path);
  const isHeld = () => identity !== undefined && identityOf(path) === identity;
  const retake = () => {
    if (isHeld()) return markHeld(dir);
    const next = take(dir);
    held.close();
    held = next.db;
    identity = identityOf(path);
  };
  const release = () => {
    // Not that of another server, which has taken the folder meanwhile.
    if (isHeld()) rmSync(join(dir, PID_FILE), { force: true });
    held.close();
  };
  return { abandoned, isHeld, retake, release };
}

function take(dir: string): { readonly db: DatabaseSync; readonly abandoned: boolean } {
  let db: DatabaseSync | undefined;
  try {
    makeFolder(dir);
    const path = join(dir, LOCK_FILE);
    try {
      db = lockFile(path);
    } catch (error) {
      // When nobody holds it, it is damaged: there need not be anything in it.
      if (isBusy(error) || sizeOf(path) === 0) throw error;
      truncateSync(path);
      db = lockFile(path);
    }
    const abandoned = existsSync(join(dir, PID_FILE));
    markHeld(dir);
    return { db, abandoned };
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

function markHeld(dir: string): void {
  writeFileSync(join(dir, PID_FILE), `${process.pid}\n`);
}

/** The pid in the folder; undefined when the holder has not written it yet. */
function holderOf(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, PID_FILE), 'utf8').trim();
  } catch {
    return undefined;
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
  const pid = holderOf(dir) ?? 'unknown';
  return new StoreError(
    'locked',
    `the data folder ${dir} is in use by process ${pid}. Stop that process or choose another folder.`,
    cause,
  );
}
