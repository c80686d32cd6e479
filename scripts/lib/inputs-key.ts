import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './files.ts';

/** Digest of files and of whole folders (paths from the root), which says whether something built from them is current. Needs no git. */
export function inputsKey(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesAt).sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function filesAt(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

/** The folders of sources of the workspace's members under `parent`, e.g. `packages`. */
export function sourceFolders(parent: string): string[] {
  return inMembers(parent, 'src');
}

/** Their `package.json` files. */
export function manifests(parent: string): string[] {
  return inMembers(parent, 'package.json');
}

/** A folder without it is no member: what another branch has left there, say. */
function inMembers(parent: string, name: string): string[] {
  return readdirSync(join(ROOT, parent))
    .map((member) => `${parent}/${member}/${name}`)
    .filter((path) => existsSync(join(ROOT, path)));
}
