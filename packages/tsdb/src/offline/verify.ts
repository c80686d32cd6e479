/**
 * Checks everything that a data folder holds: what SQLite says of each file, every checksum, that rows can be decoded, name
 * what exists, ascend in time and count as many samples as they say. Reads only; a server may be running on the folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { hasTombstones, readTombstones, TOMBSTONES_FILE } from '../deletion/tombstone-file.ts';
import { ensureFormat } from '../disk/format.ts';
import { HEARTBEAT_FILE, readHeartbeat } from '../disk/heartbeat.ts';
import { FORMAT_VERSION, formatOf, messageOf, openForReading } from '../disk/sqlite.ts';
import { HEAD_FILE } from '../recover.ts';
import { chunkFilesOf, derivedFilesOf, type StoreFault } from './reading.ts';
import { verifyChecksums, verifyChunks } from './verify-chunks.ts';
import { listedBlocks, verifyHead } from './verify-head.ts';

export interface Verified {
  readonly files: number;
  readonly blocks: number;
  /** In blocks, and in write-ahead rows. */
  readonly samples: number;
  readonly faults: number;
}

/** Tells each fault, and after each block and file how far it has come. */
export interface VerifyListener {
  fault(fault: StoreFault): void;
  progress?(done: { readonly file: string; readonly samples: number }): void;
}

/** Where a file's faults go. */
export type Report = (place: string, message: string) => void;

/** Runs on the caller's thread. */
export function verifyFolder(dir: string, listener: VerifyListener): Verified {
  const total = { files: 0, blocks: 0, samples: 0, faults: 0 };
  const reporter =
    (file: string): Report =>
    (place, message) => {
      total.faults++;
      listener.fault({ file, place, message });
    };
  try {
    ensureFormat(dir);
  } catch (error) {
    reporter(dir)('format', messageOf(error));
  }
  const found = new Map<number, ReadonlySet<number>>();
  const counted =
    (file: string) =>
    (samples: number): void => {
      total.samples += samples;
      listener.progress?.({ file, samples: total.samples });
    };
  const headPath = join(dir, HEAD_FILE);
  let listed: ReadonlySet<string> = new Set();
  if (existsSync(headPath))
    inDatabase(
      headPath,
      () => {},
      (db) => {
        listed = listedBlocks(db);
      },
    );
  for (const { path, number } of chunkFilesOf(dir)) {
    total.files++;
    const segments = new Set<number>();
    found.set(number, segments);
    inDatabase(path, reporter(path), (db) => {
      checkStructure(db, reporter(path));
      total.blocks += verifyChunks(db, segments, reporter(path), counted(path));
    });
  }
  for (const path of derivedFilesOf(dir)) {
    total.files++;
    inDatabase(path, reporter(path), (db) => {
      checkStructure(db, reporter(path));
      verifyChecksums(db, reporter(path));
    });
  }
  if (existsSync(headPath)) {
    total.files++;
    const beat = beatOf(dir, reporter(join(dir, HEARTBEAT_FILE)));
    inDatabase(headPath, reporter(headPath), (db) => {
      checkStructure(db, reporter(headPath));
      verifyHead(
        db,
        { found, listed, beat, hasTombstones: hasTombstones(dir) },
        reporter(headPath),
        counted(headPath),
      );
    });
  }
  if (!existsSync(headPath) && existsSync(join(dir, HEARTBEAT_FILE)))
    reporter(headPath)(
      'file',
      'is missing, with the newest samples and the list of blocks: there is a heartbeat of it',
    );
  else if (total.files === 0)
    reporter(dir)('folder', 'is not a data folder: there is neither head.db nor a chunk file');
  const tombstones = join(dir, TOMBSTONES_FILE);
  if (existsSync(tombstones)) {
    total.files++;
    for (const fault of readTombstones(dir).faults) reporter(tombstones)('tombstones', fault);
  }
  return total;
}

function inDatabase(path: string, report: Report, check: (db: DatabaseSync) => void): void {
  let db: DatabaseSync | undefined;
  try {
    const fault = headerFault(path);
    if (fault !== undefined) {
      report('header', fault);
      return;
    }
    db = openForReading(path);
    check(db);
  } catch (error) {
    report('database', messageOf(error));
  } finally {
    db?.close();
  }
}

function headerFault(path: string): string | undefined {
  const version = formatOf(path);
  if (version === undefined) return 'this is not a file of ours';
  if (version <= FORMAT_VERSION) return undefined;
  return `format ${version} is newer than this program, which knows up to ${FORMAT_VERSION}`;
}

/** What SQLite says of the file's structure. */
function checkStructure(db: DatabaseSync, report: Report): void {
  for (const row of db.prepare('PRAGMA integrity_check(20)').all()) {
    const said = String(row['integrity_check']);
    if (said !== 'ok') report('database', said);
  }
}

/** Read before head.db, as the file is written after each commit there. */
function beatOf(dir: string, report: Report): number | undefined {
  const path = join(dir, HEARTBEAT_FILE);
  const beat = readHeartbeat(path);
  if (!beat && existsSync(path) && readFileSync(path).length > 0)
    report('line 1', 'the checksum does not fit');
  return beat?.seq;
}
