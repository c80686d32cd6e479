import { describe, expect, it } from 'vitest';
import { parseRuleFile } from '../src/index.ts';

const GOOD = `
groups:
- name: g
  interval: 1m30s
  query_offset: 5s
  limit: 3
  labels: {team: a, tier: "1"}
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
    labels: {tier: 2}
  - alert: Down
    expr: |
      up == 0
    for: 5m
    keep_firing_for: 1h
    annotations:
      text: "{{ $labels.job }} {{ $value | humanize }}"
`;

/** `line: message` of every fault. */
function faults(text: string): string[] {
  const { groups, problems } = parseRuleFile(text, 'r.yml');
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) expect(groups).toEqual([]);
  return errors.map((problem) => `${problem.line}: ${problem.message}`);
}

const rule = (...lines: string[]): string => `groups:\n- name: g\n  rules:\n  - ${lines.join('\n    ')}\n`;

describe('a good file', () => {
  it('is read whole', () => {
    const { groups, problems } = parseRuleFile(GOOD, 'r.yml');
    expect(problems).toEqual([]);
    expect(groups[0]).toMatchObject({
      file: 'r.yml',
      name: 'g',
      intervalMs: 90_000,
      queryOffsetMs: 5000,
      limit: 3,
      line: 3,
    });
    const [record, alert] = groups[0]!.rules;
    expect(record).toMatchObject({
      kind: 'recording',
      name: 'job:up:sum',
      expr: 'sum by (job) (up)',
      line: 9,
    });
    expect(record!.labels.toObject()).toEqual({ team: 'a', tier: '2' });
    expect(alert).toMatchObject({
      kind: 'alerting',
      name: 'Down',
      expr: 'up == 0\n',
      forMs: 300_000,
      keepFiringForMs: 3_600_000,
    });
    expect(alert!.labels.toObject()).toEqual({ team: 'a', tier: '1' });
  });

  it.each(['', '# only a comment', 'groups:', 'groups: []', 'groups:\n- name: empty\n'])(
    'may be all but empty: %j',
    (text) => {
      expect(faults(text)).toEqual([]);
    },
  );

  it('may use anchors, merges and null', () => {
    const text = `groups:
- name: g
  rules:
  - &base {alert: A, expr: up, for: 1m, labels: ~}
  - {<<: *base, alert: B}
`;
    const { groups } = parseRuleFile(text, 'r.yml');
    expect(groups[0]!.rules.map((one) => [one.name, one.expr])).toEqual([
      ['A', 'up'],
      ['B', 'up'],
    ]);
  });

  it('warns that further documents are not read', () => {
    const { groups, problems } = parseRuleFile(`${GOOD}---\ngroups: []\n`, 'r.yml');
    expect(groups.length).toBe(1);
    expect(problems).toMatchObject([{ severity: 'warning', line: 20 }]);
  });
});

describe('faults', () => {
  it.each<[string, string, string]>([
    [
      'unknown key',
      rule('record: a', 'exprs: up', 'expr: up'),
      '5: unknown key "exprs" in a rule (group "g", rule 1); did you mean "expr"?',
    ],
    [
      'unknown group key',
      'groups:\n- name: g\n  intervall: 5s\n',
      '3: unknown key "intervall" in a rule group; did you mean "interval"?',
    ],
    ['unknown file key', 'rules: []\n', '1: unknown key "rules" in the rule file; known keys: groups'],
    [
      'both kinds',
      rule('record: a', 'alert: b', 'expr: up'),
      '5: group "g", rule 1, "b": only one of "record" and "alert" may be set',
    ],
    ['no kind', rule('expr: up'), '4: group "g", rule 1: one of "record" or "alert" must be set'],
    ['no expression', rule('record: a'), '4: group "g", rule 1, "a": "expr" must be set'],
    [
      'bad expression',
      rule('record: a', 'expr: sum('),
      '5: group "g", rule 1, "a": could not parse expression: ',
    ],
    [
      'for on a record',
      rule('record: a', 'expr: up', 'for: 5m'),
      '6: group "g", rule 1, "a": a recording rule has no "for"',
    ],
    [
      'annotations on a record',
      rule('record: a', 'expr: up', 'annotations: {a: b}'),
      '6: group "g", rule 1, "a": a recording rule has no "annotations"',
    ],
    [
      'braces in a name',
      rule('record: a{b="c"}', 'expr: up'),
      '4: group "g", rule 1, "a{b=\\"c\\"}": braces in a metric name',
    ],
    [
      'bad duration',
      rule('alert: a', 'expr: up', 'for: 5 minutes'),
      '6: for of group "g", rule 1, "a": "5 minutes" is not a duration',
    ],
    [
      'bad label name',
      rule('alert: a', 'expr: up', 'labels: {__name__: x}'),
      '6: labels of group "g", rule 1, "a": "__name__" cannot be the name of a label',
    ],
    [
      'bad template',
      rule('alert: a', 'expr: up', 'annotations:', '  t: "{{ $lables.x }}"'),
      '7: group "g", rule 1, "a": the template of annotation "t" does not parse: template: __alert_a:1: undefined variable "$lables"',
    ],
    ['no group name', 'groups:\n- rules: []\n', '2: a group needs a name'],
    ['two groups of one name', 'groups:\n- name: g\n- name: g\n', '3: the group name "g" is taken (line 2)'],
    ['limit', 'groups:\n- name: g\n  limit: many\n', '3: limit of group "g": "many" is not a number'],
    [
      'a limit in quotes',
      'groups:\n- name: g\n  limit: "5"\n',
      '3: limit of group "g": "5" is not a number; write it without quotes',
    ],
    ['an alias without an anchor', 'groups:\n- name: *g\n', '2: not valid YAML: there is no anchor &g'],
    [
      'an anchor within itself',
      'groups:\n- &g\n  name: g\n  <<: *g\n',
      '4: not valid YAML: the anchor &g contains itself',
    ],
    [
      'merges that grow like powers',
      `groups:\n- name: g\n  rules:\n  - &r0 {record: a, expr: up}\n${Array.from(
        { length: 40 },
        (_, i) => `  - &r${i + 1} {record: a, expr: up, <<: [*r${i}, *r${i}]}\n`,
      ).join('')}`,
      '17: more than 10000 merges by <<',
    ],
    [
      'binary that is none',
      rule('alert: a', 'expr: up', 'labels: {a: !!binary x}'),
      '6: not valid YAML: "x" is not base64, as !!binary says',
    ],
    [
      'a list as mapping',
      'groups:\n- name: g\n  rules: {}\n  labels: [a]\n',
      '4: labels of group "g" must be a mapping',
    ],
    ['a text as list', 'groups: nothing\n', '1: groups must be a list'],
    [
      'a key twice',
      rule('record: a', 'expr: up', 'expr: down'),
      '6: not valid YAML: Map keys must be unique',
    ],
  ])('%s', (_name, text, fault) => {
    const found = faults(text);
    expect(
      found.some((one) => one.startsWith(fault)),
      found.join('\n'),
    ).toBe(true);
  });

  it('are all told at once', () => {
    expect(faults(rule('record: a', 'for: 1m', 'exp: up')).length).toBe(3);
  });

  it('never throws, whatever is cut off', () => {
    for (let length = 0; length < GOOD.length; length++) {
      const parsed = parseRuleFile(GOOD.slice(0, length), 'r.yml');
      expect(Array.isArray(parsed.groups)).toBe(true);
    }
  });

  it('knows what experimental expressions are', () => {
    const text = rule('record: a', 'expr: sort_by_label(up, "job")');
    expect(faults(text).length).toBe(1);
    expect(parseRuleFile(text, 'r.yml', { experimental: true }).problems).toEqual([]);
  });
});
