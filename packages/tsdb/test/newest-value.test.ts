import { type AppendOutcome, isStale, Matcher, type NativeHistogram, STALE } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { all, labelsOf, open, tempFolder } from './helpers.ts';
import { sealed } from './rollup-store.ts';

const NAN = new Float64Array(new BigUint64Array([0x7ff8000000000007n]).buffer);
const HISTOGRAM: NativeHistogram = {
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 0,
  count: 3,
  sum: 4.5,
  positiveSpans: [{ offset: 1, length: 1 }],
  positiveBuckets: [3],
  negativeSpans: [],
  negativeBuckets: [],
  customBounds: [],
  resetHint: 'unknown',
};

/** What the series' newest samples are, and where they lie: each ends before the newest of all. */
const VALUES: readonly (number | NativeHistogram)[] = [1.5, -0, Number.NaN, NAN[0]!, STALE, HISTOGRAM, 7];

function put(
  store: TimeSeriesStore,
  i: number,
  timeMs: number,
  value: number | NativeHistogram,
): AppendOutcome {
  const appender = store.appender();
  const ref = appender.series(labelsOf('m', i));
  const outcome =
    typeof value === 'number'
      ? appender.append(ref, timeMs, value)
      : appender.appendHistogram(ref, timeMs, value);
  appender.commit();
  return outcome;
}

/** Opened anew with everything in one block; gives the time of each series' newest sample. */
async function inBlocks(): Promise<{
  store: TimeSeriesStore;
  clock: ManualClock;
  dir: string;
  lastMs: readonly number[];
}> {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock);
  const lastMs = VALUES.map((_, i) => clock.now() - 60_000 + i * 1_000);
  VALUES.forEach((value, i) => {
    put(store, i, lastMs[i]! - 10_000 - i, 1);
    expect(put(store, i, lastMs[i]!, value)).toBe('ok');
  });
  await sealed(store, clock);
  expect(store.stats().chunks).toBe(1);
  await store.close();
  return { store: await open(dir, clock), clock, dir, lastMs };
}

describe('a series that is only in blocks after a start', () => {
  it('has its newest sample as a duplicate, bit for bit, and another value as a conflict', async () => {
    const { store, lastMs } = await inBlocks();
    VALUES.forEach((value, i) => {
      expect(put(store, i, lastMs[i]!, 123), `another than ${value}`).toBe('conflict');
      expect(put(store, i, lastMs[i]!, value), `the same ${value}`).toBe('duplicate');
    });
    expect(put(store, 5, lastMs[5]!, { ...HISTOGRAM, sum: 5 })).toBe('conflict');
    expect(put(store, 2, lastMs[2]!, NAN[0]!)).toBe('conflict');
  });

  it('goes on after its own newest sample, not after that of others', async () => {
    const { store, clock, dir, lastMs } = await inBlocks();
    expect(put(store, 0, lastMs[0]! - 1, 5)).toBe('out_of_order');
    expect(put(store, 0, lastMs[0]! + 1, 5)).toBe('ok');
    expect(put(store, 1, lastMs.at(-1)!, 6)).toBe('ok');
    expect(put(store, 0, lastMs[0]! + 1, 5)).toBe('duplicate');
    const expectSeen = async (from: TimeSeriesStore) => {
      const found = await all(from, 'm');
      const seen = (i: number) => [...found.find(({ labels }) => labels.get('i') === `${i}`)!.timestamps];
      expect(seen(0)).toEqual([lastMs[0]! - 10_000, lastMs[0], lastMs[0]! + 1]);
      expect(seen(1)).toEqual([lastMs[1]! - 10_001, lastMs[1], lastMs.at(-1)]);
    };
    await expectSeen(store);
    await store.close();
    await expectSeen(await open(dir, clock));
  });

  it('whose newest sample was deleted takes one of its time as a late one', async () => {
    const { store, lastMs } = await inBlocks();
    const range = { startMs: lastMs[0]!, endMs: lastMs[0]! };
    expect(await store.deleteSeries([[new Matcher('i', '=', '0')]], range)).toBe(1);
    expect(put(store, 0, lastMs[0]!, 1.5)).toBe('out_of_order');
    store.setOutOfOrderWindow(3_600_000);
    expect(put(store, 0, lastMs[0]!, 2.5)).toBe('ok');
    expect(put(store, 0, lastMs[0]!, 2.5)).toBe('duplicate');
    expect(put(store, 0, lastMs[0]!, 3.5)).toBe('conflict');
    const found = await all(store, 'm');
    expect(found.find(({ labels }) => labels.get('i') === '0')!.values.at(-1)).toBe(2.5);
  });

  it('is ended after its own newest sample', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock);
    const startMs = clock.now();
    for (let row = 0; row < 2; row++)
      for (let i = 0; i < 3; i++) put(store, i, startMs + row * 10_000 + i * 1_000, row);
    // A cleaning makes a block at once of what has deleted samples.
    put(store, 9, startMs + 12_000, 1);
    await store.deleteSeries([[new Matcher('i', '=', '9')]], { startMs: 0, endMs: startMs + 99_000 });
    await store.cleanTombstones();
    expect(store.stats()).toMatchObject({ chunks: 1, headSamples: 0 });
    await store.close();
    await clock.advance(30_000);
    const again = await open(dir, clock, { markStaleOnOpen: true });
    for (const { timestamps, values } of await all(again, 'm')) {
      expect(Array.from(values, isStale)).toEqual([false, false, true]);
      expect(timestamps[2]).toBe(timestamps[1]! + 9_999);
    }
  });
});

/** The newest sample of each series up to a time: as a query of one time is given it, and the last of those that one of a range is. */
function newestOf(store: TimeSeriesStore, endMs: number): (string | undefined)[][] {
  const matchers = [new Matcher('__name__', '=', 'm')];
  return [0, 1e15].map((rangeMs) => {
    const set = store.open!(matchers, { startMs: 0, endMs, stepMs: 0, rangeMs, func: '' });
    return Array.from({ length: set.size }, (_, i) => {
      const data = set.read(i);
      if (!data) return undefined;
      // Its bits, as a number on its way may lose those of a NaN.
      const [value, bits] = [data.values.at(-1)!, new BigUint64Array(data.values.slice(-1).buffer)[0]!];
      if (rangeMs === 0 && data.plain)
        expect(Number.isNaN(value) || data.histograms !== undefined).toBe(false);
      const histogram = data.histograms?.at(-1);
      const sample = histogram ? `${histogram.count}` : bits.toString(16);
      return `${data.labels.get('i')} ${data.timestamps.at(-1)} ${sample}`;
    });
  });
}

describe('the newest sample, in memory', () => {
  // Of so few series each has times of its own; more have them together.
  it.each([VALUES.length, 5 * VALUES.length])(
    'of %i series is what a longer look would find',
    async (count) => {
      const clock = new ManualClock();
      const store = await open(tempFolder(), clock, { outOfOrderWindowMs: 600_000 });
      const firstMs = clock.now();
      for (let row = 0; row < 3; row++) {
        await clock.advance(1_000);
        const appender = store.appender();
        for (let i = 0; i < count; i++) {
          const ref = appender.series(labelsOf('m', i));
          const given = row === 2 ? VALUES[i % VALUES.length]! : row + i;
          if (typeof given === 'number') appender.append(ref, clock.now(), given);
          else appender.appendHistogram(ref, clock.now(), given);
        }
        appender.commit();
      }
      const expectSame = (endMs: number, expected = count): void => {
        const [newest, last] = newestOf(store, endMs);
        expect(newest).toEqual(last);
        expect(newest!.filter(Boolean)).toHaveLength(expected);
      };
      expectSame(1e15);
      expectSame(firstMs + 3_000);
      expectSame(firstMs + 2_000);
      expectSame(firstMs, 0);
      expect(put(store, 0, firstMs + 2_500, 42)).toBe('ok');
      expectSame(1e15);
      expectSame(firstMs + 2_900);
      // Two commits of one time, the second of which does not come about: its sample is not there at any time.
      await clock.advance(1_000);
      const [first, second] = [store.appender(), store.appender()];
      for (let i = 1; i < count; i++) first.append(first.series(labelsOf('m', i)), clock.now(), i);
      second.append(second.series(labelsOf('m', 0)), clock.now(), 17);
      expectSame(1e15);
      first.commit();
      expectSame(1e15);
      second.rollback();
      expectSame(1e15);
      await store.deleteSeries([[new Matcher('i', '=', '6')]], { startMs: firstMs + 3_000, endMs: 1e15 });
      expectSame(1e15);
    },
  );
});
