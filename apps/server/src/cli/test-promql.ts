import { readFileSync } from 'node:fs';
import { runTestScript } from '@watchroom/promql/test-script';
import { parseCommand, UsageError } from './command.ts';

/** Runs Prometheus test scripts and prints, for each file, passed, failed and the first difference. */
export async function testPromqlCommand(args: string[]): Promise<number> {
  const { positionals } = parseCommand({ args, allowPositionals: true, options: {} });
  if (positionals.length === 0) throw new UsageError('name the test scripts: watchroom test-promql FILE...');
  const total = { statements: 0, evals: 0, passed: 0, failed: 0, malformed: 0 };
  for (const file of positionals) {
    const report = await runTestScript(readScript(file), file);
    const { statements, evals, passed, malformed } = report;
    const failed = report.failures.length;
    total.statements += statements;
    total.evals += evals;
    total.passed += passed;
    total.failed += failed;
    if (malformed) total.malformed++;
    console.log(`${file}: ${counts({ statements, evals, passed, failed })}`);
    const first = report.failures[0];
    if (first) console.log(`  ${file}:${first.line}: ${first.query}: ${first.message}`);
    if (malformed) console.error(`${file}:${malformed.line}: ${malformed.message}`);
  }
  console.log(`${positionals.length} files: ${counts(total)}`);
  if (total.malformed > 0) return 2;
  return total.failed === 0 ? 0 : 1;
}

interface Counts {
  readonly statements: number;
  readonly evals: number;
  readonly passed: number;
  readonly failed: number;
}

function counts({ statements, evals, passed, failed }: Counts): string {
  return `${statements} eval statements, ${evals} run, ${passed} passed, ${failed} failed`;
}

function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`, 1);
  }
}
