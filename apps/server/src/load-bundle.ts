/** A configuration with everything it names: rule files and the health score's rules. Reads files; changes nothing. */
import { readFileSync } from 'node:fs';
import { formatProblem, globRuleFiles, readConfigFile, type WatchroomConfig } from '@watchroom/config';
import { healthRules } from '@watchroom/health';
import { parseRuleFile, type RuleGroupSpec } from '@watchroom/rules';

/** The name under which the generated health rules appear. */
export const HEALTH_RULES_FILE = 'watchroom-health.yml';

export interface ConfigBundle {
  readonly config: WatchroomConfig;
  readonly groups: readonly RuleGroupSpec[];
  /** The generated health rules, '' when they are switched off or replaced. */
  readonly healthRulesText: string;
}

export interface BundleResult {
  /** Undefined exactly when there are problems. */
  readonly bundle: ConfigBundle | undefined;
  /** One line each: file:line:column: message; remedy. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export function loadBundleFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): BundleResult {
  const { config, problems, warnings } = readConfigFile(path, env);
  if (!config)
    return {
      bundle: undefined,
      problems: problems.map(formatProblem),
      warnings: warnings.map(formatProblem),
    };
  const result = bundleOf(config);
  return { ...result, warnings: [...warnings.map(formatProblem), ...result.warnings] };
}

/** Why a configuration is refused: one fault in one line, several in a list. */
export function faultsText(problems: readonly string[]): string {
  if (problems.length === 1) return `the configuration has a fault: ${problems[0]}`;
  return `the configuration has ${problems.length} faults:\n  ${problems.join('\n  ')}`;
}

/** Adds the rules to a configuration that is sound. */
export function bundleOf(config: WatchroomConfig): BundleResult {
  const groups: RuleGroupSpec[] = [];
  const problems: string[] = [];
  const warnings: string[] = [];
  const take = (text: string, file: string): void => {
    const parsed = parseRuleFile(text, file, { experimental: config.watchroom.promql.experimental });
    const { ruleQueryOffsetMs } = config.global;
    for (const group of parsed.groups)
      groups.push({ ...group, queryOffsetMs: group.queryOffsetMs ?? ruleQueryOffsetMs });
    for (const problem of parsed.problems) {
      const line = `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
      (problem.severity === 'error' ? problems : warnings).push(line);
    }
  };
  for (const file of globRuleFiles(config.ruleFiles)) takeFile(file, take, problems);
  const { health } = config.watchroom;
  let healthRulesText = '';
  if (health.enabled && health.rulesFile !== undefined) takeFile(health.rulesFile, take, problems);
  else if (health.enabled) {
    healthRulesText = healthRules(health);
    take(healthRulesText, HEALTH_RULES_FILE);
  }
  const bundle = problems.length > 0 ? undefined : { config, groups, healthRulesText };
  return { bundle, problems, warnings };
}

function takeFile(file: string, take: (text: string, file: string) => void, problems: string[]): void {
  try {
    take(readFileSync(file, 'utf8'), file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    problems.push(`${file}:1:1: cannot read the rule file (${code}); check the path and its permissions`);
  }
}
