import { Labels, STALE } from '@watchroom/model';
import { MemoryStore, seededRandom } from '@watchroom/testkit';
import { expect, test } from 'vitest';
import { Engine, type QueryResult } from '../src/index.ts';

const OPERATORS = ['sum', 'avg', 'count', 'group', 'min', 'max', 'stdvar', 'stddev'];
const SOURCES = [
  'm',
  'm offset 1m',
  '{group=~"a|b"}',
  'rate(m[1m])',
  'increase(m[90s] offset 30s)',
  'delta(m[1m])',
  'rate({__name__="m",group!="a"}[1m])',
  'rate({group!=""}[1m])',
  'avg_over_time(m[1m])',
  'quantile_over_time(0.5, m[1m])',
  'last_over_time({group!=""}[1m])',
  '(rate(m[1m]))',
  'm @ 300',
  'absent_over_time(m[1m])',
  'absent_over_time(m{group="z"}[1m])',
];
const GROUPINGS = ['', 'by (group)', 'without (i)', 'by (__name__, group)', 'by (nothing)'];

/** Counters that reset, gauges with gaps and stale ends, NaN and infinities; two metrics with the same labels. */
function store(seed: number): MemoryStore {
  const memory = new MemoryStore();
  const random = seededRandom(seed);
  for (let i = 0; i < 12; i++) {
    const samples: (readonly [number, number])[] = [];
    let value = random() * 5;
    for (let t = 0; t < 60; t++) {
      value = random() < 0.05 ? random() : value + random() * 10;
      const odd = random();
      if (odd < 0.1) continue;
      const shown =
        odd < 0.12 ? STALE : odd < 0.13 ? Number.NaN : odd < 0.14 ? Number.POSITIVE_INFINITY : value;
      samples.push([t * 10_000 + (i % 3), i % 2 === 0 ? Math.floor(shown) || shown : shown]);
    }
    const labels = { __name__: i < 9 ? 'm' : 'n', group: 'abc'[i % 3]!, i: String(i % 9) };
    memory.add(Labels.fromObject(labels), samples);
  }
  return memory;
}

/** An explained query takes each node's value apart. */
async function both(query: string, querier: MemoryStore): Promise<[string, string]> {
  const engine = new Engine();
  const range = { query, querier, startMs: 20_000, endMs: 400_000, stepMs: 17_000 };
  const answer = (explain: boolean): Promise<string> =>
    engine.range({ ...range, explain }).then(textOf, (error: unknown) => String(error));
  return [await answer(false), await answer(true)];
}

function textOf({ value, warnings, infos, stats }: QueryResult): string {
  const series =
    value.type === 'matrix'
      ? value.series.map(({ labels, timestamps, values }) => [
          labels.key,
          [...timestamps],
          [...values].map(String),
        ])
      : [];
  return JSON.stringify([series, warnings, infos, stats.series, stats.samples]);
}

test('what goes into its group at once equals what is kept series by series', async () => {
  const querier = store(3);
  let answers = 0;
  for (const operator of OPERATORS) {
    for (const source of SOURCES) {
      for (const grouping of GROUPINGS) {
        const [fused, apart] = await both(`${operator} ${grouping} (${source})`, querier);
        expect(fused, `${operator} ${grouping} (${source})`).toEqual(apart);
        answers += fused.length;
      }
    }
  }
  expect(answers).toBeGreaterThan(300_000);
});
