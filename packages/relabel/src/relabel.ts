/** Rules applied to a label set, in order. Source: Prometheus model/relabel/relabel.go, https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config */
import { createHash } from 'node:crypto';
import { Labels } from '@watchroom/model';
import { Template } from './expand.ts';
import { DEFAULT_REGEX, isLabelName, type RelabelRule } from './rule.ts';

/** What a rule did: the labels after it, or undefined when it dropped the set. */
export interface RelabelStep {
  readonly rule: RelabelRule;
  readonly labels: Labels | undefined;
}

/** The labels after all rules, or undefined when a rule dropped the set. */
export function relabel(labels: Labels, rules: readonly RelabelRule[]): Labels | undefined {
  if (rules.length === 0) return labels;
  const set = new Map(labels.pairs());
  for (const rule of rules) if (!apply(set, rule)) return undefined;
  return Labels.fromPairs(set);
}

/** As `relabel`, keeping the labels after each rule; ends with the rule that dropped the set. */
export function traceRelabel(labels: Labels, rules: readonly RelabelRule[]): readonly RelabelStep[] {
  const set = new Map(labels.pairs());
  const steps: RelabelStep[] = [];
  for (const rule of rules) {
    const kept = apply(set, rule);
    steps.push({ rule, labels: kept ? Labels.fromPairs(set) : undefined });
    if (!kept) break;
  }
  return steps;
}

/** Changes `set` by one rule; false when the rule drops it. An empty value is an absent label and is never in `set`. */
function apply(set: Map<string, string>, rule: RelabelRule): boolean {
  const value = joined(set, rule);
  switch (rule.action) {
    case 'drop':
      return !rule.regex.matches(value);
    case 'keep':
      return rule.regex.matches(value);
    case 'dropequal':
      return (set.get(rule.targetLabel) ?? '') !== value;
    case 'keepequal':
      return (set.get(rule.targetLabel) ?? '') === value;
    case 'replace':
      replace(set, rule, value);
      return true;
    case 'lowercase':
      put(set, rule.targetLabel, value.toLowerCase());
      return true;
    case 'uppercase':
      put(set, rule.targetLabel, goUpper(value));
      return true;
    case 'hashmod':
      put(set, rule.targetLabel, String(hashOf(value) % rule.modulus));
      return true;
    case 'labelmap':
      mapNames(set, rule);
      return true;
    case 'labeldrop':
      for (const name of [...set.keys()]) if (rule.regex.matches(name)) set.delete(name);
      return true;
    case 'labelkeep':
      for (const name of [...set.keys()]) if (!rule.regex.matches(name)) set.delete(name);
      return true;
  }
}

function joined(set: ReadonlyMap<string, string>, rule: RelabelRule): string {
  const { sourceLabels } = rule;
  if (sourceLabels.length === 1) return set.get(sourceLabels[0]!) ?? '';
  return sourceLabels.map((name) => set.get(name) ?? '').join(rule.separator);
}

function replace(set: Map<string, string>, rule: RelabelRule, value: string): void {
  const target = template(rule.targetLabel);
  const replacement = template(rule.replacement);
  if (target.isPlain && replacement.isPlain) {
    if (rule.regex.source !== DEFAULT_REGEX && !rule.regex.matches(value)) return;
    const name = target.fill(NOTHING);
    if (isLabelName(name, rule.validation)) put(set, name, replacement.fill(NOTHING));
    return;
  }
  // The default pattern's only group is the whole value.
  const match =
    rule.regex.source === DEFAULT_REGEX ? { groups: [value, value], named: {} } : rule.regex.exec(value);
  if (!match) return;
  const name = target.fill(match);
  if (isLabelName(name, rule.validation)) put(set, name, replacement.fill(match));
}

function mapNames(set: Map<string, string>, rule: RelabelRule): void {
  const replacement = template(rule.replacement);
  for (const [name, value] of [...set]) {
    if (!rule.regex.matches(name)) continue;
    const match = rule.regex.exec(name);
    if (match) put(set, replacement.fill(match), value);
  }
}

const NOTHING = { groups: [], named: {} };

function put(set: Map<string, string>, name: string, value: string): void {
  if (value === '') set.delete(name);
  else set.set(name, value);
}

/** The last 8 of the 16 bytes of the text's MD5, most significant first. */
function hashOf(text: string): bigint {
  return createHash('md5').update(text, 'utf8').digest().readBigUInt64BE(8);
}

/** Go maps rune by rune, so what JavaScript widens (ß to SS) stays. */
function goUpper(text: string): string {
  return [...text]
    .map((char) => {
      const upper = char.toUpperCase();
      return [...upper].length === 1 ? upper : char;
    })
    .join('');
}

const templates = new Map<string, Template>();
const TEMPLATE_LIMIT = 10_000;

function template(source: string): Template {
  let known = templates.get(source);
  if (known === undefined) {
    if (templates.size >= TEMPLATE_LIMIT) templates.clear();
    known = new Template(source);
    templates.set(source, known);
  }
  return known;
}
