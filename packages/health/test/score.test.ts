import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { HEALTHY, Shop, type Situation } from './shop.ts';

/** Enough for all rates to cover their two minutes. */
const STEPS = 12;

async function scoreOf(situation: Situation, service = 'order'): Promise<number | undefined> {
  const shop = new Shop();
  await shop.load({
    objectives: [{ service: 'order', availability: 0.999, latencySeconds: 0.5, p99Seconds: 1 }],
  });
  await shop.run(service, situation, STEPS);
  return shop.score(service);
}

const errors = (share: number): Situation => ({
  ...HEALTHY,
  codes: { 200: 100 * (1 - share), 503: 100 * share },
});

describe('the score of a situation', () => {
  it.each<[string, Situation, number]>([
    ['healthy', HEALTHY, 100],
    ['1 % errors', errors(0.01), 68],
    ['37 % errors', errors(0.37), 29],
    ['business failures count as errors', { ...HEALTHY, codes: { 200: 63, 2003: 37 } }, 29],
    ['half of requests between T and 4T', { ...HEALTHY, within: [0.5, 1] }, 72],
    ['60 % over 4T', { ...HEALTHY, within: [0.4, 0.4] }, 43],
    ['one resource at 98 %', { ...HEALTHY, saturation: { cpu: 0.4, pool: 0.98 } }, 66],
    ['all down', { up: [0, 0] }, 0],
  ])('%s', async (_name, situation, score) => {
    const own = await scoreOf(situation);
    expect(Math.abs(own! - score)).toBeLessThan(0.501);
    // Services without an objective get the default one, which is the same.
    expect(await scoreOf(situation, 'search')).toBe(own);
  });

  it('is unknown when nothing is asked of the service', async () => {
    expect(await scoreOf({ up: [1], saturation: { cpu: 0.1 } })).toBe(undefined);
    expect(await scoreOf({ codes: { 200: 0 }, up: [1], saturation: { cpu: 0.1 } })).toBe(undefined);
  });

  it('weighs as configured', async () => {
    const shop = new Shop();
    await shop.load({ weights: { availability: 1, latency: 1, tail: 1, saturation: 1, instances: 1 } });
    await shop.run('order', { ...HEALTHY, up: [1, 0] }, STEPS);
    // Components 100, 100, 100, 100 and 50, capped at 10 + 50.
    expect(await shop.score('order')).toBe(60);
    const [weight] = await shop.query('sum(watchroom:health:weight)');
    expect(weight!.value).toBe(5);
  });

  it('takes bounds as OpenMetrics writes them', async () => {
    const shop = new Shop();
    await shop.load();
    await shop.run('order', { ...HEALTHY, within: [0.5, 1] }, STEPS);
    const [apdex] = await shop.query('svc:apdex2m');
    expect(apdex!.value).toBeCloseTo(0.75, 9);
    const rule = shop.manager.groups()[0]!.rules.find((one) => one.name === 'svc:apdex2m');
    expect(rule!.expr).toContain('le=~"2|2[.]0"');
  });
});

describe('the rules that the score was tuned with', () => {
  const folder = corpusFolder('../health');
  it
    .runIf(folder)
    .each([HEALTHY, errors(0.013), { ...HEALTHY, within: [0.7, 0.8] as const, saturation: { cpu: 0.91 } }])(
    'give the same score: %j',
    async (situation) => {
      const [ours, theirs] = [new Shop(), new Shop()];
      await ours.load({ objectives: [{ service: 'order' }] });
      await theirs.loadText(readFileSync(join(folder!, 'health-rules.yml'), 'utf8'));
      for (const shop of [ours, theirs]) await shop.run('order', situation, STEPS);
      expect(Math.abs((await ours.score('order'))! - (await theirs.score('order'))!)).toBeLessThan(1e-9);
    },
  );
});

describe('the alert on a score', () => {
  it('is one episode when errors swing between 2.2 % and 1.2 % for an hour; seven without the distance of its bounds', async () => {
    const shop = new Shop();
    await shop.load();
    let below = 0;
    let held = 0;
    let plain = 0;
    await shop.run('order', HEALTHY, STEPS);
    shop.manager.onAlerts(({ changed }) => {
      for (const alert of changed)
        if (
          alert.labels.get('alertname') === 'HealthLow' &&
          alert.state === 'firing' &&
          alert.firedAtMs === shop.clock.now()
        )
          held++;
    });
    for (let step = 0; step < 240; step++) {
      // A swing of 8 min 45 s, as slow as the wave that the rules were tuned with.
      const wave = Math.sin((2 * Math.PI * step) / 35) * 0.005 + 0.017;
      await shop.run('order', errors(wave), 1);
      below = (await shop.score('order'))! < 60 ? below + 1 : 0;
      if (below === 3) plain++;
    }
    expect(held).toBe(1);
    expect(plain).toBe(7);
  });
});
