/** Writes rule groups as the YAML of a Prometheus rule file. Texts are quoted as JSON, which YAML reads alike. */
export interface RuleText {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Written above the rule. */
  readonly comment?: string;
}

export interface GroupText {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly RuleText[];
}

/** The text of a rule file. */
export function rulesYaml(groups: readonly GroupText[], heading: string): string {
  const lines = [...heading.split('\n').map((line) => `# ${line}`), 'groups:'];
  for (const { name, interval, rules } of groups) {
    lines.push(`- name: ${name}`, `  interval: ${interval}`, '  rules:', ...rules.flatMap(ruleLines));
  }
  return `${lines.join('\n')}\n`;
}

function ruleLines(rule: RuleText): string[] {
  const head = rule.record === undefined ? `alert: ${rule.alert}` : `record: ${rule.record}`;
  const lines = rule.comment === undefined ? [] : [`  # ${rule.comment}`];
  lines.push(`  - ${head}`);
  if (rule.labels) lines.push(`    labels: {${pairs(rule.labels).join(', ')}}`);
  lines.push('    expr: |', ...rule.expr.split('\n').map((line) => `      ${line}`));
  if (rule.for !== undefined) lines.push(`    for: ${rule.for}`);
  if (rule.annotations)
    lines.push('    annotations:', ...pairs(rule.annotations).map((pair) => `      ${pair}`));
  return lines;
}

const pairs = (texts: Readonly<Record<string, string>>): string[] =>
  Object.entries(texts).map(([name, text]) => `${name}: ${JSON.stringify(text)}`);
