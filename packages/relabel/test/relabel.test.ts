import { createHash } from 'node:crypto';
import { Labels } from '@watchroom/model';
import { describe, expect, it } from 'vitest';
import {
  type RelabelInput,
  relabel,
  relabelFault,
  relabelRule,
  Template,
  traceRelabel,
} from '../src/index.ts';

function after(labels: Record<string, string>, ...rules: RelabelInput[]): Record<string, string> | undefined {
  return relabel(Labels.fromObject(labels), rules.map(relabelRule))?.toObject();
}

describe('a template', () => {
  const match = { groups: ['ab', 'a', 'b'], named: { word: 2, '1x': 1 } };

  it.each([
    ['$1', 'a'],
    [`\${1}x`, 'ax'],
    ['$1x', 'a'],
    ['$2x', ''],
    ['$word', 'b'],
    [`\${word}$1`, 'ba'],
    ['$9', ''],
    ['$01', ''],
    ['$$1', '$1'],
    ['$', '$'],
    ['$ 1', '$ 1'],
    [`\${1`, `\${1`],
    [`\${}`, `\${}`],
    ['a$1-$2', 'aa-b'],
  ])('%s becomes %j', (template, expected) => {
    expect(new Template(template).fill(match)).toBe(expected);
  });
});

describe('a rule', () => {
  it('replaces with the groups of the joined values', () => {
    const rule = {
      sourceLabels: ['a', 'b'],
      separator: '/',
      regex: '(.+)/(.+)',
      targetLabel: 'c',
      replacement: '$2$1',
    };
    expect(after({ a: '1', b: '2' }, rule)).toEqual({ a: '1', b: '2', c: '21' });
  });

  it('leaves all as it is without a match, and removes the target when nothing is left', () => {
    expect(
      after({ a: '1' }, { sourceLabels: ['a'], regex: 'x', targetLabel: 'a', replacement: 'y' }),
    ).toEqual({ a: '1' });
    expect(after({ a: '1', b: '2' }, { sourceLabels: ['none'], targetLabel: 'b' })).toEqual({ a: '1' });
  });

  it('knows groups by name', () => {
    const rule = { sourceLabels: ['a'], regex: '(?P<host>[^:]+):.*', targetLabel: 'h', replacement: '$host' };
    expect(after({ a: 'x:1' }, rule)).toEqual({ a: 'x:1', h: 'x' });
  });

  it('takes the name of its target from the value', () => {
    const rule = { sourceLabels: ['a'], regex: '(.*)=(.*)', targetLabel: '$1', replacement: '$2' };
    expect(after({ a: 'k=v' }, rule)).toEqual({ a: 'k=v', k: 'v' });
    expect(after({ a: '0k=v' }, { ...rule, validation: 'legacy' })).toEqual({ a: '0k=v' });
  });

  it('keeps and drops by pattern and by equality', () => {
    expect(after({ a: 'x' }, { action: 'keep', sourceLabels: ['a'], regex: 'y' })).toBeUndefined();
    expect(after({ a: 'x' }, { action: 'drop', sourceLabels: ['a'], regex: 'x|z' })).toBeUndefined();
    expect(
      after({ a: 'x', b: 'x' }, { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' }),
    ).toBeDefined();
    expect(
      after({ a: 'x', b: 'x' }, { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b' }),
    ).toBeUndefined();
    expect(after({}, { action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b' })).toBeUndefined();
  });

  it('hashes by the last eight bytes of MD5', () => {
    const digest = createHash('md5').update('x;y').digest('hex').slice(16);
    const expected = String(BigInt(`0x${digest}`) % 1000n);
    const rule: RelabelInput = {
      action: 'hashmod',
      sourceLabels: ['a', 'b'],
      targetLabel: 'h',
      modulus: 1000,
    };
    expect(after({ a: 'x', b: 'y' }, rule)?.['h']).toBe(expected);
  });

  it('maps, drops and keeps by name', () => {
    const labels = { a_1: 'x', a_2: 'y', b: 'z' };
    expect(after(labels, { action: 'labelmap', regex: 'a_(.*)', replacement: 'n$1' })).toEqual({
      ...labels,
      n1: 'x',
      n2: 'y',
    });
    expect(after(labels, { action: 'labeldrop', regex: 'a_.*' })).toEqual({ b: 'z' });
    expect(after(labels, { action: 'labelkeep', regex: 'a_.*' })).toEqual({ a_1: 'x', a_2: 'y' });
  });

  it('changes case letter by letter', () => {
    expect(after({ a: 'Straße' }, { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'a' })).toEqual({
      a: 'STRAßE',
    });
    expect(after({ a: 'ÄB' }, { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'a' })).toEqual({
      a: 'äb',
    });
  });
});

it('a trace shows the labels after each rule, up to the one that dropped them', () => {
  const rules: RelabelInput[] = [
    { targetLabel: 'x', replacement: '1' },
    { action: 'drop', sourceLabels: ['x'], regex: '1' },
    { targetLabel: 'never', replacement: '1' },
  ];
  const steps = traceRelabel(Labels.fromObject({ a: '1' }), rules.map(relabelRule));
  expect(steps.map((step) => step.labels?.toObject())).toEqual([{ a: '1', x: '1' }, undefined]);
});

describe('a fault', () => {
  it.each<[RelabelInput, string]>([
    [{ action: 'hashmod', targetLabel: 'a' }, 'relabel configuration for hashmod requires non-zero modulus'],
    [{}, "relabel configuration for replace action requires 'target_label' value"],
    [{ targetLabel: '0', validation: 'legacy' }, `"0" is invalid 'target_label' for replace action`],
    [
      { action: 'lowercase', targetLabel: 'a', replacement: 'x' },
      "'replacement' can not be set for lowercase action",
    ],
    [
      { action: 'labelmap', replacement: '-', validation: 'legacy' },
      `"-" is invalid 'replacement' for labelmap action`,
    ],
    [
      { action: 'labeldrop', sourceLabels: ['a'] },
      "labeldrop action requires only 'regex', and no other fields",
    ],
    [
      { action: 'labelkeep', targetLabel: 'a' },
      "labelkeep action requires only 'regex', and no other fields",
    ],
    [
      { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b', regex: 'x' },
      "keepequal action requires only 'source_labels' and 'target_label', and no other fields",
    ],
  ])('of %j is found', (input, message) => {
    expect(relabelFault(relabelRule(input))?.message).toBe(message);
  });

  it('is not found in sound rules', () => {
    for (const input of [
      { targetLabel: `a\${1}b` },
      { targetLabel: `a\${1}b`, validation: 'legacy' },
      { action: 'labelmap', regex: 'a(.*)' },
    ] satisfies RelabelInput[]) {
      expect(relabelFault(relabelRule(input))).toBeUndefined();
    }
  });
});
