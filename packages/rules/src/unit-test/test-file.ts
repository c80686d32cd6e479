/**
 * The file of a rule test: `rule_files`, `evaluation_interval`, `group_eval_order`, `fuzzy_compare` and `tests`, each with
 * series, alert cases and expression cases. Unknown keys are faults.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/.
 */
import { compareBytes } from '@watchroom/model';
import { type YamlEntry, type YamlNode, YamlReader } from '../yaml-reader.ts';

export interface RuleTestFile {
  /** As written: paths and patterns relative to the file. */
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  readonly groupEvalOrder: readonly string[];
  /** Numbers that are neighbours among the doubles count as equal. */
  readonly fuzzyCompare: boolean;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  /** '' when it has none. */
  readonly name: string;
  /** Between the values of a series. */
  readonly intervalMs: number;
  /** The time of the first value, ms since the epoch. */
  readonly startMs: number;
  readonly series: readonly { readonly series: string; readonly values: string }[];
  readonly alertCases: readonly AlertCase[];
  readonly exprCases: readonly ExprCase[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

/** Name and value, sorted by name in byte order; unlike in `Labels` a value may be empty. */
export type Pairs = readonly (readonly [name: string, value: string])[];

export interface AlertCase {
  readonly evalTimeMs: number;
  readonly alertname: string;
  readonly expected: readonly { readonly labels: Pairs; readonly annotations: Pairs }[];
}

export interface ExprCase {
  readonly expr: string;
  readonly evalTimeMs: number;
  readonly expected: readonly ExpectedSample[];
}

export interface ExpectedSample {
  /** Unparsed. */
  readonly labels: string;
  readonly value: number;
  /** Unparsed; when it is not empty the value counts for nothing. */
  readonly histogram: string;
}

const FILE_KEYS = ['rule_files', 'evaluation_interval', 'group_eval_order', 'fuzzy_compare', 'tests'];
const TEST_KEYS = [
  'name',
  'interval',
  'input_series',
  'alert_rule_test',
  'promql_expr_test',
  'external_labels',
  'external_url',
  'start_timestamp',
];
const DEFAULT_INTERVAL_MS = 60_000;

/** The file, or what is wrong with it as `line N: …`; never throws. */
export function parseRuleTestFile(text: string): RuleTestFile | { readonly faults: readonly string[] } {
  const reader = new YamlReader(text, '');
  const file = reader.failed ? undefined : readFile(reader);
  if (file && !reader.failed) return file;
  const faults = reader.problems.filter(({ severity }) => severity === 'error');
  return { faults: faults.map(({ line, message }) => `line ${line}: ${message}`) };
}

function readFile(reader: YamlReader): RuleTestFile {
  const fields = fieldsOf(reader, reader.root, 'the test file', FILE_KEYS);
  const evaluationIntervalMs =
    duration(reader, fields, 'evaluation_interval', 'the test file') || DEFAULT_INTERVAL_MS;
  const order = reader
    .items(fields.get('group_eval_order')?.value, 'group_eval_order')
    .map((node) => reader.text(node, 'an entry of group_eval_order'));
  const repeated = order.find((name, i) => order.indexOf(name) < i);
  if (repeated !== undefined)
    reader.error(
      fields.get('group_eval_order')?.keyNode,
      `group name repeated in evaluation order: ${repeated}`,
    );
  return {
    ruleFiles: reader
      .items(fields.get('rule_files')?.value, 'rule_files')
      .map((node) => reader.text(node, 'an entry of rule_files')),
    evaluationIntervalMs,
    groupEvalOrder: order,
    fuzzyCompare: boolean(reader, fields, 'fuzzy_compare'),
    tests: reader
      .items(fields.get('tests')?.value, 'tests')
      .map((node, i) => readTest(reader, node, i, evaluationIntervalMs)),
  };
}

function readTest(reader: YamlReader, node: YamlNode, i: number, defaultIntervalMs: number): RuleTest {
  const where = `tests[${i}]`;
  const fields = fieldsOf(reader, node, where, TEST_KEYS);
  const items = (key: string): YamlNode[] => reader.items(fields.get(key)?.value, `${key} of ${where}`);
  return {
    name: text(reader, fields, 'name', where),
    intervalMs: duration(reader, fields, 'interval', where) || defaultIntervalMs,
    startMs: startTime(reader, fields.get('start_timestamp'), where),
    series: items('input_series').map((item) => {
      const series = fieldsOf(reader, item, `input_series of ${where}`, ['series', 'values']);
      return { series: text(reader, series, 'series', where), values: text(reader, series, 'values', where) };
    }),
    alertCases: items('alert_rule_test').map((item) => readAlertCase(reader, item, where)),
    exprCases: items('promql_expr_test').map((item) => readExprCase(reader, item, where)),
    externalLabels: Object.fromEntries(pairs(reader, fields, 'external_labels', where)),
    externalUrl: text(reader, fields, 'external_url', where),
  };
}

function readAlertCase(reader: YamlReader, node: YamlNode, within: string): AlertCase {
  const where = `alert_rule_test of ${within}`;
  const fields = fieldsOf(reader, node, where, ['eval_time', 'alertname', 'exp_alerts']);
  const alertname = text(reader, fields, 'alertname', where);
  return {
    evalTimeMs: duration(reader, fields, 'eval_time', where),
    alertname,
    expected: reader.items(fields.get('exp_alerts')?.value, `exp_alerts of ${where}`).map((item) => {
      const alert = fieldsOf(reader, item, `exp_alerts of ${where}`, ['exp_labels', 'exp_annotations']);
      const labels = new Map(pairs(reader, alert, 'exp_labels', where)).set('alertname', alertname);
      return { labels: sorted(labels), annotations: sorted(pairs(reader, alert, 'exp_annotations', where)) };
    }),
  };
}

function readExprCase(reader: YamlReader, node: YamlNode, within: string): ExprCase {
  const where = `promql_expr_test of ${within}`;
  const fields = fieldsOf(reader, node, where, ['expr', 'eval_time', 'exp_samples']);
  return {
    expr: text(reader, fields, 'expr', where),
    evalTimeMs: duration(reader, fields, 'eval_time', where),
    expected: reader.items(fields.get('exp_samples')?.value, `exp_samples of ${where}`).map((item) => {
      const sample = fieldsOf(reader, item, `exp_samples of ${where}`, ['labels', 'value', 'histogram']);
      return {
        labels: text(reader, sample, 'labels', where),
        value: reader.number(sample.get('value')?.value, `value of ${where}`) ?? 0,
        histogram: text(reader, sample, 'histogram', where),
      };
    }),
  };
}

type Fields = ReadonlyMap<string, YamlEntry>;

function fieldsOf(reader: YamlReader, node: YamlNode, what: string, known: readonly string[]): Fields {
  return new Map(reader.entries(node, what, known).map((entry) => [entry.key, entry]));
}

function text(reader: YamlReader, fields: Fields, key: string, where: string): string {
  return reader.text(fields.get(key)?.value, `${key} of ${where}`);
}

function duration(reader: YamlReader, fields: Fields, key: string, where: string): number {
  const node = fields.get(key)?.value;
  return reader.isNull(node) ? 0 : (reader.duration(node, `${key} of ${where}`) ?? 0);
}

function boolean(reader: YamlReader, fields: Fields, key: string): boolean {
  const node = fields.get(key)?.value;
  const written = reader.text(node, key).toLowerCase();
  if (['true', 'yes', 'on', 'y'].includes(written)) return true;
  if (!['', 'false', 'no', 'off', 'n'].includes(written)) reader.error(node, `${key} must be true or false`);
  return false;
}

/** RFC 3339 or seconds since the epoch, to ms. */
function startTime(reader: YamlReader, entry: YamlEntry | undefined, where: string): number {
  const written = reader.text(entry?.value, `start_timestamp of ${where}`).trim();
  if (written === '') return 0;
  const isDate = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(written);
  const ms = isDate ? Date.parse(written) : Math.round(Number(written) * 1000);
  if (Number.isSafeInteger(ms)) return ms;
  reader.error(
    entry?.value,
    `start_timestamp of ${where}: ${JSON.stringify(written)} is not a time; write 2024-01-01T00:00:00Z or seconds since 1970`,
  );
  return 0;
}

function pairs(reader: YamlReader, fields: Fields, key: string, where: string): [string, string][] {
  const what = `${key} of ${where}`;
  return reader
    .entries(fields.get(key)?.value, what, undefined)
    .map((entry) => [entry.key, reader.text(entry.value, `${entry.key} in ${what}`)]);
}

function sorted(entries: Iterable<readonly [string, string]>): Pairs {
  return [...entries].sort(([a], [b]) => compareBytes(a, b));
}
