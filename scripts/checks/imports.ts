import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, repositoryFiles } from '../lib/files.ts';
import { DEVELOPMENT_ONLY, IMPORT_TABLE } from './import-table.ts';

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;
const IS_TEST = /(\.test\.tsx?$|\/test\/|\/bench\/|^e2e\/|\/dev\/)/;

/** Imports that break the table, as `file: why`. */
export function checkImports(): string[] {
  const faults: string[] = [];
  for (const file of repositoryFiles(/^(packages|apps|e2e)\/.*\.tsx?$/)) {
    const row = IMPORT_TABLE.find(({ folder }) => file.startsWith(`${folder}/`));
    if (!row) {
      faults.push(`${file}: its folder has no row in scripts/checks/import-table.ts`);
      continue;
    }
    for (const [, specifier = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)) {
      const fault = faultOf(file, row.folder, row.may, specifier);
      if (fault) faults.push(`${file}: ${fault}`);
    }
  }
  return faults.concat(checkDocumented());
}

function faultOf(
  file: string,
  folder: string,
  may: readonly string[],
  specifier: string,
): string | undefined {
  const ours = /^@watchroom\/([^/]+)/.exec(specifier)?.[1];
  if (ours === undefined) {
    const leaves = specifier.startsWith('.') && !join(file, '..', specifier).startsWith(folder);
    return leaves ? `relative import '${specifier}' leaves ${folder}` : undefined;
  }
  if (folder.endsWith(`/${ours}`) || may.includes(ours)) return undefined;
  if (DEVELOPMENT_ONLY.includes(ours) && IS_TEST.test(file)) return undefined;
  if (IS_TEST.test(file)) return undefined;
  return `${folder} may not import ${specifier}`;
}

/** Each row stands in ARCHITECTURE.md too. */
function checkDocumented(): string[] {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  return IMPORT_TABLE.filter(({ folder }) => !text.includes(folder)).map(
    ({ folder }) => `ARCHITECTURE.md: ${folder} is missing from the map`,
  );
}
