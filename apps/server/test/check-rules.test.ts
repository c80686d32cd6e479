import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeer } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { checkRulesCommand } from '../src/cli/check-rules.ts';
import { generateRuleFile } from './generated-rules.ts';
import { type Printed, printedBy, printedByPromtool } from './rule-peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-rules-'));
const promtool = findPeer('promtool', 3);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const check = (...args: string[]): Promise<Printed> => printedBy(() => checkRulesCommand(args));

const rule = (lines: string): string =>
  `groups:\n- name: g\n  rules:\n${lines.trim().replace(/^/gm, '  ')}\n`;
const TWICE = rule(`
- {record: x, expr: a, labels: {b: "1", a: "2"}}
- {record: x, expr: b, labels: {a: "2", b: "1"}}
- {record: x, expr: c, labels: {a: "2", b: "1"}}
- {alert: y, expr: up == 0}
- {alert: y, expr: up == 1}
`);

describe('watchroom check-rules', () => {
  it('counts the rules of a sound file', async () => {
    const path = file('sound.yml', rule('- {record: x, expr: vector(1)}'));
    expect(await check(path)).toEqual({
      status: 0,
      stdout: `Checking ${path}\n  SUCCESS: 1 rules found\n\n`,
      stderr: '',
    });
  });

  it('names file, line, column, rule, value and remedy of each fault', async () => {
    const path = file(
      'broken.yml',
      rule('- record: x\n  expr: sum(\n- alert: y\n  exp: up\n  for: 5\n  annotations: {a: "{{ $labls }}"}'),
    );
    const { status, stderr } = await check(path);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      '  FAILED:',
      `${path}: 5:11: group "g", rule 1, "x": could not parse expression: 1:5: parse error: unclosed left parenthesis`,
      `${path}: 7:5: unknown key "exp" in a rule (group "g", rule 2); did you mean "expr"?`,
      `${path}: 6:5: group "g", rule 2, "y": "expr" must be set`,
      `${path}: 8:10: for of group "g", rule 2, "y": "5" is not a duration; write for example 30s, 5m or 1h30m`,
      `${path}: 9:22: group "g", rule 2, "y": the template of annotation "a" does not parse: template: __alert_y:1: undefined variable "$labls"`,
      '',
    ]);
  });

  it('passes over what it is told to', async () => {
    const path = file('extra.yml', rule('- {record: x, expr: vector(1), team: a}'));
    expect((await check(path)).status).toBe(1);
    expect((await check('--ignore-unknown-fields', path)).status).toBe(0);
  });

  it('lists rules that are there twice, and fails for them when told to', async () => {
    const path = file('twice.yml', TWICE);
    const { status, stderr } = await check(path);
    expect(status).toBe(0);
    expect(stderr.split('\n')).toEqual([
      ...['  FAILED:', 'lint error 2 duplicate rule(s) found.'],
      ...['Metric: x', 'Label(s):', '\ta: 2', '\tb: 1', 'Metric: y', 'Label(s):'],
      ...['Might cause inconsistency while recording expressions', ''],
    ]);
    expect((await check('--lint-fatal', path)).status).toBe(3);
    expect((await check('--lint-fatal', '--lint=none', path)).status).toBe(0);
  });

  it('reads experimental functions when they are switched on', async () => {
    const path = file('experimental.yml', rule('- {record: x, expr: "first_over_time(a[5m])"}'));
    expect((await check(path)).status).toBe(1);
    expect((await check('--enable-feature=promql-experimental-functions', path)).status).toBe(0);
  });

  it('wants files that are there', async () => {
    await expect(checkRulesCommand([join(folder, 'none.yml')])).rejects.toMatchObject({ exitCode: 1 });
    await expect(checkRulesCommand([folder])).rejects.toMatchObject({ exitCode: 1 });
  });
});

describe.runIf(promtool)('beside promtool', () => {
  it('prints the same for sound files, duplicates and a fault', async () => {
    const sound = file('a.yml', rule('- {record: x, expr: vector(1)}'));
    const twice = file('b.yml', TWICE);
    const broken = file('c.yml', rule('- {record: x, expr: sum(}'));
    for (const args of [[sound], [twice, sound], ['--lint-fatal', twice], ['--lint=none', twice], [broken]])
      expect(await check(...args)).toEqual(printedByPromtool(promtool!, ['check', 'rules', ...args]));
  });

  it('accepts and refuses the same of 250 generated files', async () => {
    const files = Array.from({ length: 250 }, (_, seed) => file(`${seed}.yml`, generateRuleFile(seed)));
    const verdicts = ({ stdout }: Printed): string[] =>
      stdout.split('Checking ').map((part) => `${part.split('\n')[0]} ${part.includes('SUCCESS')}`);
    const ours = verdicts(await check('--lint=none', ...files));
    expect(ours).toEqual(verdicts(printedByPromtool(promtool!, ['check', 'rules', '--lint=none', ...files])));
    expect(ours.filter((line) => line.endsWith('true')).length).toBeGreaterThan(100);
  });
});
