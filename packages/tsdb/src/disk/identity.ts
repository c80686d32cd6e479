/** Which file a path leads to: open files stay usable when they are deleted or moved, and their paths may lead to others. */
import { statSync } from 'node:fs';

/** Undefined when there is none. */
export function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** The file system that a path is on; undefined when there is nothing at the path. */
export function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}
