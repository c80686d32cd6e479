/**
 * Rule files to checked groups: `groups: [{name, interval, query_offset, limit, labels, rules: [{record | alert, expr, for,
 * keep_firing_for, labels, annotations}]}]`. The checks are those of Prometheus 3 model/rulefmt/rulefmt.go, with UTF-8 names.
 * Never throws on input.
 */
import { Labels, METRIC_NAME } from '@watchroom/model';
import type { ParseOptions } from '@watchroom/promql';
import { checkAlertTemplate } from './alert-template.ts';
import { annotationSet } from './annotation-set.ts';
import { checkExpression } from './check-expression.ts';
import type { AlertingRuleSpec, RuleGroupSpec, RuleProblem, RuleSpec } from './rule-spec.ts';
import { type YamlEntry, type YamlNode, YamlReader } from './yaml-reader.ts';

const GROUP_KEYS = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules'] as const;
const RULE_KEYS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'] as const;

export interface RuleFileOptions extends ParseOptions {
  /** Keys that nobody knows are passed over instead of refused. */
  readonly ignoreUnknownFields?: boolean;
  /** A Kubernetes object of kind PrometheusRule is read as the file under its `spec`. */
  readonly ruleObjects?: boolean;
}

export interface ParsedRuleFile {
  /** Empty when there is an error. */
  readonly groups: readonly RuleGroupSpec[];
  readonly problems: readonly RuleProblem[];
}

/** `file` is the path that messages name and that identifies the groups; `options` are those of the engine. */
export function parseRuleFile(text: string, file: string, options: RuleFileOptions = {}): ParsedRuleFile {
  const reader = new YamlReader(text, file, options);
  if (reader.failed) return { groups: [], problems: reader.problems };
  const groups: RuleGroupSpec[] = [];
  const names = new Map<string, number>();
  for (const entry of reader.entries(rootOf(reader, options), 'the rule file', ['groups'])) {
    for (const node of reader.items(entry.value, 'groups')) {
      const group = readGroup(reader, node, file, options);
      const before = names.get(group.name);
      if (before !== undefined)
        reader.error(
          node,
          `the group name ${quote(group.name)} is taken (line ${before}); names are unique within a file`,
        );
      else names.set(group.name, reader.lineOf(node));
      groups.push(group);
    }
  }
  return { groups: reader.failed ? [] : groups, problems: reader.problems };
}

function rootOf(reader: YamlReader, { ruleObjects }: RuleFileOptions): YamlNode {
  if (!ruleObjects || !reader.isMap(reader.root)) return reader.root;
  const fields = byKey(reader.entries(reader.root, 'the rule file', undefined));
  const isObject = reader.text(fields.get('kind')?.value, 'kind') === 'PrometheusRule';
  return isObject ? fields.get('spec')?.value : reader.root;
}

function readGroup(reader: YamlReader, node: YamlNode, file: string, options: ParseOptions): RuleGroupSpec {
  const fields = byKey(reader.entries(node, 'a rule group', GROUP_KEYS));
  const name = reader.text(fields.get('name')?.value, 'the name of a group');
  if (name === '') reader.error(node, 'a group needs a name');
  const where = `group ${quote(name)}`;
  const labels = readNames(reader, fields.get('labels'), `labels of ${where}`, true);
  const rules: RuleSpec[] = [];
  reader.items(fields.get('rules')?.value, `rules of ${where}`).forEach((item, i) => {
    const rule = readRule(reader, item, `${where}, rule ${i + 1}`, labels, options);
    if (rule) rules.push(rule);
  });
  return {
    file,
    name,
    intervalMs: optional(reader, fields, 'interval', where) || undefined,
    queryOffsetMs: optional(reader, fields, 'query_offset', where),
    limit: readLimit(reader, fields.get('limit'), where),
    rules,
    line: reader.lineOf(node),
  };
}

function readLimit(reader: YamlReader, entry: YamlEntry | undefined, where: string): number {
  return entry ? Math.max(0, reader.integer(entry.value, `limit of ${where}`) ?? 0) : 0;
}

function readRule(
  reader: YamlReader,
  node: YamlNode,
  position: string,
  groupLabels: ReadonlyMap<string, string>,
  options: ParseOptions,
): RuleSpec | undefined {
  const fields = byKey(reader.entries(node, `a rule (${position})`, RULE_KEYS));
  const record = reader.text(fields.get('record')?.value, `record of ${position}`);
  const alert = reader.text(fields.get('alert')?.value, `alert of ${position}`);
  const name = alert || record;
  const where = name === '' ? position : `${position}, ${quote(name)}`;
  if (record !== '' && alert !== '')
    reader.error(fields.get('alert')?.keyNode, `${where}: only one of "record" and "alert" may be set`);
  if (name === '') reader.error(node, `${where}: one of "record" or "alert" must be set`);
  const expr = reader.text(fields.get('expr')?.value, `expr of ${where}`);
  checkExpr(reader, expr, fields.get('expr')?.value ?? node, where, options);
  const own = readNames(reader, fields.get('labels'), `labels of ${where}`, true);
  const annotations = readNames(reader, fields.get('annotations'), `annotations of ${where}`, false);
  const labels = Labels.fromPairs([...groupLabels, ...own]);
  const ownLabels = Labels.fromPairs(own);
  const line = reader.lineOf(node);
  if (record !== '') {
    checkRecord(reader, fields, record, where);
    return { kind: 'recording', name: record, expr, labels, ownLabels, line };
  }
  const rule: AlertingRuleSpec = {
    kind: 'alerting',
    name: alert,
    expr,
    labels,
    ownLabels,
    annotations: annotationSet(annotations),
    forMs: optional(reader, fields, 'for', where) ?? 0,
    keepFiringForMs: optional(reader, fields, 'keep_firing_for', where) ?? 0,
    line,
  };
  if (alert !== '') checkTemplates(reader, fields, alert, where);
  return rule;
}

function checkExpr(
  reader: YamlReader,
  expr: string,
  node: YamlNode,
  where: string,
  options: ParseOptions,
): void {
  const fault = expr === '' ? undefined : checkExpression(expr, options);
  if (expr === '') reader.error(node, `${where}: "expr" must be set`);
  else if (fault !== undefined) reader.error(node, `${where}: could not parse expression: ${fault}`);
}

/** What a recording rule may not have, and what its name must be. */
function checkRecord(
  reader: YamlReader,
  fields: ReadonlyMap<string, YamlEntry>,
  record: string,
  where: string,
): void {
  for (const key of ['annotations', 'for', 'keep_firing_for']) {
    const entry = fields.get(key);
    const duration = entry && key !== 'annotations' ? optional(reader, fields, key, where) : undefined;
    if (!entry || reader.isNull(entry.value) || duration === 0) continue;
    reader.error(
      entry.keyNode,
      `${where}: a recording rule has no ${quote(key)}; remove it, or use "alert" instead of "record"`,
    );
  }
  const node = fields.get('record')?.value;
  if (/[{}]/.test(record))
    reader.error(node, `${where}: braces in a metric name; labels go under "labels", a selector into "expr"`);
  else if (!record.isWellFormed()) reader.error(node, `${where}: not a valid metric name`);
}

function checkTemplates(
  reader: YamlReader,
  fields: ReadonlyMap<string, YamlEntry>,
  alert: string,
  where: string,
): void {
  for (const key of ['labels', 'annotations']) {
    for (const entry of reader.entries(fields.get(key)?.value, key, undefined)) {
      const fault = checkAlertTemplate(alert, reader.text(entry.value, entry.key));
      if (fault !== undefined)
        reader.error(
          entry.value,
          `${where}: the template of ${key.slice(0, -1)} ${quote(entry.key)} does not parse: ${fault}`,
        );
    }
  }
}

function readNames(
  reader: YamlReader,
  entry: YamlEntry | undefined,
  what: string,
  areLabels: boolean,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const { key, keyNode, value } of reader.entries(entry?.value, what, undefined)) {
    if (key === '' || !key.isWellFormed() || (areLabels && key === METRIC_NAME))
      reader.error(
        keyNode,
        `${what}: ${quote(key)} cannot be the name of ${areLabels ? 'a label' : 'an annotation'}`,
      );
    found.set(key, reader.text(value, `${quote(key)} in ${what}`));
  }
  return found;
}

function optional(
  reader: YamlReader,
  fields: ReadonlyMap<string, YamlEntry>,
  key: string,
  where: string,
): number | undefined {
  const entry = fields.get(key);
  return entry && !reader.isNull(entry.value)
    ? reader.duration(entry.value, `${key} of ${where}`)
    : undefined;
}

const byKey = (entries: readonly YamlEntry[]): Map<string, YamlEntry> =>
  new Map(entries.map((entry) => [entry.key, entry]));

const quote = (text: string): string => JSON.stringify(text);
