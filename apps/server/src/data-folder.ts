/** Makes the folder that everything is stored in, and finds out whether this user may write there. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@watchroom/tsdb/make-folder';

/** Why the folder cannot be used, in one line, or undefined when it can. `dir` is absolute. */
export function dataFolderFault(dir: string): string | undefined {
  try {
    makeFolder(dir);
    const probe = join(dir, `.watchroom-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
    return undefined;
  } catch (error) {
    return `cannot write to the data folder ${dir} (${reasonOf(error)})`;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'it is a file, or lies in one',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'no folder can be made there',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? code;
}
