import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTask, tool } from './task.ts';
import type { Verdicts } from './verdicts.ts';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs all unit and integration tests. A file that cannot be loaded counts as one failure. */
export async function runUnitTests(verdicts: Verdicts): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-unit-'));
  const file = join(folder, 'report.json');
  const { code, output } = await runTask(tool('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file);
  rmSync(folder, { recursive: true, force: true });
  for (const line of output.split('\n')) {
    if (/\d+ (?:of|\/) \d+ passed|passed of|passing on/.test(line)) console.log(`      ${line.trim()}`);
  }
  if (!report) {
    verdicts.suite('unit tests', 0, 1, output);
    return;
  }
  if (report.numPendingTests > 0) console.log(`      ${report.numPendingTests} tests not run`);
  const broken = report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  ).length;
  const silent = code !== 0 && report.numFailedTests + broken === 0 ? 1 : 0;
  verdicts.suite('unit tests', report.numPassedTests, report.numFailedTests + broken + silent, output);
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}
