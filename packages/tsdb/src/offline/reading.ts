/** Reading a data folder from outside of the process that writes to it, if there is one, and without leaving a trace there. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HEAD_FILE } from '../recover.ts';

const CHUNK_FILE = /^chunks-(\d+)\.db$/;

/** A fault in a file, and where in it: a table's row, a frame. */
export interface StoreFault {
  readonly file: string;
  readonly place: string;
  readonly message: string;
}

/** Paths of the chunk files, oldest number first. */
export function chunkFilesOf(dir: string): { path: string; number: number }[] {
  return readdirSync(dir)
    .map((name) => ({ path: join(dir, name), number: Number(CHUNK_FILE.exec(name)?.[1] ?? Number.NaN) }))
    .filter(({ number }) => !Number.isNaN(number))
    .sort((a, b) => a.number - b.number);
}

/** Paths of the other files of blocks: those that are made from chunk files. */
export function derivedFilesOf(dir: string): string[] {
  const names = readdirSync(dir).filter((name) => name.endsWith('.db') && name !== HEAD_FILE);
  return names.filter((name) => !CHUNK_FILE.test(name)).map((name) => join(dir, name));
}

/** Whether there is anything of a store in the folder. */
export function isDataFolder(dir: string): boolean {
  return existsSync(dir) && (existsSync(join(dir, HEAD_FILE)) || chunkFilesOf(dir).length > 0);
}
