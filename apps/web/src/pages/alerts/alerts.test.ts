import type { LiveAlert } from '@watchroom/contract';
import { describe, expect, it } from 'vitest';
import type { Rule, RuleGroup } from '../../api/index.ts';
import { filterAlerts, groupAlerts } from './alert-groups.ts';
import { filterRules, ruleState } from './rule-rows.ts';

const alert = (name: string, state: LiveAlert['state'], more: Partial<LiveAlert> = {}): LiveAlert => ({
  name,
  state,
  labels: { alertname: name },
  annotations: {},
  value: 1,
  activeAtMs: 1000,
  firedAtMs: state === 'pending' ? undefined : 2000,
  resolvedAtMs: state === 'resolved' ? 3000 : undefined,
  ...more,
});

describe('alerts', () => {
  const entries = [
    ['a', alert('Low', 'resolved')],
    ['b', alert('Low', 'firing', { labels: { service: 'order', severity: 'warning' } })],
    ['c', alert('Critical', 'firing', { labels: { service: 'cart', severity: 'critical' } })],
    ['d', alert('Low', 'pending')],
  ] as const;

  it('are grouped by name, the worst group first, firing before pending before resolved', () => {
    const groups = groupAlerts(entries);
    expect(groups.map(({ name }) => name)).toEqual(['Critical', 'Low']);
    expect(groups[1]?.alerts.map(([id]) => id)).toEqual(['b', 'd', 'a']);
    expect(groups[1]?.counts).toEqual({ firing: 1, pending: 1, resolved: 1 });
  });

  it('are found by every word of the filter, in names and labels', () => {
    const ids = (text: string, state: 'all' | 'firing' = 'all') =>
      filterAlerts(entries, { text, state }).map(([id]) => id);
    expect(ids('low service=order')).toEqual(['b']);
    expect(ids('', 'firing')).toEqual(['b', 'c']);
    expect(ids('nothing like it')).toEqual([]);
  });
});

describe('rules', () => {
  const rule = (name: string, more: object = {}): Rule =>
    ({
      type: 'recording',
      name,
      query: 'up',
      labels: {},
      health: 'ok',
      evaluationTime: 0,
      lastEvaluation: 1,
      ...more,
    }) as Rule;
  const alerting = rule('Down', { type: 'alerting', state: 'firing', duration: 0, annotations: {} });
  const groups: readonly RuleGroup[] = [
    {
      name: 'g',
      file: 'f',
      interval: 1,
      evaluationTime: 0,
      lastEvaluation: 1,
      rules: [rule('a:b'), alerting],
    },
  ];

  it('that fail are critical whatever they found, those never evaluated unknown', () => {
    expect(ruleState(rule('x', { health: 'err' }))).toBe('critical');
    expect(ruleState(rule('x', { health: 'unknown' }))).toBe('unknown');
    expect(ruleState(alerting)).toBe('warning');
  });

  it('are filtered by kind, state and text; empty groups leave', () => {
    const names = (state: 'all' | 'firing' | 'recording', text = '') =>
      filterRules(groups, { text, state }).flatMap(({ rules }) => rules.map(({ name }) => name));
    expect(names('firing')).toEqual(['Down']);
    expect(names('recording')).toEqual(['a:b']);
    expect(filterRules(groups, { text: 'zzz', state: 'all' })).toEqual([]);
  });
});
