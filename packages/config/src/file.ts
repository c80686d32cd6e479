/** Reads a configuration and the files it includes from the disk. The only part of this package that does. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type IncludedFile, type LoadResult, loadConfig, scrapeConfigFilesOf } from './load.ts';

/** Loads a file; one that cannot be read is a problem at line 1. `env` fills `${NAME}` in external labels. */
export function readConfigFile(
  path: string,
  env: Readonly<Record<string, string | undefined>> = {},
): LoadResult {
  const baseDir = dirname(resolve(path));
  const file = basename(path);
  const main = read(path);
  if ('reason' in main) return unreadable(file, `cannot read ${path}: ${main.reason}`);
  const input = { text: main.text, file, baseDir, env };
  const scrapeFiles: IncludedFile[] = [];
  for (const pattern of scrapeConfigFilesOf(input)) {
    for (const found of globSync(pattern).toSorted()) {
      const included = read(found);
      if ('reason' in included) return unreadable(found, `cannot read ${found}: ${included.reason}`);
      scrapeFiles.push({ text: included.text, file: found, baseDir: dirname(found) });
    }
  }
  return loadConfig({ ...input, scrapeFiles });
}

/** The rule files that patterns name, sorted, each once. */
export function globRuleFiles(patterns: readonly string[]): readonly string[] {
  return [...new Set(patterns.flatMap((pattern) => globSync(pattern).toSorted()))];
}

function read(path: string): { text: string } | { reason: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const known: Readonly<Record<string, string>> = {
      ENOENT: 'no such file',
      EACCES: 'permission denied',
      EISDIR: 'it is a folder',
    };
    return { reason: known[code] ?? code };
  }
}

function unreadable(file: string, message: string): LoadResult {
  const problem = {
    file,
    line: 1,
    column: 1,
    path: '',
    message,
    remedy: 'check the path and its permissions',
  };
  return { config: undefined, problems: [problem], warnings: [] };
}
