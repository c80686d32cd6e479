/** Builds apps/web when its sources or dependencies have changed since the last build. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './files.ts';
import { inputsKey } from './inputs-key.ts';
import { runTask } from './task.ts';

const WEB = join(ROOT, 'apps', 'web');
const STAMP = join(WEB, 'dist', '.inputs');
const INPUTS = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map((name) => `apps/web/${name}`),
  ...['model', 'contract', 'chart-data', 'promql'].flatMap((name) => [
    `packages/${name}/src`,
    `packages/${name}/package.json`,
  ]),
  'pnpm-lock.yaml',
];

export async function buildWeb(): Promise<{ built: boolean; faults: readonly string[] }> {
  const key = inputsKey(INPUTS);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === key) return { built: false, faults: [] };
  const require = createRequire(join(WEB, 'package.json'));
  const vite = join(require.resolve('vite/package.json'), '..', 'bin', 'vite.js');
  const { code, output } = await runTask(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: WEB,
  });
  if (code !== 0) return { built: false, faults: output.trim().split('\n') };
  writeFileSync(STAMP, key);
  return { built: true, faults: [] };
}
