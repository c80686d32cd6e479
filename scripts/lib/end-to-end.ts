import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './files.ts';
import { runTask } from './task.ts';
import type { Verdicts } from './verdicts.ts';

interface Suite {
  readonly suites?: readonly Suite[];
  readonly specs?: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly annotations: readonly { readonly type: string; readonly description?: string }[];
    }[];
  }[];
}

interface PlaywrightReport {
  readonly suites: readonly Suite[];
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
  readonly errors: readonly { readonly message?: string }[];
}

/** Runs Playwright's tests (or those whose file names match `filters`) and counts them. A flaky test is a failure. */
export async function runEndToEnd(
  verdicts: Verdicts,
  chromium: string | undefined,
  filters: readonly string[] = [],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-e2e-'));
  const file = join(folder, 'report.json');
  const require = createRequire(join(ROOT, 'e2e', 'package.json'));
  const cli = join(require.resolve('@playwright/test/package.json'), '..', 'cli.js');
  const { output } = await runTask(process.execPath, [cli, 'test', '--reporter=list,json', ...filters], {
    cwd: join(ROOT, 'e2e'),
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file, ...(chromium ? { CHROMIUM_PATH: chromium } : {}) },
  });
  const report = readReport(file);
  rmSync(folder, { recursive: true, force: true });
  if (!report) {
    verdicts.suite('end-to-end tests', 0, 1, output);
    return;
  }
  for (const line of report.suites.flatMap(measured)) console.log(`      ${line}`);
  const { expected, unexpected, flaky } = report.stats;
  verdicts.suite('end-to-end tests', expected, unexpected + flaky + report.errors.length, output);
}

/** What tests noted as measured. */
function measured({ suites = [], specs = [] }: Suite): string[] {
  const own = specs.flatMap(({ title, tests }) =>
    tests
      .flatMap(({ annotations }) => annotations)
      .filter(({ type }) => type === 'measured')
      .map(({ description }) => `${title}: ${description}`),
  );
  return [...own, ...suites.flatMap(measured)];
}

function readReport(file: string): PlaywrightReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport;
  } catch {
    return undefined;
  }
}
