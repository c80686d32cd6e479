import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, one at a time: mkdir's own `recursive` never ends where no folder can be made, as in
 * /proc. Throws what the file system says, and ENOTDIR where a file is in the way.
 */
export function makeFolder(dir: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw Object.assign(new Error(`${dir} is a file`), { code: 'ENOTDIR', syscall: 'mkdir' });
  makeFolder(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (error) {
    // Somebody else may have been faster.
    if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
