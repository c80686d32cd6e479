import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatValue, Labels } from '@watchroom/model';
import { corpusFolder, ManualClock, MemoryStore } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import {
  Engine,
  QueryCanceledError,
  QueryQueueFullError,
  type QueryResult,
  QueryTimeoutError,
  TooManySamplesError,
} from '../src/index.ts';

function store(series = 3): MemoryStore {
  const memory = new MemoryStore();
  for (let i = 0; i < series; i++) {
    const labels = Labels.fromObject({ __name__: 'hits_total', i: String(i) });
    memory.add(
      labels,
      Array.from({ length: 100 }, (_, n) => [n * 15_000, n * (i + 1)] as const),
    );
  }
  return memory;
}

describe('what is kept of a query', () => {
  const query = 'sum by (i) (hits_total) / on (i) hits_total';
  const run = (engine: Engine) => engine.instant({ query, timeMs: 1_400_000, querier: store() });

  test('is nothing after the first time, and its tree when it comes again', async () => {
    const engine = new Engine();
    const first = engine.parse(query);
    await run(engine);
    const second = engine.parse(query);
    expect(second).not.toBe(first);
    await run(engine);
    expect(engine.parse(query)).toBe(second);
  });

  test('is nothing when it meets more series than may be kept', async () => {
    const engine = new Engine({ mostKeptSeries: 5 });
    await run(engine);
    const second = engine.parse(query);
    const { value, stats } = await run(engine);
    expect([value.type === 'vector' && value.samples.length, stats.series]).toEqual([3, 6]);
    expect(engine.parse(query)).not.toBe(second);
  });
});

describe('limits', () => {
  test('the sample budget', async () => {
    const engine = new Engine({ maxSamples: 50 });
    const querier = store();
    await expect(
      engine.instant({ query: 'rate(hits_total[20m])', timeMs: 1_400_000, querier }),
    ).rejects.toThrow(TooManySamplesError);
    await engine.instant({ query: 'rate(hits_total[1m])', timeMs: 1_400_000, querier });
  });

  test('the deadline', async () => {
    const clock = new ManualClock();
    const engine = new Engine({ timeoutMs: 1000, clock });
    const querier = store();
    const slow = { ...bound(querier), select: slowSelect(querier, () => clock.advance(2000)) };
    const running = engine.instant({ query: 'hits_total + hits_total', timeMs: 60_000, querier: slow });
    await expect(running).rejects.toThrow(QueryTimeoutError);
  });

  test('a cancelled query stops', async () => {
    const controller = new AbortController();
    const engine = new Engine();
    const querier = store();
    const cancelling = { ...bound(querier), select: slowSelect(querier, async () => controller.abort()) };
    const request = { query: 'hits_total + hits_total', timeMs: 60_000, querier: cancelling };
    await expect(engine.instant({ ...request, signal: controller.signal })).rejects.toThrow(
      QueryCanceledError,
    );
    expect(engine.load).toEqual({ running: 0, waiting: 0, refused: 0 });
  });

  test('the queue has a bound and hands on in order', async () => {
    const engine = new Engine({ maxConcurrent: 1, maxQueued: 1 });
    const querier = store();
    const gate = Promise.withResolvers<void>();
    const held = { ...bound(querier), select: slowSelect(querier, () => gate.promise) };
    const first = engine.instant({ query: 'hits_total', timeMs: 0, querier: held });
    const second = engine.instant({ query: '1', timeMs: 0, querier });
    await expect(engine.instant({ query: '2', timeMs: 0, querier })).rejects.toThrow(QueryQueueFullError);
    expect(engine.load).toEqual({ running: 1, waiting: 1, refused: 1 });
    gate.resolve();
    await first;
    expect((await second).value).toEqual({ type: 'scalar', timeMs: 0, value: 1 });
    expect(engine.load).toMatchObject({ running: 0, waiting: 0 });
  });

  test('other work runs during a long evaluation', async () => {
    const engine = new Engine();
    let turns = 0;
    let done = false;
    const tick = (): void => {
      turns++;
      if (!done) setImmediate(tick);
    };
    setImmediate(tick);
    const query = `sum(sum_over_time(hits_total[20m])) + ${Array(20).fill('sum(sum_over_time(hits_total[19m]))').join('+')}`;
    await engine.range({ query, startMs: 0, endMs: 1_400_000, stepMs: 1000, querier: store(40) });
    done = true;
    expect(turns).toBeGreaterThan(3);
  });
});

describe('the cut of a query that gives way to other work', () => {
  for (const failing of [false, true])
    test(`is released once when it ${failing ? 'has failed' : 'is done'}`, async () => {
      const clock = new ManualClock();
      const engine = new Engine({ clock });
      const querier = store();
      const done: string[] = [];
      const select = slowSelect(querier, async () => {
        // Beyond a slice of work, so that the next read waits for its turn.
        await clock.advance(100);
        done.push('select');
        if (failing && done.length > 2) throw new Error('no disk');
      });
      const cut = () => {
        done.push('cut');
        return { kind: 'cut' as const, release: () => void done.push('release') };
      };
      const query = 'hits_total + hits_total + hits_total';
      const running = engine.instant({ query, timeMs: 60_000, querier: { ...bound(querier), select, cut } });
      if (failing) await expect(running).rejects.toThrow('no disk');
      else await running;
      expect(done.filter((what) => what !== 'select')).toEqual(['cut', 'release']);
      expect(done.at(-1)).toBe('release');
    });
});

function bound(querier: MemoryStore): Pick<MemoryStore, 'series' | 'labelNames' | 'labelValues'> {
  return {
    series: querier.series.bind(querier),
    labelNames: querier.labelNames.bind(querier),
    labelValues: querier.labelValues.bind(querier),
  };
}

function slowSelect(querier: MemoryStore, wait: () => Promise<unknown>) {
  return async (...args: Parameters<MemoryStore['select']>) => {
    await wait();
    return querier.select(...args);
  };
}

describe('results', () => {
  test('a range query agrees with instant queries at its times', async () => {
    const engine = new Engine();
    const querier = store();
    const queries = [
      'hits_total',
      'sum(rate(hits_total[2m]))',
      'topk(2, hits_total)',
      'hits_total > 30',
      'time()',
    ];
    for (const query of queries) {
      const { value } = await engine.range({ query, startMs: 0, endMs: 600_000, stepMs: 70_000, querier });
      if (value.type !== 'matrix') throw new Error('expected a matrix');
      const points = new Map<string, number>();
      for (const { labels, timestamps, values } of value.series) {
        timestamps.forEach((timeMs, i) => void points.set(`${labels} ${timeMs}`, values[i]!));
      }
      let compared = 0;
      for (let timeMs = 0; timeMs <= 600_000; timeMs += 70_000) {
        const single = (await engine.instant({ query, timeMs, querier })).value;
        const samples =
          single.type === 'vector'
            ? single.samples
            : [{ labels: Labels.EMPTY, value: (single as { value: number }).value }];
        for (const { labels, value: got } of samples) {
          expect(points.get(`${labels} ${timeMs}`)).toBe(got);
          compared++;
        }
      }
      expect(compared).toBe(points.size);
    }
  });

  test('a matrix is no result of a range query', async () => {
    const request = { query: 'hits_total[5m]', startMs: 0, endMs: 0, stepMs: 1000, querier: store() };
    await expect(new Engine().range(request)).rejects.toThrow(
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
  });
});

interface ComplianceCase {
  readonly query: string;
  readonly http: number;
  readonly result?: readonly { metric: Record<string, string>; values: readonly [number, string][] }[];
}

test('the answers of a real Prometheus', async () => {
  const folder = corpusFolder('promql-compliance');
  if (!folder) return;
  const querier = new MemoryStore();
  const data = JSON.parse(readFileSync(join(folder, 'data.json'), 'utf8'));
  for (const { labels, start_ms, step_ms, values } of data.series) {
    const samples = values.map((value: number | string | null, i: number) => [start_ms + i * step_ms, value]);
    const kept = samples.filter(([, value]: [number, unknown]) => value !== null);
    querier.add(
      Labels.fromObject(labels),
      kept.map(([timeMs, value]: [number, number | string]) => [timeMs, Number(value)] as const),
    );
  }
  const engine = new Engine();
  const times = { startMs: 1_780_000_000_000, endMs: 1_780_000_600_000, stepMs: 75_000 };
  const cases: ComplianceCase[] = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  for (const { query, http, result } of cases) {
    const answer = await engine.range({ query, ...times, querier }).catch((error: unknown) => error);
    expect({ query, failed: answer instanceof Error }).toEqual({ query, failed: http !== 200 });
    if (!(answer instanceof Error)) expectSame(query, answer as QueryResult, result!);
  }
}, 60_000);

function expectSame(query: string, answer: QueryResult, wanted: NonNullable<ComplianceCase['result']>): void {
  const series = answer.value.type === 'matrix' ? answer.value.series : [];
  expect({ query, metrics: series.map(({ labels }) => labels.toObject()) }).toEqual({
    query,
    metrics: wanted.map(({ metric }) => metric),
  });
  series.forEach(({ timestamps, values }, s) => {
    const points = wanted[s]!.values;
    expect([...timestamps].map((timeMs) => timeMs / 1000)).toEqual(points.map(([seconds]) => seconds));
    points.forEach(([, text], i) => {
      if (formatValue(values[i]!) === text) return;
      const difference = Math.abs(values[i]! - Number(text));
      expect({ query, close: difference <= 1e-12 * Math.abs(Number(text)) }).toEqual({ query, close: true });
    });
  });
}
