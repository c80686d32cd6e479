/** What the commands for rule files have in common. */
import { statSync } from 'node:fs';
import { UsageError } from './command.ts';

/** Values of `--enable-feature`, with promtool's names. */
export const FEATURES = {
  experimental: 'promql-experimental-functions',
  delayedNameRemoval: 'promql-delayed-name-removal',
} as const;

/** All must be there before anything runs; exit code 1 otherwise, as promtool has it. */
export function existingFiles(files: readonly string[], command: string): readonly string[] {
  if (files.length === 0) throw new UsageError(`name the files: watchroom ${command} FILE...`, 1);
  for (const file of files) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found) throw new UsageError(`path '${file}' does not exist`, 1);
    if (found.isDirectory()) throw new UsageError(`'${file}' is a directory; name files`, 1);
  }
  return files;
}

/** The features asked for, given one by one or with commas; unknown ones are told and passed over. */
export function featuresOf(values: readonly string[]): ReadonlySet<string> {
  const known: ReadonlySet<string> = new Set(Object.values(FEATURES));
  const asked = values.flatMap((value) => value.split(',')).filter((name) => name !== '');
  for (const name of asked)
    if (!known.has(name)) console.error(`  WARNING: Unknown feature passed to --enable-feature: ${name}`);
  return new Set(asked);
}
