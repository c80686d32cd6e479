/** Answers made from earlier ones are those that a fresh computation gives, whatever happens to the samples meanwhile. */
import { Labels, type Querier, STALE, systemClock } from '@watchroom/model';
import { Engine, parseExpr, type QueryResult, type RangeRequest } from '@watchroom/promql';
import { seededRandom } from '@watchroom/testkit';
import { ChangeLog } from '@watchroom/tsdb';
import { describe, expect, it } from 'vitest';
import { resultPieces } from '../src/http/prometheus/result-json.ts';
import { RangeCache } from '../src/range-cache/range-cache.ts';
import { reachOf } from '../src/range-cache/reach.ts';

const LOOKBACK_MS = 300_000;
const DEFAULTS = { lookbackMs: LOOKBACK_MS, subqueryStepMs: 60_000 };
const T0 = 1_700_000_000_000;

/** A store in which samples may come anywhere in time, and go. */
class LooseStore {
  readonly #series = new Map<string, { labels: Labels; samples: Map<number, number> }>();
  readonly log = new ChangeLog();
  readonly changes = {
    mark: () => this.log.mark,
    earliestSince: (mark: number) => this.log.earliestSince(mark),
    oldestMs: () => this.oldestMs,
  };
  oldestMs = Number.NEGATIVE_INFINITY;

  put(labels: Labels, timeMs: number, value: number): void {
    const one = this.#series.get(labels.key) ?? { labels, samples: new Map() };
    this.#series.set(labels.key, one);
    one.samples.set(timeMs, value);
    this.log.note(timeMs);
  }

  /** Removes all samples before a time. */
  forget(beforeMs: number): void {
    for (const { samples } of this.#series.values())
      for (const timeMs of [...samples.keys()]) if (timeMs < beforeMs) samples.delete(timeMs);
    this.log.note(Number.NEGATIVE_INFINITY);
  }

  readonly querier: Querier = {
    select: (matchers, hints) =>
      [...this.#series.values()]
        .filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels.get(matcher.name))))
        .map(({ labels, samples }) => {
          const times = [...samples.keys()]
            .filter((timeMs) => timeMs >= Math.max(hints.startMs, this.oldestMs) && timeMs <= hints.endMs)
            .sort((a, b) => a - b);
          const values = new Float64Array(times.length);
          times.forEach((timeMs, i) => {
            values[i] = samples.get(timeMs)!;
          });
          return { labels, timestamps: Float64Array.from(times), values };
        })
        .filter(({ timestamps }) => timestamps.length > 0),
    series: () => [],
    labelNames: () => [],
    labelValues: () => [],
  };
}

const QUERIES = [
  'm',
  'sum(m)',
  'sum by (a) (rate(c_total[2m]))',
  'avg without (b) (m) / on(a) group_left sum by (a) (c_total)',
  'topk(2, m)',
  'quantile by (a) (0.9, m)',
  'm offset 3m',
  'm offset -3m',
  'sum_over_time(m[4m] offset -2m)',
  'max_over_time(rate(c_total[1m])[5m:30s])',
  'avg_over_time(sum(m)[3m:])',
  'avg_over_time((m offset -1m)[3m:20s] offset -4m)',
  'm @ 1700000100',
  'm @ end()',
  'sum(m) - sum(m @ start())',
  'absent(m{a="1"})',
  'count_values("v", round(m))',
  'm > 50 or c_total % 7',
  'm unless m < 20',
  'time()',
  'stddev_over_time(m[90s])',
  'deriv(m[3m]) * changes(m[1m])',
  'label_replace(m, "x", "$1", "a", "(.*)")',
  'timestamp(m)',
  'limitk(1, m)',
];

function shape({ value, warnings, infos }: QueryResult): unknown {
  if (value.type !== 'matrix') throw new Error(value.type);
  const series = value.series.map(({ labels, timestamps, values }) => ({
    labels: labels.toString(),
    points: [...timestamps].map((timeMs, i) => `${timeMs} ${values[i]}`),
  }));
  return { series, warnings, infos };
}

/** As the API sends it. */
function json(result: QueryResult): string {
  const limit = Number.POSITIVE_INFINITY;
  return Buffer.concat([...resultPieces(result, { limit })]).toString();
}

describe('the cache of range results', () => {
  it.each([1, 2, 3, 4, 5])('gives what fresh computation gives (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const pick = (n: number): number => Math.floor(random() * n);
    const store = new LooseStore();
    const engine = new Engine({ clock: systemClock, experimental: true });
    const cache = new RangeCache({ querier: store.querier, changes: store.changes, monotonic: () => 0 });
    const series = ['m', 'c_total'].flatMap((name) =>
      [1, 2, 3, 4].map((n) => Labels.fromObject({ __name__: name, a: String(n % 2), b: String(n) })),
    );
    let nowMs = T0;
    let baseMs = T0;
    for (let round = 0; round < 120; round++) {
      for (let i = pick(6); i > 0; i--) {
        nowMs += 5_000;
        for (const labels of series)
          if (pick(10) > 0)
            store.put(labels, nowMs, labels.metricName === 'm' ? random() * 100 : round * 10 + i);
      }
      const chance = pick(16);
      if (chance === 0) store.put(series[pick(8)]!, nowMs - pick(600_000), random() * 100);
      if (chance === 1) store.put(series[pick(8)]!, nowMs + 1, STALE);
      if (chance === 2) store.forget(nowMs - pick(1_200_000));
      if (chance === 3) store.oldestMs = Math.max(store.oldestMs, nowMs - 300_000 - pick(700_000));
      const query = QUERIES[(seed * 5 + pick(5)) % QUERIES.length]!;
      if (round % 30 === 0) baseMs = nowMs - 300_000 - pick(400_000);
      for (const [q, stepMs] of [
        [query, 10_000],
        ['sum(m)', 15_000],
        ['m offset -3m', 15_000],
      ] as const) {
        const endMs = Math.floor(nowMs / stepMs + pick(4)) * stepMs + pick(2) * pick(stepMs);
        const startMs = Math.floor(baseMs / stepMs - pick(3)) * stepMs;
        const request: RangeRequest = { query: q, querier: store.querier, startMs, endMs, stepMs };
        const run = (part: RangeRequest): Promise<QueryResult> => engine.range(part);
        const expr = parseExpr(q, { experimental: true });
        const cached = await cache.range(request, expr, DEFAULTS, run);
        const fresh = await engine.range(request);
        expect(shape(cached), `${q} in round ${round}`).toEqual(shape(fresh));
        expect(json(cached) === json(fresh), `text of ${q} in round ${round}`).toBe(true);
      }
    }
    const { hits, extended, misses, declined } = cache.counts;
    expect(hits + extended + misses + declined).toBe(360);
    expect(Math.min(extended, misses)).toBeGreaterThan(5);
  });

  /** A store with a sample each ten seconds, and which steps are computed when some are asked for. */
  function steady(): {
    store: LooseStore;
    labels: Labels;
    cache: RangeCache;
    asked: number[];
    askedUntil: number[];
    ask: (startMs: number, endMs: number) => Promise<QueryResult>;
  } {
    const store = new LooseStore();
    const labels = Labels.fromObject({ __name__: 'm' });
    for (let i = 0; i <= 100; i++) store.put(labels, T0 + i * 10_000, i);
    const engine = new Engine();
    const cache = new RangeCache({ querier: store.querier, changes: store.changes, monotonic: () => 0 });
    const [asked, askedUntil]: [number[], number[]] = [[], []];
    const ask = (startMs: number, endMs: number): Promise<QueryResult> =>
      cache.range(
        { query: 'm', querier: store.querier, startMs, endMs, stepMs: 10_000 },
        parseExpr('m'),
        DEFAULTS,
        (part) => {
          asked.push((part.startMs - T0) / 10_000);
          askedUntil.push((part.endMs - T0) / 10_000);
          return engine.range(part);
        },
      );
    return { store, labels, cache, asked, askedUntil, ask };
  }

  it('computes the new steps only', async () => {
    const { store, labels, cache, asked, ask } = steady();
    await ask(T0, T0 + 900_000);
    await ask(T0, T0 + 950_000);
    await ask(T0 + 10_000, T0 + 940_000);
    expect(asked).toEqual([0, 91]);
    // One sample late by a while: what lies before it still holds.
    store.put(labels, T0 + 901_000, 7);
    await ask(T0 + 10_000, T0 + 950_000);
    expect(asked).toEqual([0, 91, 91]);
    expect(cache.counts).toMatchObject({ hits: 1, extended: 2, misses: 1, stepsReused: 91 + 94 + 90 });
  });

  it('computes the steps before those that are known only, and keeps all of them together', async () => {
    const { store, labels, asked, askedUntil, ask } = steady();
    await ask(T0 + 300_000, T0 + 900_000);
    const { value } = await ask(T0 + 200_000, T0 + 800_000);
    if (value.type !== 'matrix') throw new Error(value.type);
    expect([...value.series[0]!.values]).toEqual(Array.from({ length: 61 }, (_, i) => 20 + i));
    expect([asked, askedUntil]).toEqual([
      [30, 20],
      [90, 29],
    ]);
    await ask(T0 + 250_000, T0 + 900_000);
    expect(asked).toEqual([30, 20]);
    // What a late sample has changed stays unknown when earlier steps are added.
    store.put(labels, T0 + 851_000, 7);
    await ask(T0 + 100_000, T0 + 700_000);
    await ask(T0 + 100_000, T0 + 900_000);
    expect(asked).toEqual([30, 20, 10, 86]);
    expect(askedUntil).toEqual([90, 29, 19, 90]);
  });

  it('computes all steps when some are wanting on both sides, or the ranges do not meet', async () => {
    const { asked, askedUntil, ask } = steady();
    await ask(T0 + 400_000, T0 + 500_000);
    await ask(T0 + 390_000, T0 + 510_000);
    await ask(T0 + 100_000, T0 + 380_000);
    expect([asked, askedUntil]).toEqual([
      [40, 39, 10],
      [50, 51, 38],
    ]);
  });

  it('lets later steps go once they are most of what it keeps', async () => {
    const { asked, ask } = steady();
    await ask(T0 + 300_000, T0 + 900_000);
    await ask(T0 + 200_000, T0 + 400_000);
    await ask(T0 + 300_000, T0 + 900_000);
    expect(asked).toEqual([30, 20, 41]);
  });

  it('counts the texts of points that were kept with it', async () => {
    const { cache, ask } = steady();
    for (const step of [90, 91]) json(await ask(T0, T0 + step * 10_000));
    const { bytes } = cache;
    const text = json(await ask(T0, T0 + 910_000));
    expect(cache.bytes).toBe(bytes);
    await ask(T0, T0 + 910_000);
    expect(cache.bytes).toBeGreaterThan(bytes + text.length - 200);
    expect(cache.counts).toMatchObject({ misses: 1, extended: 1, hits: 2 });
  });

  it('keeps to its bound, and nothing with a warning', async () => {
    const store = new LooseStore();
    for (let n = 0; n < 50; n++) {
      const labels = Labels.fromObject({ __name__: 'm', n: String(n) });
      for (let i = 0; i < 10; i++) store.put(labels, T0 + i * 10_000, i);
    }
    const engine = new Engine();
    const options = { querier: store.querier, changes: store.changes, monotonic: () => 0 };
    const cache = new RangeCache({ ...options, maxBytes: 100_000 });
    const ask = (query: string): Promise<QueryResult> => {
      const request = { query, querier: store.querier, startMs: T0, endMs: T0 + 90_000, stepMs: 10_000 };
      return cache.range(request, parseExpr(query), DEFAULTS, (part) => engine.range(part));
    };
    for (let i = 0; i < 20; i++) await ask(`m + ${i}`);
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
    expect(cache.counts.evicted).toBe(20 - cache.size);
    await ask('m + 19');
    expect(cache.counts.hits).toBe(1);
    const { size } = cache;
    expect((await ask('rate(m[1m])')).infos).toHaveLength(1);
    expect(cache.size).toBe(size);
  });
});

describe('the reach of a query', () => {
  it.each([
    ['m', 300, 0],
    ['rate(m[5m])', 600, 0],
    ['m offset 1m', 360, 0],
    ['m offset -1m', 240, 60],
    ['max_over_time(rate(m[1m] offset -2m)[10m:30s] offset -3m)', 690, 300],
    ['1', 0, 0],
  ])('%s', (query, backS, aheadS) => {
    const reach = reachOf(parseExpr(query), LOOKBACK_MS, 60_000);
    expect(reach).toEqual({ backMs: backS * 1000, aheadMs: aheadS * 1000 });
  });

  it.each(['m @ 1', 'm @ end()', 'sum_over_time(m[5m:] @ start())', 'm offset step()', 'limitk(1, m)'])(
    'none is told of %s',
    (query) => {
      expect(reachOf(parseExpr(query, { experimental: true }), LOOKBACK_MS, 60_000)).toBeUndefined();
    },
  );
});
