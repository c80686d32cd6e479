import { Labels, Matcher, type SelectHints, type SeriesData, type SeriesEnds, STALE } from '@watchroom/model';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { bitsOf, open, tempFolder } from './helpers.ts';

type Model = Map<string, { labels: Labels; samples: Map<number, number> }>;

const VALUES = [0, -0, 1, 2.5, Number.NaN, STALE, Infinity, 1e300, 123456789];

/** One commit of some shape: a scrape, a few loose samples, own timestamps, a series in two places. */
function commit(store: TimeSeriesStore, model: Model, nowMs: number, random: () => number): void {
  const appender = store.appender();
  const target = Math.floor(random() * 3);
  // One target is nearly always whole and in time.
  const isSteady = target === 0;
  const size = isSteady ? 30 : random() < 0.3 ? 3 : 5 + Math.floor(random() * 30);
  const own = random() < (isSteady ? 0.02 : 0.2);
  const kept = random() < 0.95;
  for (let i = 0; i < size; i++) {
    if (random() < (isSteady ? 0.003 : 0.1)) continue;
    const foreign = random() < (isSteady ? 0.001 : 0.02) ? 1 : 0;
    const labels = Labels.fromObject({ __name__: `m${i % 4}`, i: `${i}`, target: `${target + foreign}` });
    const timeMs = own ? nowMs - Math.floor(random() * 3000) : nowMs;
    // Every third is a counter that nearly always rises.
    const usual = i % 3 === 0 ? Math.floor(nowMs / 5000) : Math.floor(random() * 1000);
    const value =
      random() < (i % 3 === 0 ? 0.02 : 0.1) ? VALUES[Math.floor(random() * VALUES.length)]! : usual;
    const outcome = appender.append(appender.series(labels), timeMs, value);
    const known = model.get(labels.key) ?? { labels, samples: new Map<number, number>() };
    const lastMs = Math.max(Number.NEGATIVE_INFINITY, ...known.samples.keys());
    expect(outcome === 'ok').toBe(timeMs > lastMs);
    if (outcome !== 'ok' || !kept) continue;
    known.samples.set(timeMs, value);
    model.set(labels.key, known);
  }
  if (kept) appender.commit();
  else appender.rollback();
}

async function expectSame(
  store: TimeSeriesStore,
  model: Model,
  startMs: number,
  endMs: number,
): Promise<void> {
  const matchers = [new Matcher('__name__', '=~', 'm.*')];
  const hints = { startMs, endMs, stepMs: 0, rangeMs: 0, func: '' };
  const actual = (await store.select(matchers, hints))
    .map((data) => [data.labels.key, ...samplesText(data.timestamps, data.values)].join(' '))
    .sort();
  expect(opened(store, matchers, { ...hints, rangeMs: 1 })).toEqual(actual);
  const newest = opened(store, matchers, hints).map((line) => [line.split(' ')[0], line.split(' ').at(-1)]);
  expect(newest).toEqual(actual.map((line) => [line.split(' ')[0], line.split(' ').at(-1)]));
  const expected: string[] = [];
  for (const { labels, samples } of model.values()) {
    const inRange = [...samples].filter(([t]) => t >= startMs && t <= endMs).sort((a, b) => a[0] - b[0]);
    if (inRange.length === 0) continue;
    const times = Float64Array.from(inRange, ([t]) => t);
    const values = new Float64Array(inRange.length);
    inRange.forEach(([, value], i) => {
      values[i] = value;
    });
    expected.push([labels.key, ...samplesText(times, values)].join(' '));
  }
  expected.sort();
  // One line of many: the whole would drown the difference.
  const wrong = actual.findIndex((line, i) => line !== expected[i]);
  if (wrong >= 0) expect(actual[wrong]).toBe(expected[wrong]);
  expect(actual.length).toBe(expected.length);
}

/** The same series, one after the other. */
function opened(store: TimeSeriesStore, matchers: readonly Matcher[], hints: SelectHints): string[] {
  const set = store.open!(matchers, hints);
  const lines: string[] = [];
  for (let i = 0; i < set.size; i++) {
    const ends = set.ends?.(i);
    const data = set.read(i);
    if (ends) expectEnds(ends, data);
    if (data) lines.push([data.labels.key, ...samplesText(data.timestamps, data.values)].join(' '));
  }
  return lines.sort();
}

/** What is told of the ends must be all that there is to tell of a counter. */
function expectEnds(ends: SeriesEnds, data: SeriesData | undefined): void {
  expect([ends.labelsOf(0).key, ends.refs[0], ...ends.timestamps]).toEqual([
    data?.labels.key,
    data?.ref,
    ...(data?.timestamps ?? []),
  ]);
  const values = [...data!.values];
  expect([ends.first[0], ends.last[0]]).toEqual([values[0], values.at(-1)]);
  expect(values.every((value, i) => i === 0 || value >= values[i - 1]!)).toBe(true);
}

function samplesText(times: Float64Array, values: Float64Array): string[] {
  return Array.from(times, (t, i) => `${t}:${bitsOf(values[i]!)}`);
}

for (const seed of [1, 2, 3, 4]) {
  it(`gives back what was appended through seals and restarts (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const clock = new ManualClock();
    const dir = tempFolder();
    const model: Model = new Map();
    let store = await open(dir, clock, { chunkRows: 7 });
    const startMs = clock.now();
    for (let round = 0; round < 300; round++) {
      commit(store, model, clock.now(), random);
      await clock.advance(random() < 0.02 ? 11 * 60_000 : Math.floor(random() * 2000));
      if (random() < 0.05) {
        const from = startMs + random() * (clock.now() - startMs);
        await expectSame(store, model, from, from + random() * 100_000);
      }
      if (random() < 0.02) {
        await store.close();
        store = await open(dir, clock, { chunkRows: 7 });
      }
    }
    await expectSame(store, model, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    await store.close();
    store = await open(dir, clock, { chunkRows: 7 });
    await expectSame(store, model, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    // How many depends on how far the writing thread came; some must have been read back.
    expect(store.stats().chunks).toBeGreaterThan(0);
    expect(store.problems()).toEqual([]);
  }, 120_000);
}
