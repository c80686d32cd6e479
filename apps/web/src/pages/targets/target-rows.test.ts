import { describe, expect, it } from 'vitest';
import type { Target } from '../../api/index.ts';
import { filterTargets, labelChanges, poolsOf, sortTargets, traceSteps } from './target-rows.ts';

const target = (id: string, health: Target['health'], more: Partial<Target> = {}): Target => ({
  id,
  health,
  discoveredLabels: {},
  labels: { job: 'shop' },
  scrapePool: 'shop',
  scrapeUrl: `http://${id}/metrics`,
  lastError: '',
  lastScrape: 1000,
  lastScrapeDuration: 0.01,
  scrapeInterval: '1s',
  scrapeTimeout: '1s',
  ...more,
});

describe('targets', () => {
  const targets = [
    target('a', 'up'),
    target('b', 'down', { lastError: 'connection refused' }),
    target('c', 'unknown'),
  ];

  it('are counted by pool', () => {
    expect(poolsOf([...targets, target('d', 'up', { scrapePool: 'node' })])).toEqual([
      { name: 'node', up: 1, total: 1 },
      { name: 'shop', up: 1, total: 3 },
    ]);
  });

  it('come with the broken ones first, and stay in order otherwise', () => {
    expect(sortTargets(targets, { key: 'state', descending: false }).map(({ id }) => id)).toEqual([
      'b',
      'c',
      'a',
    ]);
  });

  it('are found by their error, and by not being up', () => {
    const find = (text: string, unhealthy: boolean) =>
      filterTargets(targets, { text, unhealthy, pool: undefined }).map(({ id }) => id);
    expect(find('refused', false)).toEqual(['b']);
    expect(find('', true)).toEqual(['b', 'c']);
  });
});

describe('relabelling', () => {
  it('shows what a step adds, changes and removes', () => {
    expect(labelChanges({ a: '1', b: '2' }, { b: '3', c: '4' })).toEqual([
      { name: 'a', before: '1', after: undefined },
      { name: 'b', before: '2', after: '3' },
      { name: 'c', before: undefined, after: '4' },
    ]);
  });

  it('gives each step the labels before it', () => {
    const steps = traceSteps({
      discoveredLabels: { a: '1' },
      steps: [
        { rule: { action: 'replace', source_labels: ['a'], target_label: 'b' }, labels: { a: '1', b: '1' } },
        { rule: { action: 'drop' }, labels: null },
      ],
      labels: null,
    });
    expect(steps[0]).toMatchObject({
      number: 1,
      rule: 'source_labels: [a], target_label: b',
      before: { a: '1' },
    });
    expect(steps[1]).toMatchObject({ number: 2, action: 'drop', before: { a: '1', b: '1' }, after: null });
  });
});
