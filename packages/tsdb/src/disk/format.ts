/**
 * The version of a data folder. It stands in the header of each database and once more in the file `format`, so that a damaged
 * header is not taken for a newer version: "<version> <crc32, hex>\n".
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TOMBSTONES_FILE, tombstonesVersion } from '../deletion/tombstone-file.ts';
import { StoreError, type StoreLog } from '../types.ts';
import { FORMAT_VERSION, formatOf } from './sqlite.ts';

export const FORMAT_FILE = 'format';

/** Throws StoreError before anything is touched when a newer program has written here. */
export function ensureFormat(dir: string, log?: StoreLog): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return;
  }
  const told = readFormat(dir);
  if (told !== undefined && told > FORMAT_VERSION) throw newerFormat(dir, told, FORMAT_FILE);
  for (const name of names) {
    if (!name.endsWith('.db') && name !== TOMBSTONES_FILE) continue;
    const version = name === TOMBSTONES_FILE ? tombstonesVersion(dir) : formatOf(join(dir, name));
    if (version === undefined || version <= FORMAT_VERSION) continue;
    // The header of the tombstones has a checksum of its own.
    if (told === undefined || name === TOMBSTONES_FILE) throw newerFormat(dir, version, name);
    log?.warn(
      `${join(dir, name)}: its header tells of format ${version}, the folder of ${told}; the header is damaged`,
    );
  }
}

/** Marks the folder as one of this version. */
export function writeFormat(dir: string): void {
  if (readFormat(dir) === FORMAT_VERSION) return;
  writeFileSync(join(dir, FORMAT_FILE), `${FORMAT_VERSION} ${crcOf(FORMAT_VERSION)}\n`);
}

/** Undefined when the file is absent or damaged. */
function readFormat(dir: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, FORMAT_FILE), 'latin1');
  } catch {
    return undefined;
  }
  const version = Number(text.trim().split(' ')[0]);
  return text.trim() === `${version} ${crcOf(version)}` ? version : undefined;
}

function crcOf(version: number): string {
  return crc32(String(version)).toString(16);
}

function newerFormat(dir: string, version: number, name: string): StoreError {
  return new StoreError(
    'newer_format',
    `the data folder ${dir} was written by a newer version (format ${version} in ${name}; this one knows ` +
      `up to ${FORMAT_VERSION}). Nothing was changed. Use that newer version, or another folder.`,
  );
}
