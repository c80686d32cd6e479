import { Labels } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { explainHealth, type HealthSample } from '../src/index.ts';
import { HEALTHY, Shop, type Situation } from './shop.ts';

const STEPS = 12;

async function explained(
  situation: Situation,
): Promise<{ shop: Shop; explanation: Awaited<ReturnType<Shop['explain']>> }> {
  const shop = new Shop();
  await shop.load();
  await shop.run('order', situation, STEPS);
  return { shop, explanation: await shop.explain('order') };
}

const sum = (losses: readonly number[]): number => losses.reduce((total, loss) => total + loss, 0);

describe('explainHealth', () => {
  it('names what costs points, with queries that give the values it states', async () => {
    const { shop, explanation } = await explained({
      ...HEALTHY,
      codes: { 200: 63, 2003: 37 },
      saturation: { cpu: 0.5, pool: 0.98 },
      gauges: { watchroom_threat_index: 50 },
    });
    const byId = new Map(explanation.parts.map((part) => [part.id, part]));
    expect(byId.get('saturation')!.worst).toEqual({ resource: 'pool', instance: 'a' });
    expect(byId.get('cap')).toMatchObject({ kind: 'cap', by: 'availability' });
    expect(byId.get('security')!.loss).toBe(10);
    expect(sum(explanation.parts.map((part) => part.loss))).toBeCloseTo(100 - explanation.score!, 9);
    for (const part of explanation.parts) {
      if (part.query === '') continue;
      const [sample] = await shop.query(part.query, explanation.atMs);
      expect([part.id, sample!.value]).toEqual([part.id, part.value]);
    }
  });

  it('reads everything at the instant of the score', async () => {
    const { shop, explanation } = await explained(HEALTHY);
    expect(explanation).toMatchObject({ score: 100, atMs: shop.clock.now() });
    await shop.clock.advance(7000);
    shop.scrape('order', { ...HEALTHY, saturation: { cpu: 1 } });
    expect((await shop.explain('order')).atMs).toBe(explanation.atMs);
    expect((await shop.explain('order')).score).toBe(100);
  });

  it('says why a score is unknown, and lists what there is', async () => {
    const idle = (await explained({ up: [1], saturation: { cpu: 0.8 } })).explanation;
    expect(idle).toMatchObject({ score: null, unknown: 'low_coverage' });
    expect(idle.coverage).toBeCloseTo(0.3, 9);
    expect(idle.parts.map((part) => part.id)).toEqual(['saturation', 'instances']);
    const { shop } = await explained(HEALTHY);
    expect(await shop.explain('nobody')).toMatchObject({
      score: null,
      coverage: null,
      unknown: 'no_service',
      parts: [],
    });
  });

  it('blames targets that are all down', async () => {
    const { explanation } = await explained({ up: [0, 0] });
    expect(explanation.score).toBe(0);
    expect(explanation.parts.map(({ kind, loss }) => [kind, loss])).toEqual([
      ['down', 100],
      ['component', 0],
    ]);
  });

  it('adds up for any components, weights and penalties', async () => {
    const random = seededRandom(7);
    for (let i = 0; i < 500; i++) {
      const recorded = randomRecord(random);
      const explanation = await explainHealth({
        service: 's',
        timeMs: 5000,
        query: async (promql) => answer(recorded, promql),
      });
      const total = sum(explanation.parts.map((part) => part.loss));
      if (recorded.score === undefined) expect(explanation.score).toBe(null);
      else expect(Math.abs(total - (100 - recorded.score))).toBeLessThan(1e-9);
      const clamp = explanation.parts.find((part) => part.kind === 'clamp');
      // Only a score that would lie below 0 is clamped; all else is explained.
      if (clamp) expect([recorded.score, clamp.loss < 0]).toEqual([0, true]);
    }
  });
});

interface Recorded {
  readonly components: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly penalties: Readonly<Record<string, number>>;
  readonly coverage: number;
  readonly score: number | undefined;
}

const NAMES = ['availability', 'latency', 'tail', 'saturation', 'instances'];
const ALLOWANCE: Record<string, number> = { availability: 20, latency: 20, saturation: 50, instances: 10 };

/** The formula of the rules, written out once more. */
function randomRecord(random: () => number): Recorded {
  const pick = (names: readonly string[], keep: number, top: number): Record<string, number> =>
    Object.fromEntries(names.filter(() => random() < keep).map((name) => [name, random() * top]));
  const components = pick(NAMES, 0.8, 100);
  const weights = Object.fromEntries(NAMES.map((name) => [name, 1 + random() * 50]));
  const penalties = pick(['security', 'anomaly', 'probes'], 0.5, 20);
  const present = Object.keys(components);
  const weight = sum(present.map((name) => weights[name]!));
  const coverage = weight / sum(Object.values(weights));
  const mean = sum(present.map((name) => weights[name]! * components[name]!)) / weight;
  const cap = Math.min(...present.map((name) => (ALLOWANCE[name] ?? 1000) + components[name]!));
  const score = Math.min(100, Math.max(0, Math.min(mean, cap) - sum(Object.values(penalties))));
  return { components, weights, penalties, coverage, score: coverage >= 0.5 ? score : undefined };
}

function answer(recorded: Recorded, promql: string): HealthSample[] {
  const one = (value: number | undefined): HealthSample[] =>
    value === undefined ? [] : [{ labels: Labels.EMPTY, value }];
  const many = (name: string, values: Readonly<Record<string, number>>): HealthSample[] =>
    Object.entries(values).map(([key, value]) => ({ labels: Labels.fromObject({ [name]: key }), value }));
  if (promql.startsWith('timestamp(')) return one(recorded.score === undefined ? undefined : 5);
  if (promql.startsWith('watchroom:health:score')) return one(recorded.score);
  if (promql.startsWith('watchroom:health:coverage')) return one(recorded.coverage);
  if (promql.startsWith('watchroom:health:component')) return many('component', recorded.components);
  if (promql.startsWith('watchroom:health:weight')) return many('component', recorded.weights);
  if (promql.startsWith('watchroom:health:penalty')) return many('penalty', recorded.penalties);
  return one(1);
}
