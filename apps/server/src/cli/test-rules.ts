/** Unit tests of rules, with promtool's file format, options, output and exit codes. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { AnchoredPattern, PatternError, systemClock } from '@watchroom/model';
import {
  junitXml,
  parseRuleTestFile,
  type RuleTestOptions,
  runRuleTests,
  type SuiteResult,
} from '@watchroom/rules/unit-test';
import { parseCommand, UsageError } from './command.ts';
import { existingFiles, FEATURES, featuresOf } from './rule-cli.ts';

type Settings = Omit<RuleTestOptions, 'ruleFiles'>;

/** Exit code 1 when a test fails or a file is broken. */
export async function testRulesCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      run: { type: 'string', multiple: true },
      debug: { type: 'boolean', default: false },
      diff: { type: 'boolean', default: false },
      junit: { type: 'string' },
      'ignore-unknown-fields': { type: 'boolean', default: false },
      'enable-feature': { type: 'string', multiple: true },
    },
  });
  const files = existingFiles(positionals, 'test-rules');
  const features = featuresOf(values['enable-feature'] ?? []);
  const runs = nameFilter(values.run);
  const settings: Settings = {
    clock: systemClock,
    diff: values.diff,
    ignoreUnknownFields: values['ignore-unknown-fields'],
    experimental: features.has(FEATURES.experimental),
    delayedNameRemoval: features.has(FEATURES.delayedNameRemoval),
    ...(runs && { runs }),
    ...(values.debug && { debug: (line: string) => console.error(line) }),
  };
  const suites: SuiteResult[] = [];
  for (const file of files) {
    const suite = await testFile(file, settings);
    suites.push(suite);
    report(suite);
  }
  if (values.junit !== undefined) writeFileSync(values.junit, junitXml(suites));
  return suites.every(passed) ? 0 : 1;
}

/** The names that match one of the patterns somewhere, as promtool's `--run`; undefined for all. */
function nameFilter(patterns: readonly string[] | undefined): ((name: string) => boolean) | undefined {
  if (!patterns) return undefined;
  try {
    const pattern = new AnchoredPattern(`.*(?:${patterns.join('|')}).*`);
    return (name) => pattern.matches(name);
  } catch (error) {
    if (error instanceof PatternError)
      throw new UsageError(`--run ${patterns.join('|')}: ${error.message}`, 1);
    throw error;
  }
}

async function testFile(name: string, settings: Settings): Promise<SuiteResult> {
  const aborted = (why: string): SuiteResult => ({ name, timestamp: '', cases: [], aborted: why });
  const parsed = parseRuleTestFile(readFileSync(name, 'utf8'));
  if ('faults' in parsed) return aborted(`${name}:\n  ${parsed.faults.join('\n  ')}`);
  const ruleFiles = parsed.ruleFiles.flatMap((pattern) => matching(dirname(name), pattern));
  const cases = await runRuleTests(parsed, {
    ...settings,
    ruleFiles: ruleFiles.map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  });
  return { name, timestamp: localTime(new Date(settings.clock.now())), cases, aborted: undefined };
}

/** The files that a path or pattern of a test file means, relative to its folder; sorted. */
function matching(folder: string, pattern: string): string[] {
  const path = isAbsolute(pattern) ? pattern : join(folder, pattern);
  const found = globSync(path).sort();
  if (found.length === 0) console.error(`  WARNING: no file match pattern ${path}`);
  return found;
}

function passed({ cases, aborted }: SuiteResult): boolean {
  return aborted === undefined && cases.every(({ failures }) => failures.length === 0);
}

function report(suite: SuiteResult): void {
  if (passed(suite)) console.log('  SUCCESS');
  else {
    console.error('  FAILED:');
    const failures = suite.cases.flatMap((one) => one.failures);
    for (const failure of suite.aborted === undefined ? failures : [suite.aborted]) {
      console.error(failure);
      console.log();
    }
  }
  console.log();
}

/** `2006-01-02T15:04:05` */
function localTime(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
