/** Refuses folders that a newer program has written to. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TOMBSTONES_FILE, tombstonesVersion } from './deletion/tombstone-file.ts';
import { FORMAT_VERSION, formatOf } from './disk/sqlite.ts';
import { StoreError } from './types.ts';

/** Throws StoreError before anything is touched when a newer program has written here. */
export function ensureFormat(dir: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return;
  }
  for (const name of names) {
    if (!name.endsWith('.db') && name !== TOMBSTONES_FILE) continue;
    const version = name === TOMBSTONES_FILE ? tombstonesVersion(dir) : formatOf(join(dir, name));
    if (version === undefined || version <= FORMAT_VERSION) continue;
    throw new StoreError(
      'newer_format',
      `the data folder ${dir} was written by a newer version (format ${version} in ${name}; this one knows ` +
        `up to ${FORMAT_VERSION}). Nothing was changed. Use that newer version, or another folder.`,
    );
  }
}
