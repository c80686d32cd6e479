import { Matcher, type SeriesSet, STALE } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { caughtUp, open, scrape, tempFolder } from './helpers.ts';

const SERIES = 12;
const STEP_MS = 1_000;

/** Rows of counters, each higher than the one before it; `value` may say otherwise. */
async function rows(
  store: TimeSeriesStore,
  clock: ManualClock,
  count: number,
  value: (i: number, row: number) => number | undefined = () => undefined,
): Promise<void> {
  for (let row = 0; row < count; row++) {
    await clock.advance(STEP_MS);
    const usual = clock.now() / 1000;
    scrape(
      store,
      'c',
      clock.now(),
      Array.from({ length: SERIES }, (_, i) => value(i, row) ?? usual + i),
    );
  }
}

/** Over the newest `seconds`. */
function opened(store: TimeSeriesStore, clock: ManualClock, seconds: number): SeriesSet {
  const range = { startMs: clock.now() - seconds * 1000 + 1, endMs: clock.now() };
  return store.open!([new Matcher('__name__', '=', 'c')], {
    ...range,
    stepMs: 0,
    rangeMs: seconds * 1000,
    func: 'rate',
  });
}

interface Told {
  readonly ref: number;
  readonly key: string;
  readonly timestamps: readonly number[];
  readonly ends: readonly number[];
}

/** By series: what is told, which must be what is read. */
function told(set: SeriesSet): (Told | undefined)[] {
  const all = Array.from({ length: set.size }, (): Told | undefined => undefined);
  for (let i = 0; i < set.size; i++) {
    const ends = set.ends!(i);
    if (!ends) continue;
    for (let k = 0; k < ends.count; k++)
      all[i + k] = {
        ref: ends.refs[k]!,
        key: ends.labelsOf(k).key,
        timestamps: [...ends.timestamps],
        ends: [ends.first[k]!, ends.last[k]!],
      };
    i += ends.count - 1;
  }
  all.forEach((found, i) => {
    if (!found) return;
    const { ref, labels, timestamps, values } = set.read(i)!;
    const ends = [values[0], values.at(-1)];
    expect(found).toEqual({ ref, key: labels.key, timestamps: [...timestamps], ends });
    expect(values.every((value, k) => k === 0 || value >= values[k - 1]!)).toBe(true);
  });
  return all;
}

/** Which series have their ends told. */
const places = (set: SeriesSet): number[] => told(set).flatMap((ends, i) => (ends ? [i] : []));
const all = Array.from({ length: SERIES }, (_, i) => i);

describe('the ends of a rising series', () => {
  it('are told from memory and from blocks', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 16 });
    await rows(store, clock, 50);
    await caughtUp(store, SERIES * 16);
    await rows(store, clock, 7);
    expect(store.stats().chunks).toBeGreaterThan(0);
    expect(places(opened(store, clock, 5))).toEqual(all);
    expect(places(opened(store, clock, 40))).toEqual(all);
    expect(told(opened(store, clock, 40))[0]?.timestamps).toHaveLength(40);
  });

  it('are told together of series with the same times, some hundreds at a time', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 16 });
    const names = ['a', 'b', 'c'];
    const series = 400;
    for (let row = 0; row < 20; row++) {
      await clock.advance(STEP_MS);
      names.forEach((name, n) => {
        const values = Array.from({ length: series }, (_, i) =>
          n === 1 && i === 7 && row === 15 ? 0 : row + i,
        );
        // Each has rows of its own.
        scrape(store, name, clock.now() + n, values);
      });
    }
    const range = { startMs: 0, endMs: 1e15, stepMs: 0, rangeMs: 1e15, func: 'rate' };
    const set = store.open!([new Matcher('__name__', '=~', 'a|b|c')], range);
    const whole = told(set);
    expect(whole.flatMap((ends, i) => (ends ? [] : [i]))).toEqual([series + 7]);
    expect(new Set(whole.map((ends) => ends?.timestamps[0])).size).toBe(4);
    const counts = [0, 256, series, series + 6, series + 8].map((i) => set.ends!(i)?.count);
    expect(counts).toEqual([256, series - 256, 7, 1, 256]);
  });

  it('are those of now when a range is asked for again', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 16 });
    await rows(store, clock, 1);
    const times = [clock.now()];
    const range = {
      startMs: clock.now(),
      endMs: clock.now() + 100_000,
      stepMs: 0,
      rangeMs: 1e5,
      func: 'rate',
    };
    const again = (): SeriesSet => store.open!([new Matcher('__name__', '=', 'c')], range);
    const expectAll = (): void =>
      expect(told(again()).map((ends) => ends?.timestamps)).toEqual(all.map(() => times));
    for (let row = 1; row < 50; row++) {
      await rows(store, clock, 1);
      times.push(clock.now());
      expectAll();
      // Blocks take the place of grids.
      await clock.advance(STEP_MS);
      await store.flush();
      expectAll();
    }
    expect(store.stats().chunks).toBeGreaterThan(0);
    await clock.advance(60_000);
    await rows(store, clock, 5);
    expectAll();
  });

  it('are not told over a fall, a number that is none, a marker or a hole', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 16 });
    await rows(store, clock, 20);
    await rows(store, clock, 1, (i) => [0, Number.NaN, STALE][i]);
    scrape(
      store,
      'c',
      clock.now() + 500,
      Array.from({ length: SERIES - 1 }, () => 1e12),
    );
    await clock.advance(500);
    await rows(store, clock, 3, () => 1e13);
    expect(places(opened(store, clock, 10))).toEqual(all.slice(3, -1));
    await rows(store, clock, 30, () => 1e14);
    await caughtUp(store, SERIES * 16);
    expect(places(opened(store, clock, 10))).toEqual(all);
    expect(places(opened(store, clock, 40))).toEqual(all.slice(3, -1));
  });

  it('are not told where a late sample came between, or was deleted', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 16, outOfOrderWindowMs: 3_600_000 });
    await rows(store, clock, 10);
    await clock.advance(11 * 60_000);
    await caughtUp(store, 0);
    await rows(store, clock, 5);
    const late = store.appender();
    const { labels } = opened(store, clock, 5).read(4)!;
    expect(late.append(late.series(labels), clock.now() - 300_000, 1e12)).toBe('ok');
    late.commit();
    const others = all.filter((i) => i !== 4);
    expect(places(opened(store, clock, 800))).toEqual(others);
    // Also when it has become a block of its own.
    await clock.advance(11 * 60_000);
    await caughtUp(store, 0);
    await rows(store, clock, 3);
    expect(places(opened(store, clock, 1_500))).toEqual(others);
    expect(places(opened(store, clock, 3))).toEqual(all);
    const range = { startMs: clock.now() - 2_000, endMs: clock.now() - 1_000 };
    await store.deleteSeries([[new Matcher('i', '=', '6')]], range);
    expect(places(opened(store, clock, 3))).toEqual(all.filter((i) => i !== 6));
  });

  it('are told after a restart of what came since, and not of what lay in blocks', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const before = await open(dir, clock, { chunkRows: 16 });
    await rows(before, clock, 18, (_, row) => (row === 10 ? 1e12 : undefined));
    await caughtUp(before, SERIES * 8);
    await before.close();
    const store = await open(dir, clock, { chunkRows: 16 });
    await rows(store, clock, 3);
    expect(places(opened(store, clock, 3))).toEqual(all);
    expect(places(opened(store, clock, 20))).toEqual([]);
    await rows(store, clock, 20);
    expect(places(opened(store, clock, 20))).toEqual(all);
  });

  it('are those of the cut', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 16 });
    await rows(store, clock, 10);
    const cut = store.cut!();
    const range = { startMs: 0, endMs: 1e15, stepMs: 0, rangeMs: 1e15, func: '' };
    const matchers = [new Matcher('__name__', '=', 'c')];
    await rows(store, clock, 1);
    expect(places(store.open!(matchers, range, cut))).toEqual([]);
    expect(places(store.open!(matchers, range))).toEqual(all);
  });
});
