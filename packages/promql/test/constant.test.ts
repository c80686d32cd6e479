import { Labels } from '@watchroom/model';
import { MemoryStore, seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { Engine, isConstant, parseExpr } from '../src/index.ts';

const saysConstant = (query: string): boolean => isConstant(parseExpr(query, { experimental: true }));

describe('what is constant', () => {
  it.each([
    '1',
    '"text"',
    '-(2 ^ 3)',
    'vector(1)',
    'scalar(vector(2)) + pi()',
    'label_replace(vector(35), "component", "availability", "", "") or vector(25)',
    'topk(1, vector(1) or label_join(vector(2), "a", "", "b"))',
    'sum by (a) (clamp(vector(3), 0, 2)) > bool 1',
  ])('%s', (query) => {
    expect(saysConstant(query)).toBe(true);
  });

  it.each([
    ['a', 'a series'],
    ['vector(1) + a', 'one of two sides'],
    ['a + vector(1)', 'the other'],
    ['topk(scalar(a), vector(1))', 'a parameter'],
    ['sum(a)', 'of series'],
    ['vector(time())', 'the time'],
    ['minute()', 'a part of the time'],
    ['timestamp(vector(1))', 'the time of the evaluation'],
    ['absent(a)', 'what is not there'],
    ['max_over_time(vector(1)[1m:10s])', 'a subquery, of which nothing is said'],
    ['a[1m]', 'a matrix'],
  ])('is not %s: %s', (query) => {
    expect(saysConstant(query)).toBe(false);
  });

  it('is what the engine gives at other times of another store, too, of hundreds of expressions', async () => {
    const random = seededRandom(5);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
    const leaf = ['vector(1)', 'vector(-2)', 'vector(3)', 'vector(time())', 'a', 'timestamp(vector(1))'];
    const expression = (depth: number): string => {
      const inner = (): string => expression(depth - 1);
      if (depth === 0) return pick(leaf);
      return pick([
        () => `(${inner()}) ${pick(['+', '/', '<', '>= bool', 'and', 'or', 'unless'])} (${inner()})`,
        () => `(${inner()}) ${pick(['*', '%'])} ${pick(['2', 'scalar(vector(3))', 'time()'])}`,
        () => `${pick(['sum(', 'stddev(', 'count(', 'topk(1, ', 'quantile(0.5, '])}${inner()})`,
        () => `${pick(['abs', 'sqrt', 'sort', 'absent', 'day_of_week'])}(${inner()})`,
        () => `label_replace(${inner()}, "${pick(['i', 'j'])}", "x", "", "")`,
      ])();
    };
    const engine = new Engine();
    const full = new MemoryStore();
    full.add(Labels.fromObject({ __name__: 'a' }), [[90_000, 7]]);
    let constant = 0;
    for (let i = 0; i < 2_000; i++) {
      const query = expression(1 + (i % 3));
      if (!saysConstant(query)) continue;
      constant++;
      const at = async (querier: MemoryStore, timeMs: number): Promise<string> => {
        try {
          const { value } = await engine.instant({ query, querier, timeMs });
          if (value.type !== 'vector') return String(value.type);
          return value.samples.map(({ labels, value: sample }) => `${labels.key} ${sample}`).join('\n');
        } catch (error) {
          return String(error);
        }
      };
      expect(await at(full, 100_000), query).toBe(await at(new MemoryStore(), 1_000));
    }
    expect(constant).toBeGreaterThan(300);
  });
});
