/** What the commands on data folders have in common. */
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { StoreError, type StoreFault, type StoreLog, type Verified, verifyFolder } from '@watchroom/tsdb';
import { UsageError } from './command.ts';
import { Progress } from './progress.ts';

/** The absolute path of a folder that must be there. */
export function existingFolder(given: string | undefined, option: string): string {
  if (given === undefined) throw new UsageError(`${option} DIR is missing; see watchroom --help`);
  const dir = resolve(given);
  if (!existsSync(dir)) throw new UsageError(`there is no folder ${dir}; name one with ${option} DIR`, 1);
  if (!statSync(dir).isDirectory())
    throw new UsageError(`${dir} is a file; name the folder that it is in with ${option} DIR`, 1);
  return dir;
}

/** The absolute path of a folder that is to be made. */
export function newFolder(given: string | undefined, option: string): string {
  if (given === undefined) throw new UsageError(`${option} DIR is missing; see watchroom --help`);
  return resolve(given);
}

/** A copy that lies in its original would be part of the next one. */
export function ensureApart(from: string, to: string, option: string): void {
  const way = relative(from, to);
  if (way === '' || (!way.startsWith('..') && !isAbsolute(way)))
    throw new UsageError(`${to} lies in ${from}; name a folder outside of it with ${option} DIR`, 1);
}

/** What a store has to say goes beside the result. */
export const stderrLog: StoreLog = {
  info: () => {},
  warn: (message) => console.error(`watchroom: ${message}`),
  error: (message) => console.error(`watchroom: ${message}`),
};

/** Verifies with progress, and prints each fault as `file: place: message`. */
export function printFaults(dir: string): Verified {
  const progress = new Progress();
  return verifyFolder(dir, {
    fault: (fault) => console.error(faultLine(fault)),
    progress: ({ file, samples }) => progress.say(() => `${file}: ${samples} samples checked`),
  });
}

function faultLine({ file, place, message }: StoreFault): string {
  return `${file}: ${place}: ${message}`;
}

/** Runs what may be refused by the store or the file system, which is told as one line with exit code 1. */
export function refusable<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw asUsageError(error);
  }
}

/** What a person at the command line can put right, as a UsageError; anything else as it is. */
export function asUsageError(error: unknown): unknown {
  if (error instanceof StoreError) return new UsageError(error.message, 1);
  const isSystem = error instanceof Error && 'code' in error && 'syscall' in error;
  if (isSystem) return new UsageError(`${error.message}; look at rights and space there`, 1);
  return error;
}
