import { Labels } from '@watchroom/model';
import { MemoryStore, seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { Engine, isSurelyEmpty, parseExpr } from '../src/index.ts';

/** There are series of `a`, `b` and `two`, which has doubles but for `i`; none of other metrics. */
const KNOWN: ReadonlySet<string> = new Set(['a', 'b', 'two']);
const lacks = (name: string): boolean => !KNOWN.has(name);
const saysEmpty = (query: string): boolean => isSurelyEmpty(parseExpr(query, { experimental: true }), lacks);

function newStore(): MemoryStore {
  const store = new MemoryStore();
  for (const labels of [
    { __name__: 'a' },
    { __name__: 'b' },
    ...['1', '2'].map((i) => ({ __name__: 'two', i })),
  ])
    store.add(
      Labels.fromObject({ job: 'x', ...labels }),
      [0, 30, 60].map((s) => [s * 1_000, s + 1] as const),
    );
  return store;
}

describe('what is surely empty', () => {
  it.each([
    'none',
    'none{job="x"} offset 5m @ 10',
    '{__name__="none"}',
    '-(none)',
    'sum by (job) (rate(none[2m]))',
    'none * on (job) two',
    'a / on (job) none',
    'none == bool 1',
    '2 ^ none',
    'none and two',
    'a and none',
    'none unless a * 2',
    'none or sum(gone)',
    'clamp_min(none, -1)',
    'histogram_quantile(0.9, sum by (le) (rate(none[1m])))',
    '(none < 60) or (gone < 70 and on (job) a)',
  ])('%s', (query) => {
    expect(saysEmpty(query)).toBe(true);
  });

  it.each([
    ['a', 'it is there'],
    ['{job="none"}', 'a selector of any metric'],
    ['{__name__=~"none"}', 'a pattern'],
    ['none or a', 'one of two'],
    ['a unless none', 'all that there is'],
    ['absent(none)', 'what is made of nothing'],
    ['absent_over_time(none[5m])', 'the same of a time'],
    ['vector(1)', 'no selector'],
    ['scalar(none)', 'a number'],
    ['count_values("v", none)', 'an argument that may be no name'],
    ['topk(scalar(a), none)', 'an argument'],
    ['label_replace(none, "x", "$1", "y", "(")', 'a pattern that may be none'],
    ['none * label_replace(a, "x", "$1", "y", "(")', 'another side that fails'],
    ['none * on (job) (a * on (job) two)', 'doubles on the other side'],
    ['none + rate({job="x"}[1m])', 'series that are alike without their names'],
    ['none + on () fill (0) a', 'values for a missing partner'],
    ['max_over_time(none[5m:1m])', 'a subquery, of which nothing is said'],
    ['none[5m]', 'a matrix, which is no vector'],
  ])('is not %s: %s', (query) => {
    expect(saysEmpty(query)).toBe(false);
  });

  it('is what the engine finds to be empty, without an error, of hundreds of expressions', async () => {
    const random = seededRandom(4);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
    const expression = (depth: number): string => {
      const name = pick(['a', 'b', 'two', 'none', 'gone', 'none', '{job="x"}']);
      const inner = (): string => expression(depth - 1);
      if (depth === 0) return pick([name, `rate(${name}[1m])`, `max_over_time(${name}[2m])`, name]);
      return pick([
        () => `(${inner()}) ${pick(['+', '*', '/', '<', '>= bool', 'and', 'or', 'unless'])} (${inner()})`,
        () => `(${inner()}) ${pick(['*', '-', '==', 'and', 'unless'])} on (job) (${inner()})`,
        () => `(${inner()}) ${pick(['*', '>', '- 0 +'])} ${pick(['2', '-1', '(1 + 2)'])}`,
        () => `${pick(['sum', 'max by (job)', 'count without (i)', 'group by (i)'])} (${inner()})`,
        () => `${pick(['abs', '-', '+', 'sqrt', 'ln', 'absent', 'sort'])} (${inner()})`,
        () => `clamp(${inner()}, 0, ${pick(['1', '-1', 'scalar(a)'])})`,
        () => `label_replace(${inner()}, "${pick(['i', 'x y'])}", "$1", "job", "(.*)")`,
      ])();
    };
    const [engine, querier] = [new Engine(), newStore()];
    let empty = 0;
    for (let i = 0; i < 3_000; i++) {
      const query = expression(1 + (i % 3));
      if (!saysEmpty(query)) continue;
      empty++;
      expect(await engine.instant({ query, querier, timeMs: 60_000 }), query).toMatchObject({
        value: { type: 'vector', samples: [] },
      });
    }
    expect(empty).toBeGreaterThan(500);
  });
});
