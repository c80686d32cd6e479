import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, repositoryFiles } from '../lib/files.ts';

const LINK = /\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)/g;
const REQUIRED = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docker-compose.yml', '.ci/run'];

/** Documents that must be there, links between them that lead nowhere, packages without a README. */
export function checkDocs(): string[] {
  const faults = REQUIRED.filter((file) => !existsSync(join(ROOT, file))).map((file) => `${file} is missing`);
  for (const file of repositoryFiles(/\.md$/)) {
    for (const [, target = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(LINK)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!existsSync(join(ROOT, dirname(file), target)))
        faults.push(`${file}: the link to ${target} leads nowhere`);
    }
  }
  for (const manifest of repositoryFiles(/^packages\/[^/]+\/package\.json$/)) {
    const readme = join(dirname(manifest), 'README.md');
    if (!existsSync(join(ROOT, readme))) faults.push(`${readme} is missing`);
  }
  return faults;
}
