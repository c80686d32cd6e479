/** Checks rule files, with promtool's options, output and exit codes. */
import { readFileSync } from 'node:fs';
import { duplicateRules, parseRuleFile, type RuleFileOptions, type RuleSpec } from '@watchroom/rules';
import { parseCommand } from './command.ts';
import { existingFiles, FEATURES, featuresOf } from './rule-cli.ts';

const LINTS: ReadonlySet<string> = new Set(['all', 'duplicate-rules', 'none']);
const EXIT = { failed: 1, lint: 3 } as const;

type Verdict = 'sound' | 'doubtful' | 'broken';

/** Exit code 1 when a file is broken, 3 when rules are doubtful and `--lint-fatal` is set. Without a file: standard input. */
export async function checkRulesCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      lint: { type: 'string', default: 'duplicate-rules' },
      'lint-fatal': { type: 'boolean', default: false },
      'ignore-unknown-fields': { type: 'boolean', default: false },
      'enable-feature': { type: 'string', multiple: true },
    },
  });
  const options: RuleFileOptions = {
    experimental: featuresOf(values['enable-feature'] ?? []).has(FEATURES.experimental),
    ignoreUnknownFields: values['ignore-unknown-fields'],
  };
  const lints = lintsOf(values.lint);
  const verdicts =
    positionals.length === 0
      ? [check('standard input', readFileSync(0, 'utf8'), options, lints)]
      : existingFiles(positionals, 'check-rules').map((file) =>
          check(file, readFileSync(file, 'utf8'), options, lints),
        );
  if (verdicts.includes('broken')) return EXIT.failed;
  return values['lint-fatal'] && verdicts.includes('doubtful') ? EXIT.lint : 0;
}

/** Whether to look for duplicates; unknown names are told and passed over. */
function lintsOf(list: string): boolean {
  const asked = list.split(',');
  for (const name of asked)
    if (!LINTS.has(name)) console.log(`WARNING: unknown lint option: ${JSON.stringify(name)}`);
  return asked.includes('all') || asked.includes('duplicate-rules');
}

function check(file: string, text: string, options: RuleFileOptions, lints: boolean): Verdict {
  console.log(`Checking ${file}`);
  const { groups, problems } = parseRuleFile(text, file, options);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    console.error('  FAILED:');
    for (const { line, column, message } of errors) console.error(`${file}: ${line}:${column}: ${message}`);
    return 'broken';
  }
  for (const { line, column, message } of problems) console.error(`  WARNING: ${line}:${column}: ${message}`);
  const duplicates = lints ? duplicateRules(groups) : [];
  if (duplicates.length > 0) {
    console.error('  FAILED:');
    console.error(lintMessage(duplicates));
  } else {
    console.log(`  SUCCESS: ${groups.reduce((sum, { rules }) => sum + rules.length, 0)} rules found`);
  }
  console.log();
  return duplicates.length > 0 ? 'doubtful' : 'sound';
}

function lintMessage(duplicates: readonly RuleSpec[]): string {
  const rules = duplicates.flatMap(({ name, ownLabels }) => [
    `Metric: ${name}`,
    'Label(s):',
    ...Array.from(ownLabels.pairs(), ([label, value]) => `\t${label}: ${value}`),
  ]);
  const head = `lint error ${duplicates.length} duplicate rule(s) found.`;
  return [head, ...rules, 'Might cause inconsistency while recording expressions'].join('\n');
}
