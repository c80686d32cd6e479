import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { all, open, scrape, tempFolder } from './helpers.ts';

const HOUR_MS = 3_600_000;

/** Ten scrapes of one series, a second apart on the wall clock as it is. */
async function tenScrapes(store: TimeSeriesStore, clock: ManualClock, value: number): Promise<number[]> {
  const times: number[] = [];
  for (let k = 0; k < 10; k++) {
    scrape(store, 'm', clock.now(), [value]);
    times.push(clock.now());
    await clock.advance(1_000);
  }
  return times;
}

async function stored(store: TimeSeriesStore): Promise<[number, number][]> {
  const [series] = await all(store, 'm');
  return Array.from(series!.timestamps, (timeMs, i) => [timeMs, series!.values[i]!]);
}

describe('a wall clock that is set while the server runs', () => {
  it('back by hours: no sample is written over, time goes on where it was, and what came meanwhile is counted', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const store = await open(dir, clock);
    const first = await tenScrapes(store, clock, 1);
    clock.setWall(clock.now() - 3 * HOUR_MS);
    await tenScrapes(store, clock, 2);
    expect(store.stats().rejectedByOutcome.out_of_order).toBe(10);
    expect(await stored(store)).toEqual(first.map((timeMs) => [timeMs, 1]));
    clock.setWall(first.at(-1)! + 1_000);
    const later = await tenScrapes(store, clock, 3);
    const expected = [...first.map((timeMs) => [timeMs, 1]), ...later.map((timeMs) => [timeMs, 3])];
    expect(await stored(store)).toEqual(expected);
    await store.close();
    expect(await stored(await open(dir, clock))).toEqual(expected);
  });

  it('forward by hours and back: what was written ahead stays as it was, and series go on behind it', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const store = await open(dir, clock);
    const first = await tenScrapes(store, clock, 1);
    clock.setWall(clock.now() + 3 * HOUR_MS);
    const ahead = await tenScrapes(store, clock, 2);
    clock.setWall(first.at(-1)! + 1_000);
    await tenScrapes(store, clock, 3);
    const expected = [...first.map((timeMs) => [timeMs, 1]), ...ahead.map((timeMs) => [timeMs, 2])];
    expect(await stored(store)).toEqual(expected);
    await store.close();
    const again = await open(dir, clock);
    expect(await stored(again)).toEqual(expected);
    clock.setWall(ahead.at(-1)! + 1_000);
    await tenScrapes(again, clock, 4);
    expect(await stored(again)).toHaveLength(30);
  });
});

describe('a target with a clock of its own', () => {
  it('far ahead or behind is refused and counted; the other series of its scrape are taken', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { retentionMs: HOUR_MS });
    scrape(store, 'm', clock.now() + 11 * 60_000, [1]);
    scrape(store, 'm', clock.now() - 2 * HOUR_MS, [1]);
    scrape(store, 'm', clock.now(), [5]);
    const { too_far_ahead, too_old } = store.stats().rejectedByOutcome;
    expect([too_far_ahead, too_old]).toEqual([1, 1]);
    expect(await stored(store)).toEqual([[clock.now(), 5]]);
  });
});
