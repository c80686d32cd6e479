import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the shared corpora lie unless WATCHROOM_CORPORA says otherwise, seen from the repository's root. */
const DEFAULT_FOLDER = '../shared/corpora';

/**
 * The folder of one corpus, or undefined when it is not on this machine; then says so in one line, and the test that
 * asked is to pass on.
 */
export function corpusFolder(name: string): string | undefined {
  const root = process.env['WATCHROOM_CORPORA'] ?? resolve(import.meta.dirname, '../../..', DEFAULT_FOLDER);
  const folder = join(root, name);
  if (existsSync(folder)) return folder;
  console.log(`corpus ${name} is not here (set WATCHROOM_CORPORA to its parent folder): passing on`);
  return undefined;
}
