import { Labels, type Matcher, type SelectHints, type SeriesData } from '@watchroom/model';
import { MemoryStore } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { Engine, SharedExpressions } from '../src/index.ts';

/** Counts what is read, by metric. */
class CountingStore extends MemoryStore {
  readonly reads: string[] = [];

  override select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    this.reads.push(matchers.find(({ name }) => name === '__name__')?.value ?? '');
    return super.select(matchers, hints);
  }
}

function newStore(): CountingStore {
  const store = new CountingStore();
  for (const le of ['1', '2', '+Inf']) {
    for (const metric of ['d_bucket', 'written']) {
      const labels = Labels.fromObject({ __name__: metric, le });
      store.add(labels, [
        [0, 0],
        [60_000, le === '1' ? 3 : 6],
      ]);
    }
  }
  return store;
}

async function run(queries: readonly string[], timesMs = queries.map(() => 60_000)) {
  const querier = newStore();
  const engine = new Engine();
  const trees = queries.map((query) => engine.parse(query));
  const shared = new SharedExpressions(trees, new Set(['written'])).begin();
  const answers: string[] = [];
  for (const [i, query] of queries.entries()) {
    const request = { query, timeMs: timesMs[i]!, querier };
    const { value } = await engine.instant({ ...request, shared });
    const reads = querier.reads.splice(0);
    expect(value).toEqual((await engine.instant(request)).value);
    querier.reads.splice(0, querier.reads.length, ...reads);
    answers.push(querier.reads.splice(0).join());
  }
  return answers;
}

describe('expressions that queries of one time share', () => {
  test('are read once, whatever is around them and however they are written', async () => {
    const reads = await run([
      'histogram_quantile(0.5, sum by (le) (rate(d_bucket[2m])))',
      'histogram_quantile(0.9, sum by(le) (rate(d_bucket[120s])))',
      'sort_desc(sum by (le) (rate(d_bucket[2m])))',
    ]);
    expect(reads).toEqual(['d_bucket', '', '']);
  });

  test('stay as they are, whatever queries make of them', async () => {
    const sums = 'sum by (le) (rate(d_bucket[2m]))';
    const reads = await run([
      `10 - ${sums}`,
      `${sums} > 0.03`,
      `clamp_max(${sums}, 0.01)`,
      `clamp(${sums}, 2, 1)`,
      `-${sums}`,
      `${sums} * on (le) (${sums})`,
      `${sums} unless on () vector(1)`,
      `${sums} and on () vector(1)`,
      `(${sums} > 0.03) or ${sums}`,
      sums,
    ]);
    expect(reads).toEqual(['d_bucket', ...new Array(9).fill('')]);
  });

  test('are shared at their outermost, so that what is inside of them goes straight into them', () => {
    const engine = new Engine();
    const queries = [
      'quantile(0.5, sum by (le) (rate(d_bucket[2m])))',
      'max(sum by (le) (rate(d_bucket[2m])))',
    ];
    const shared = new SharedExpressions(
      queries.map((query) => engine.parse(query)),
      new Set(),
    ).begin();
    expect(shared.wants(engine.parse('sum by (le) (rate(d_bucket[2m]))'))).toBe(true);
    expect(shared.wants(engine.parse('rate(d_bucket[2m])'))).toBe(false);
  });

  describe('that have what another one asks for', () => {
    const wide = ['0.5', '0.9'].map((q) => `histogram_quantile(${q}, sum by (svc, le) (rate(d_bucket[2m])))`);

    test('are not read for it again, whichever comes first', async () => {
      const narrow = [
        'sum by (svc) (rate(d_bucket{le="1"}[2m]))',
        'sum by (svc) (rate(d_bucket{svc!="",le=~"1|1[.]0"}[2m]))',
        'sum(rate(d_bucket{le="+Inf",svc=""}[2m]))',
        'sum by (le) (rate(d_bucket{svc=""}[2m]))',
        'sum by (le, svc) (rate(d_bucket[2m]))',
        'sum by (svc) (rate(d_bucket{le="nothing"}[2m]))',
      ];
      const all = [...wide, ...narrow];
      expect(await run(all)).toEqual(['d_bucket', ...all.slice(1).map(() => '')]);
      const reads = await run([...narrow, ...wide]);
      expect(reads).toEqual(['d_bucket', ...all.slice(1).map(() => '')]);
    });

    test('are read when its answer is not in theirs', async () => {
      for (const query of [
        'sum by (svc) (rate(d_bucket{le="1",other=""}[2m]))',
        'sum by (other) (rate(d_bucket{le="1",svc=""}[2m]))',
        'max by (svc) (rate(d_bucket{le="1"}[2m]))',
        'sum by (svc) (rate(d_bucket{le="1"}[3m]))',
        'sum by (svc) (rate(d_bucket{le="1"}[2m] offset 1m))',
        'sum by (svc) (increase(d_bucket{le="1"}[2m]))',
        'sum by (svc) (rate(written{le="1"}[2m]))',
        'sum without (le) (rate(d_bucket{le="1"}[2m]))',
      ])
        expect(await run([...wide, query]), query).toEqual(['d_bucket', '', expect.stringMatching(/./)]);
    });

    test('are read when several of their groups would become one', async () => {
      const query = 'sum by (svc) (rate(d_bucket{le=~"1|2"}[2m]))';
      expect(await run([...wide, query])).toEqual(['d_bucket', '', 'd_bucket']);
    });
  });

  test('are read again at another time', async () => {
    expect(await run(['sum(d_bucket)', 'sum(d_bucket)', 'sum(d_bucket)'], [60_000, 61_000, 60_000])).toEqual([
      'd_bucket',
      'd_bucket',
      '',
    ]);
  });

  test('are not those that read what is written in between, or metrics without a fixed name', async () => {
    const queries = ['sum(written)', 'sum({__name__=~"d_.*"})', 'sum(d_bucket or written)'];
    expect(await run([...queries, ...queries])).toEqual([
      ...['written', 'd_.*', 'd_bucket,written'],
      ...['written', 'd_.*', 'd_bucket,written'],
    ]);
  });

  test('fail for each query', async () => {
    const querier = newStore();
    const engine = new Engine({ maxSamples: 2 });
    const query = 'sum(rate(d_bucket[2m]))';
    const shared = new SharedExpressions([engine.parse(query), engine.parse(query)], new Set()).begin();
    for (let i = 0; i < 2; i++)
      await expect(engine.instant({ query, timeMs: 60_000, querier, shared })).rejects.toThrow('samples');
  });
});
