import { readFileSync } from 'node:fs';
import { runTestScript } from '@watchroom/promql/test-script';
import { parseCommand, UsageError } from './command.ts';

/** Runs Prometheus test scripts and prints, for each file, passed, failed and the first difference. */
export async function testPromqlCommand(args: string[]): Promise<number> {
  const { positionals } = parseCommand({ args, allowPositionals: true, options: {} });
  if (positionals.length === 0) throw new UsageError('name the test scripts: watchroom test-promql FILE...');
  let failed = 0;
  for (const file of positionals) {
    const report = await runTestScript(readScript(file), file);
    failed += report.failures.length;
    console.log(`${file}: ${report.evals} evals, ${report.passed} passed, ${report.failures.length} failed`);
    const first = report.failures[0];
    if (first) console.log(`  ${file}:${first.line}: ${first.message}`);
  }
  return failed === 0 ? 0 : 1;
}

function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`, 1);
  }
}
