/** Rule files from a seed: mostly sound ones, written in all the ways that YAML and PromQL allow, and some with a fault. */
import { seededRandom } from '@watchroom/testkit';

export function generateRuleFile(seed: number): string {
  return new RuleFileWriter(seed).file();
}

const DURATIONS = [
  '5m',
  '1h30m',
  '0',
  '0s',
  '1d',
  '2w',
  '1y',
  '90s',
  '"10s"',
  '500ms',
  '1d12h30m5s100ms',
  "'1m'",
];
const BAD_DURATIONS = [
  '5',
  '-5m',
  '1m1h',
  '5 m',
  '1.5h',
  'abc',
  '1h ',
  '""',
  '[5m]',
  '5M',
  '1µs',
  '{a: 5m}',
  '99999999y',
];
const NAMES = [
  'a',
  'job:up:rate5m',
  '"quoted"',
  "'single'",
  'ünïcode',
  '"with space"',
  '5',
  'true',
  '1.0',
  'a-b',
  'null_',
  '~x',
];
const BAD_NAMES = ['""', '"x{y}"', '"a{b=\\"c\\"}"', 'null', '~', '[a]', '{a: b}'];
const LABEL_NAMES = ['a', 'severity', '"with space"', 'ünï', '_x', 'job', '5', 'true', '"a.b"', '__x__'];
const BAD_LABEL_NAMES = ['__name__', '""', '"\\xff"'];
const VALUES = [
  'x',
  '""',
  '5',
  '1.50',
  'true',
  'yes',
  'null',
  '~',
  '"a\\nb"',
  "'it''s'",
  '0x1F',
  '2024-01-01',
  'a b c',
  '"{{ 1 }}"',
  '!!str 5',
  '"\\u00e9"',
  '|\n          block\n          text',
  '>-\n          folded\n          text',
];
const BAD_VALUES = ['[a, b]', '{a: b}', '"unclosed', '@x', '`x`', '%x', '!!binary x', '*none'];
const TEMPLATES = [
  '"{{ $labels.a }}"',
  '"{{ $value | humanize }}"',
  '\'{{ with query "up" }}{{ . | first | value }}{{ end }}\'',
  '"{{ range $i, $x := .Labels }}{{ $i }}{{ end }}"',
  '"{{ if gt $value 1.0 }}a{{ else if eq 1 2 }}b{{ else }}c{{ end }}"',
  '"{{- /* comment */ -}}"',
  '"{{ define \\"t\\" }}x{{ end }}{{ template \\"t\\" . }}"',
  '"{{ printf \\"%.2f %s\\" $value $labels.a }}"',
  '"{{ block \\"b\\" . }}y{{ end }}"',
  '"{{ $x := 1 }}{{ $x = 2 }}{{ $x }}"',
  '"{{ . | label \\"a\\" | title }}"',
  '"{{ \\"a\\" | printf `%q` }}"',
  '"{{ break }}"',
  '"}} {"',
  '"{{ range . }}{{ continue }}{{ else }}n{{ end }}"',
  '"{{ (index .Labels \\"a\\") | len | not | and true }}"',
  '"{{ nil }}"',
  '"{{ 1_000 0x1p4 \'a\' }}"',
  '"{{ toUpper \\"x\\" | toLower | stripPort | stripDomain | reReplaceAll `a` `b` }}"',
];
const BAD_TEMPLATES = [
  '"{{ $lables.a }}"',
  '"{{ if }}"',
  '"{{ nosuch 1 }}"',
  '"{{ end }}"',
  '"{{ range . }}"',
  '"{{ template }}"',
  '"{{"',
  '"{{ . | }}"',
  '"{{ $x }}"',
  '"{{ 1 | 2 }}"',
  '"{{ \\"unclosed }}"',
  '"{{ .a..b }}"',
];
const EXPRS = [
  'up',
  'vector(1)',
  '1',
  '"text"',
  'sum by (a) (rate(x_total[5m]))',
  'up == 0',
  'x{a="b",c!="d",e=~"f.*",g!~"h|i"}',
  'histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))',
  'a / on (x) group_left (y) b',
  'x offset 5m @ 1000',
  'max_over_time(x[1h:5m])',
  '{"utf8 name", a="b"}',
  '-x ^ 2',
  'a and b or c unless d',
  'absent(x)',
  'label_replace(x, "a", "$1", "b", "(.*)")',
  'x > bool 1',
  'topk(5, x)',
  'x[5m]',
  'time()',
  'NaN',
  '0x1f',
  '1e-3',
  "x{a='b'}",
  '# comment\n          up',
  'x @ end()',
  '1_000',
  'sum(x) without (a)',
  'quantile(0.5, x)',
  'count_values("v", x)',
  'x{a="b",}',
  'a atan2 b',
  'first_over_time(x[5m])',
  'ts_of_max_over_time(x[5m])',
  'limitk(1, x)',
  'info(x)',
  'x[5m:] ',
  'sort_by_label(x, "a")',
  'x offset -5m',
  'rate(x[1y])',
  'x{le="+Inf"}',
  'sgn(x) % 2',
  'inf',
  'Inf - inf',
  'x[5m+1m]',
  'sum by (a,) (x)',
  'group(x) by (a)',
  'min(x) by ()',
  'x == on () y',
];
const BAD_EXPRS = [
  'atan2',
  'x{`a`}',
  'x{__name__="x"}',
  '',
  'up{',
  'sum(',
  'rate(up)',
  'x[5m] + 1',
  'x{a=~"("}',
  'nosuch(x)',
  'up up',
  'a + ',
  '{}',
  'x{__name__="y"}{',
  'x[0s]',
  'sum by a (x)',
  '1 and 2',
  '{a=~".*"}',
  'x offset',
  'x @ y',
  '"a" + 1',
  'topk(x)',
  'a / on (b) group_left group_right c',
  'x[5m:5m:5m]',
  '08',
  'x{"a"="b","c"}{',
  'x{a="b" c="d"}',
  'sum(x, y)',
  'bool',
  '$x',
  "x{a='b}",
  'x[-5m]',
  'x{a=b}',
  'x > bool y and bool z',
  '1 > 2',
];
const INTERVALS = ['5m', '1s', '"30s"', '0s', '~', '1h'];
const LIMITS = ['0', '5', '-1', '0x10', '~', '010'];
const BAD_LIMITS = ['"5"', 'x', '1.5', '[1]', 'true'];
const FAULTS = [
  'expr',
  'duration',
  'name',
  'label',
  'value',
  'template',
  'limit',
  'unknown',
  'both',
  'annotated record',
  'repeated key',
  'repeated group',
  'tab',
] as const;

type Fault = (typeof FAULTS)[number];

class RuleFileWriter {
  readonly #random: () => number;
  /** The one fault to be made, once, at some place that fits. */
  #fault: Fault | undefined;
  #names = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#fault = this.#chance(0.4) ? this.#pick(FAULTS) : undefined;
  }

  file(): string {
    const groups = Array.from({ length: 1 + this.#below(3) }, () => this.#group());
    const head = this.#pick(['', '# comment\n', '---\n', '%YAML 1.1\n---\n', '\n\n', '']);
    const text = `${head}groups:\n${groups.join('')}`;
    return this.#chance(0.1) ? text.replaceAll('\n', '\r\n') : text;
  }

  #group(): string {
    const name = this.#takes('repeated group') ? 'g0' : `${this.#pick(['g', 'a b ', 'ü'])}${this.#names++}`;
    const lines = [`- name: ${name}`];
    if (this.#chance(0.3)) lines.push(`  interval: ${this.#of('duration', INTERVALS, BAD_DURATIONS)}`);
    if (this.#chance(0.3)) lines.push(`  limit: ${this.#of('limit', LIMITS, BAD_LIMITS)}`);
    if (this.#chance(0.2)) lines.push(`  query_offset: ${this.#of('duration', DURATIONS, BAD_DURATIONS)}`);
    if (this.#chance(0.2)) lines.push(...this.#map('  labels', 'value'));
    if (this.#takes('unknown')) lines.push('  surprise: 1');
    if (this.#takes('tab')) lines.push('\tinterval: 1m');
    lines.push('  rules:');
    const rules = Array.from({ length: this.#below(4) }, () => this.#rule());
    return `${[...lines, ...rules.flat()].join('\n')}\n`;
  }

  #rule(): string[] {
    const alerts = this.#chance(0.5);
    const lines = [
      `  - ${alerts ? 'alert' : 'record'}: ${this.#of('name', NAMES, alerts ? ['""', '[a]'] : BAD_NAMES)}`,
      `    expr: ${this.#expression()}`,
    ];
    if (this.#takes('both')) lines.push(`    ${alerts ? 'record' : 'alert'}: other`);
    if (this.#chance(0.5)) lines.push(...this.#map('    labels', alerts ? 'template' : 'value'));
    if (alerts) {
      if (this.#chance(0.5)) lines.push(`    for: ${this.#of('duration', DURATIONS, BAD_DURATIONS)}`);
      if (this.#chance(0.2))
        lines.push(`    keep_firing_for: ${this.#of('duration', DURATIONS, BAD_DURATIONS)}`);
      if (this.#chance(0.5)) lines.push(...this.#map('    annotations', 'template'));
    } else if (this.#takes('annotated record'))
      lines.push(
        this.#pick(['    annotations: {a: b}', '    for: 5m', '    keep_firing_for: 1m', '    for: 0s']),
      );
    if (this.#takes('repeated key')) lines.push('    expr: up');
    return lines;
  }

  #map(key: string, kind: 'value' | 'template'): string[] {
    const indent = `${/^ */.exec(key)![0]}  `;
    const count = this.#below(4);
    if (count === 0) return [`${key}: ${this.#pick(['{}', '', '~'])}`];
    const names = new Set(
      Array.from({ length: count }, () =>
        key.includes('labels') ? this.#of('label', LABEL_NAMES, BAD_LABEL_NAMES) : this.#pick(LABEL_NAMES),
      ),
    );
    return [
      `${key}:`,
      ...Array.from(names, (name) => {
        const templated = kind === 'template' && this.#chance(0.6);
        const value = templated
          ? this.#of('template', TEMPLATES, BAD_TEMPLATES)
          : this.#of('value', VALUES, BAD_VALUES);
        return `${indent}${name}: ${value}`;
      }),
    ];
  }

  #expression(): string {
    const expr = this.#of('expr', EXPRS, BAD_EXPRS);
    const nested =
      expr === '' || !this.#chance(0.3) ? expr : `(${expr}) ${this.#pick(['+', '*', 'or', '>'])} sum(up)`;
    switch (this.#below(4)) {
      case 0:
        return `|\n          ${nested}`;
      case 1:
        return `>-\n          ${nested}`;
      case 2:
        return `'${nested.replaceAll("'", "''")}'`;
      default:
        return JSON.stringify(nested);
    }
  }

  #of(fault: Fault, sound: readonly string[], broken: readonly string[]): string {
    return this.#pick(this.#takes(fault) ? broken : sound);
  }

  /** Whether the file's fault is to be made here. */
  #takes(fault: Fault): boolean {
    if (this.#fault !== fault || !this.#chance(0.5)) return false;
    this.#fault = undefined;
    return true;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }
}
