/**
 * Compares the blocks that head.db lists with those that the chunk files hold. A block is listed in the transaction that
 * deletes its write-ahead rows, so a listed block that is not found is a loss: the file or the end of its journal is gone,
 * and SQLite opens what is left without a word.
 */
import { existsSync } from 'node:fs';
import type { Clock } from '@watchroom/model';
import type { BlockStore } from './disk/block-store.ts';
import type { HeadTables } from './disk/head-file.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { SIDE_FILES, setAside } from './disk/sqlite.ts';
import type { BlockEntry } from './writer/protocol.ts';

export interface BlockCheck {
  /** All blocks in the chunk files. */
  readonly found: readonly BlockEntry[];
  /** Those of them that head.db does not list yet. */
  readonly unlisted: readonly BlockEntry[];
  /** Listed blocks that are gone; reported. */
  readonly lost: readonly BlockEntry[];
}

interface Where {
  readonly dir: string;
  readonly clock: Clock;
  readonly problems: ProblemLog;
}

/** `stores`: of every sort of blocks. */
export function findLosses(where: Where, tables: HeadTables, stores: readonly BlockStore[]): BlockCheck {
  const found = stores.flatMap((blocks) => blocks.takeLoaded());
  const inFiles = new Set(found.map(keyOf));
  const listed = new Set<string>();
  const lost = new Map<number, BlockEntry[]>();
  for (const row of tables.blocks) {
    const [file, segment, minMs] = [Number(row['file']), Number(row['segment']), Number(row['min_ms'])];
    const entry = { file, segment, minMs, maxMs: minMs + Number(row['span_ms']) };
    storeOf(stores, file)?.reserveNumbers(file);
    listed.add(keyOf(entry));
    if (inFiles.has(keyOf(entry))) continue;
    const sameFile = lost.get(file);
    if (sameFile) sameFile.push(entry);
    else lost.set(file, [entry]);
  }
  for (const [file, entries] of lost) {
    const path = storeOf(stores, file)?.pathOf(file);
    if (path !== undefined) report(where, path, entries);
  }
  return {
    found,
    unlisted: found.filter((entry) => !listed.has(keyOf(entry))),
    lost: [...lost.values()].flat(),
  };
}

function storeOf(stores: readonly BlockStore[], file: number): BlockStore | undefined {
  return stores.find((blocks) => blocks.owns(file));
}

function report({ dir, clock, problems }: Where, path: string, lost: readonly BlockEntry[]): void {
  const missing = !existsSync(path);
  const leftOver = missing && SIDE_FILES.some((side) => existsSync(path + side));
  problems.add({
    file: path,
    movedTo: leftOver ? setAside(dir, path, clock.now(), 'move') : undefined,
    reason: missing
      ? `the file is missing, and with it ${lost.length} blocks`
      : `${lost.length} blocks are missing: the file or its journal has lost its end or was replaced`,
    lostFromMs: lost.reduce((min, { minMs }) => Math.min(min, minMs), Number.POSITIVE_INFINITY),
    lostToMs: lost.reduce((max, { maxMs }) => Math.max(max, maxMs), Number.NEGATIVE_INFINITY),
  });
}

function keyOf({ file, segment }: BlockEntry): string {
  return `${file}:${segment}`;
}
