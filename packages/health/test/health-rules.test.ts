import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRuleFile } from '@watchroom/rules';
import { findPeer } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { HealthSettingsError, healthRules } from '../src/index.ts';
import { HEALTHY, Shop } from './shop.ts';

const SETTINGS = {
  objectives: [
    { service: 'order', availability: 0.999, latencySeconds: 0.5, p99Seconds: 1 },
    { service: 'pay.ment', availability: undefined, latencySeconds: 2, p99Seconds: 8 },
  ],
  intervalMs: 15_000,
};

/** Prometheus' own checker. Older ones compare samples bit by bit. */
const promtool = (): string | undefined => findPeer('promtool', 3);

function runPromtool(tool: string, files: Readonly<Record<string, string>>, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-health-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { status, stdout, stderr } = spawnSync(tool, args, { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return status === 0 ? 'ok' : stdout + stderr;
}

describe('healthRules', () => {
  it('gives a rule file without a fault', () => {
    const { groups, problems } = parseRuleFile(healthRules(SETTINGS), 'health.yml');
    expect(problems).toEqual([]);
    expect(groups.map((group) => [group.name, group.intervalMs])).toEqual([
      ['watchroom-health', 15_000],
      ['watchroom-resources', 15_000],
    ]);
    const tool = promtool();
    if (tool)
      expect(runPromtool(tool, { 'health.yml': healthRules(SETTINGS) }, 'check', 'rules', 'health.yml')).toBe(
        'ok',
      );
  });

  it('keeps services with an objective out of the default one', () => {
    expect(healthRules(SETTINGS)).toContain(String.raw`service!~"order|pay\\.ment"`);
    expect(healthRules(SETTINGS)).toContain('service="pay.ment",le=~"8|8[.]0"');
  });

  it.each([
    [{ weights: { tail: 0 } }, 'weights: tail: 0 is not a positive number'],
    [{ weights: { speed: 1 } as object }, 'weights: unknown component "speed"'],
    [{ objectives: [{ service: 'a' }, { service: 'a' }] }, 'stated twice'],
    [{ objectives: [{ service: 'a', availability: 1 }] }, 'leaves no error budget'],
    [{ objectives: [{ service: 'a', latencySeconds: -1 }] }, 'latency: -1 is not a positive number'],
    [{ intervalMs: 0 }, 'interval'],
  ])('refuses %j', (options, message) => {
    expect(() => healthRules(options)).toThrow(HealthSettingsError);
    expect(() => healthRules(options)).toThrow(message);
  });
});

/** A promtool test whose expected samples are ours: Prometheus' engine judges them. */
describe('scores beside Prometheus', () => {
  it('are the same at the same evaluation times', async () => {
    const shop = new Shop();
    await shop.load(SETTINGS);
    const situations = [
      HEALTHY,
      {
        ...HEALTHY,
        codes: { 200: 97.6, 503: 2.4 },
        within: [0.8, 0.9] as const,
        saturation: { cpu: 0.81, pool: 0.93 },
      },
      { ...HEALTHY, codes: { 200: 63, 2003: 37 }, up: [1, 0], gauges: { watchroom_threat_index: 33 } },
    ];
    const times: number[] = [];
    const firstMs = shop.clock.now();
    for (const situation of situations) {
      for (let i = 0; i < 12; i++) {
        await shop.step(() => {
          shop.scrape('order', situation);
          shop.scrape('search', { ...situation, saturation: { cpu: 0.99 } });
        });
      }
      times.push(shop.clock.now());
    }
    const cases: string[] = [];
    for (const timeMs of times) {
      const samples = await shop.query('watchroom:health:score', timeMs);
      expect(samples.length).toBe(2);
      const expected = samples.map(
        ({ labels, value }) => `          - {labels: '${labels}', value: ${value}}`,
      );
      cases.push(
        `      - expr: watchroom:health:score\n        eval_time: ${(timeMs - firstMs) / 1000}s\n        exp_samples:\n${expected.join('\n')}`,
      );
    }
    const tool = promtool();
    if (!tool) return;
    const test = [
      'rule_files: [health.yml]',
      'evaluation_interval: 15s',
      'fuzzy_compare: true',
      'tests:',
      '  - interval: 15s',
      '    input_series:',
      ...inputSeries(shop, firstMs),
      '    promql_expr_test:',
      ...cases,
    ].join('\n');
    expect(
      runPromtool(
        tool,
        { 'health.yml': healthRules(SETTINGS), 'test.yml': test },
        'test',
        'rules',
        'test.yml',
      ),
    ).toBe('ok');
  });
});

function inputSeries(shop: Shop, firstMs: number): string[] {
  const range = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER, stepMs: 0, rangeMs: 0, func: '' };
  const scraped = shop.store.select([], range).filter(({ labels }) => !/:|ALERTS/.test(labels.metricName));
  return scraped.map(({ labels, timestamps, values }) => {
    const at = new Map(Array.from(timestamps, (timeMs, i) => [timeMs, values[i]!]));
    const texts = Array.from({ length: 37 }, (_, i) => at.get(firstMs + 15_000 * i) ?? '_');
    return `      - {series: '${labels}', values: '${texts.join(' ')}'}`;
  });
}

describe('the resource ratios', () => {
  it('come from services and machines under one name', async () => {
    const shop = new Shop();
    await shop.load();
    for (let i = 0; i < 8; i++) {
      shop.scrape('order', { ...HEALTHY, saturation: { pool: 0.7 } });
      shop.scrapeMachine('box', { idle: 0.25, memory: 0.4, disk: 0.9 });
      await shop.clock.advance(15_000);
    }
    const samples = await shop.query('watchroom:resource:ratio');
    const found = samples.map(
      ({ labels, value }) => `${labels.get('instance')} ${labels.get('resource')} ${value.toFixed(3)}`,
    );
    expect(found.sort()).toEqual(['a pool 0.700', 'box cpu 0.750', 'box disk 0.900', 'box memory 0.400']);
  });
});
