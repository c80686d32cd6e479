/**
 * The browser for end-to-end tests and screenshots: CHROMIUM_PATH, else an installed Chromium; on Debian as root it is
 * installed by apt; elsewhere Playwright's own is used (path undefined).
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './files.ts';
import { runTask } from './task.ts';

const KNOWN = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface ChromiumResult {
  /** undefined: Playwright's own build. */
  readonly path: string | undefined;
  readonly faults: readonly string[];
}

export async function ensureChromium(): Promise<ChromiumResult> {
  const installed = findChromium();
  if (installed) return { path: installed, faults: [] };
  return isDebianRoot() ? installWithApt() : playwrightBuild();
}

export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  return [...(named ? [named] : []), ...KNOWN].find((path) => existsSync(path));
}

function isDebianRoot(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function installWithApt(): Promise<ChromiumResult> {
  console.log('      installing chromium with apt (once)');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runTask('apt-get', ['update', '-q'], { env });
  const packages = ['chromium', 'fonts-noto-cjk', 'fonts-dejavu-core'];
  const result = await runTask('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
    env,
  });
  const path = findChromium();
  return path
    ? { path, faults: [] }
    : { path, faults: [`apt could not install chromium: ${result.output.slice(-500)}`] };
}

async function playwrightBuild(): Promise<ChromiumResult> {
  const require = createRequire(join(ROOT, 'e2e', 'package.json'));
  const cli = join(require.resolve('@playwright/test/package.json'), '..', 'cli.js');
  const result = await runTask(process.execPath, [cli, 'install', 'chromium']);
  return {
    path: undefined,
    faults: result.code === 0 ? [] : [`playwright install chromium: ${result.output.slice(-500)}`],
  };
}
