/** Puts a new head.db into the place of the old one, so that a kill or a full disk in between costs neither. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPath } from '../snapshot/snapshot-files.ts';
import { SIDE_FILES, setAside } from './sqlite.ts';

/** Where head.db is written anew; it is whole when head.db is not there. */
const ANEW = '.new';

/**
 * `write` writes the new file to a path of its own and closes it. What is at `path` then goes to the folder of damaged files;
 * gives its new path.
 */
export function replaceHead(
  dir: string,
  path: string,
  nowMs: number,
  write: (path: string) => void,
): string | undefined {
  const anew = path + ANEW;
  removeSides(anew, SIDE_FILES);
  write(anew);
  syncPath(anew);
  const movedTo = existsSync(path) ? setAside(dir, path, nowMs, 'move') : undefined;
  // The journal of another file would be taken for the new one's.
  removeSides(path, SIDE_FILES);
  renameSync(anew, path);
  syncPath(dirname(path));
  return movedTo;
}

/** After a server that was ended between setting the old head.db aside and putting the new one in its place. */
export function finishReplacing(path: string): void {
  const anew = path + ANEW;
  if (!existsSync(path) && existsSync(anew)) {
    removeSides(path, SIDE_FILES);
    renameSync(anew, path);
  }
  removeSides(anew, SIDE_FILES);
}

function removeSides(path: string, sides: readonly string[]): void {
  for (const side of sides) rmSync(path + side, { force: true });
}
