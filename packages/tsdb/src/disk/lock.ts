/**
 * One process per data folder: an exclusive SQLite lock on a small file, which the operating system lets go of when
 * the process ends, however it ends. The holder's pid stands beside it, for the error message only.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../types.ts';
import { isBusy, messageOf } from './sqlite.ts';

export interface FolderLock {
  release(): void;
}

/** Throws StoreError `locked` or `unwritable`. */
export function lockFolder(dir: string): FolderLock {
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    db = new DatabaseSync(join(dir, 'lock'));
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; COMMIT;');
    writeFileSync(join(dir, 'pid'), `${process.pid}\n`);
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
  const held = db;
  return { release: () => held.close() };
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
