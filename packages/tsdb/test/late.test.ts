import { cpSync } from 'node:fs';
import { type NativeHistogram, STALE } from '@watchroom/model';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { all, bitsOf, caughtUp, labelsOf, open, scrape, tempFolder } from './helpers.ts';

const WINDOW_MS = 600_000;
const SERIES = 20;

function late(store: TimeSeriesStore, i: number, timeMs: number, value: number): string {
  const appender = store.appender();
  const outcome = appender.append(appender.series(labelsOf('m', i)), timeMs, value);
  appender.commit();
  return outcome;
}

/** Scrapes every 10 s, and between them late samples of some series; gives what must be there. */
async function filled(store: TimeSeriesStore, clock: ManualClock, scrapes: number) {
  const expected = Array.from({ length: SERIES }, () => new Map<number, number>());
  const random = seededRandom(3);
  for (let k = 0; k < scrapes; k++) {
    const values = Array.from({ length: SERIES }, () => Math.floor(random() * 100));
    scrape(store, 'm', clock.now(), values);
    for (const [i, value] of values.entries()) expected[i]!.set(clock.now(), value);
    for (let n = 0; n < 3; n++) {
      const i = Math.floor(random() * SERIES);
      const timeMs = clock.now() - 1 - Math.floor(random() * WINDOW_MS);
      if (expected[i]!.has(timeMs)) continue;
      expect(late(store, i, timeMs, -k)).toBe('ok');
      expected[i]!.set(timeMs, -k);
    }
    await clock.advance(10_000);
  }
  return expected.map((samples) => [...samples].sort((a, b) => a[0] - b[0]));
}

async function found(store: TimeSeriesStore) {
  const data = await all(store, 'm');
  return Array.from({ length: SERIES }, (_, i) => {
    const one = data.find(({ labels }) => labels.get('i') === String(i))!;
    return Array.from(one.timestamps, (timeMs, k) => [timeMs, one.values[k]!]);
  });
}

it('takes late samples within the window, and says of older ones what Prometheus says', async () => {
  const clock = new ManualClock();
  const store = await open(tempFolder(), clock);
  const now = clock.now();
  scrape(store, 'm', now, [1, 2]);
  expect(late(store, 0, now - 1, 7)).toBe('out_of_order');
  store.setOutOfOrderWindow(WINDOW_MS);
  expect(late(store, 0, now - WINDOW_MS, 7)).toBe('ok');
  expect(late(store, 0, now - WINDOW_MS - 1, 7)).toBe('too_old');
  expect(late(store, 0, now, 1)).toBe('duplicate');
  expect(late(store, 0, now, 9)).toBe('conflict');
  // The window is measured from the newest sample of all.
  scrape(store, 'other', now + 1000, [1]);
  expect(late(store, 0, now + 1000 - WINDOW_MS - 1, 7)).toBe('too_old');
  const appender = store.appender();
  expect(appender.append(appender.series(labelsOf('m', 1)), now - 5, 1)).toBe('ok');
  appender.rollback();
  expect((await all(store, 'm')).map(({ values }) => [...values])).toEqual([[7, 1], [2]]);
  scrape(store, 'm', now + 2000, [3, 4]);
  expect(late(store, 0, now + 1, STALE)).toBe('ok');
  const [first] = await all(store, 'm');
  expect(Array.from(first!.values, bitsOf)).toEqual([7, 1, STALE, 3].map(bitsOf));
  expect(store.stats()).toMatchObject({
    appendedLate: 2,
    rejectedByOutcome: { too_old: 2, out_of_order: 1 },
  });
});

it('merges late samples from memory and blocks, after a kill and a restart too', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const options = { chunkRows: 20, outOfOrderWindowMs: WINDOW_MS };
  const store = await open(dir, clock, options);
  const expected = await filled(store, clock, 60);
  expect(await found(store)).toEqual(expected);
  await store.flush();
  // What a kill leaves: the files as they are.
  const killed = tempFolder();
  cpSync(dir, killed, { recursive: true, filter: (path) => !path.endsWith('lock') && !path.endsWith('pid') });
  const after = await open(killed, clock, options);
  expect(after.problems()).toEqual([]);
  expect(await found(after)).toEqual(expected);
  expect(late(after, 0, clock.now() - 15_001, 1)).toBe('ok');
  // Idle segments become blocks.
  await clock.advance(1_300_000);
  await caughtUp(store, 0);
  expect(await found(store)).toEqual(expected);
  await store.close();
  const again = await open(dir, clock, options);
  expect(await found(again)).toEqual(expected);
});

it('takes late histograms', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { outOfOrderWindowMs: WINDOW_MS });
  const histogram = (count: number): NativeHistogram => ({
    resetHint: 'unknown',
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: [count],
    negativeSpans: [],
    negativeBuckets: [],
    customBounds: [],
  });
  for (const [timeMs, count] of [
    [clock.now(), 3],
    [clock.now() - 1000, 2],
  ] as const) {
    const appender = store.appender();
    expect(appender.appendHistogram(appender.series(labelsOf('m', 0)), timeMs, histogram(count))).toBe('ok');
    appender.commit();
  }
  await store.close();
  const [data] = await all(await open(dir, clock), 'm');
  expect(data!.histograms?.map((one) => one?.count)).toEqual([2, 3]);
});
