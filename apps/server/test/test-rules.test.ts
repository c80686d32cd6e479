import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeer } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { testRulesCommand } from '../src/cli/test-rules.ts';
import { type Printed, printedBy, printedByPromtool } from './rule-peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'test-rules-'));
const promtool = findPeer('promtool', 3);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const test = (...args: string[]): Promise<Printed> => printedBy(() => testRulesCommand(args));

file(
  'rules.yml',
  `
groups:
- name: second
  rules:
  - {record: job:up:sum2, expr: job:up:sum * 2}
- name: first
  labels: {team: shop}
  rules:
  - {record: job:up:sum, expr: sum by (job) (up)}
  - alert: Down
    expr: up == 0
    for: 2m
    keep_firing_for: 3m
    labels: {severity: page}
    annotations: {text: "{{ $labels.job }} of {{ $externalLabels.site }} at {{ $externalURL }}: {{ $value }}"}
  - {record: h:rate, expr: 'rate(h[2m])'}
`,
);

const GOOD = `
rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [first, second]
tests:
- name: all is well
  interval: 1m
  external_labels: {site: lab}
  external_url: http://wall.example
  input_series:
  - {series: 'up{job="a"}', values: '1 0x4 1x10'}
  - {series: 'h', values: '{{schema:0 sum:1 count:1 buckets:[1]}}+{{sum:2 count:2 buckets:[2]}}x5'}
  alert_rule_test:
  - {eval_time: 1m, alertname: Down}
  - eval_time: 3m
    alertname: Down
    exp_alerts:
    - exp_labels: {job: a, severity: page, team: shop}
      exp_annotations: {text: "a of lab at http://wall.example: 0"}
  - eval_time: 7m
    alertname: Down
    exp_alerts:
    - exp_labels: {job: a, severity: page, team: shop}
      exp_annotations: {text: "a of lab at http://wall.example: 0"}
  promql_expr_test:
  - expr: job:up:sum2
    eval_time: 7m
    exp_samples: [{labels: 'job:up:sum2{job="a", team="shop"}', value: 2}]
  - expr: up + 0.1
    eval_time: 0
    exp_samples: [{labels: '{job="a"}', value: 1.1}]
  - expr: h:rate * 60
    eval_time: 3m
    exp_samples: [{labels: '{team="shop"}', histogram: '{{sum:2 count:2 counter_reset_hint:gauge buckets:[2]}}'}]
`;

const WRONG = `
rule_files: [rules.yml, "none-*.yml"]
tests:
- name: what fails
  interval: 1m
  input_series: [{series: 'up{job="a"}', values: '0x10'}, {series: 'up{job="b"}', values: '1 _ stale 3'}]
  alert_rule_test:
  - eval_time: 5m
    alertname: Down
    exp_alerts:
    - exp_labels: {job: c, severity: page, only: here}
      exp_annotations: {text: "b"}
  - {eval_time: 4m, alertname: Down}
  promql_expr_test:
  - {expr: up, eval_time: 3m, exp_samples: [{labels: 'up{job="a"}', value: 0}]}
  - {expr: up, eval_time: 9m}
  - {expr: 'up{job="b"} == 7', eval_time: 3m, exp_samples: [{labels: '{}', value: .inf}]}
  - {expr: 'sum(', eval_time: 3m}
- interval: 1m
  promql_expr_test:
  - {expr: vector(0.1 + 0.2), eval_time: 0, exp_samples: [{value: 0.3}]}
- {}
`;

describe('watchroom test-rules', () => {
  it('passes what holds', async () => {
    expect(await test(file('good.yml', GOOD))).toEqual({ status: 0, stdout: '  SUCCESS\n\n', stderr: '' });
  });

  it('fails for what does not, in the words that people know', async () => {
    const { status, stderr } = await test(file('wrong.yml', WRONG));
    expect(status).toBe(1);
    expect(stderr).toContain('alertname: Down, time: 4m, \n        exp:[], \n        got:[\n');
    expect(stderr).toContain('expr: "up", time: 3m,\n        exp: {__name__="up", job="a"} 0E+00\n');
    expect(stderr).toContain('exp: {} 3E-01\n        got: {} 3.0000000000000004E-01');
    expect(stderr).toContain('expr: "sum(", time: 3m, err: 1:5: parse error: unclosed left parenthesis');
  });

  it('takes neighbouring numbers for equal where the file says so', async () => {
    const text =
      'tests:\n- promql_expr_test: [{expr: 0.1 + 0.2, eval_time: 0, exp_samples: [{value: 0.3}]}]\n';
    expect((await test(file('exact.yml', text))).status).toBe(1);
    expect((await test(file('fuzzy.yml', `fuzzy_compare: true\n${text}`))).status).toBe(0);
  });

  it('starts the clock where a test says so', async () => {
    const path = file(
      'start.yml',
      `tests:
- start_timestamp: 2024-02-29T00:00:00Z
  promql_expr_test: [{expr: day_of_month(), eval_time: 25h, exp_samples: [{labels: '{}', value: 1}]}]
`,
    );
    expect((await test(path)).stderr).toBe('');
  });

  it('runs the tests whose names are asked for', async () => {
    const path = file('named.yml', WRONG);
    expect((await test('--run=nothing', path)).status).toBe(0);
    expect((await test('--run=nothing', '--run', 'wh.t f', path)).status).toBe(1);
  });

  it('names the line of a key that nobody knows', async () => {
    const path = file('unknown.yml', 'tests:\n- intervall: 1m\n');
    const { status, stderr } = await test(path);
    expect(status).toBe(1);
    expect(stderr).toContain('line 2: unknown key "intervall" in tests[0]; did you mean "interval"?');
  });
});

describe.runIf(promtool)('beside promtool', () => {
  it.each([
    ['a pass', [], 'good.yml', GOOD],
    ['failures', [], 'wrong.yml', WRONG],
    ['failures as a coloured difference', ['--diff'], 'wrong.yml', WRONG],
    ['what --run takes', ['--run=what'], 'wrong.yml', WRONG],
  ])('prints the same for %s', async (_what, options, name, text) => {
    const path = file(name, text);
    const theirs = printedByPromtool(promtool!, ['test', 'rules', ...options, path]);
    expect(await test(...options, path)).toEqual(theirs);
  });

  it('writes the same JUnit XML but for the time', async () => {
    const [good, wrong] = [file('good.yml', GOOD), file('wrong.yml', WRONG)];
    const [ours, theirs] = [join(folder, 'ours.xml'), join(folder, 'theirs.xml')];
    await test('--junit', ours, good, wrong);
    printedByPromtool(promtool!, ['test', `--junit=${theirs}`, 'rules', good, wrong]);
    const timeless = (path: string): string =>
      readFileSync(path, 'utf8').replaceAll(/timestamp="[^"]*"/g, 'timestamp=""');
    expect(timeless(ours)).toBe(timeless(theirs));
  });
});
