import { readdirSync } from 'node:fs';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it, vi } from 'vitest';
import type { StoreLog, TimeSeriesStore } from '../src/index.ts';
import { all, caughtUp, open, scrape, tempFolder } from './helpers.ts';

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

describe('retention by a clock that may be wrong', () => {
  const DAY_MS = 24 * HOUR_MS;

  /** A chunk file of some minutes, and the hours behind it. */
  async function old(warnings: string[] = []): Promise<{
    dir: string;
    clock: ManualClock;
    store: TimeSeriesStore;
    log: StoreLog;
  }> {
    const [dir, clock] = [tempFolder(), new ManualClock()];
    const log = { info: () => {}, warn: (text: string) => warnings.push(text), error: () => {} };
    const store = await open(dir, clock, { retentionMs: DAY_MS, chunkRows: 20, log });
    for (let k = 0; k < 90; k++) {
      scrape(store, 'm', clock.now(), Array(20).fill(k));
      await clock.advance(1_000);
    }
    await caughtUp(store, 25 * 20);
    return { dir, clock, store, log };
  }

  const blocks = (dir: string): number =>
    readdirSync(dir).filter((name) => /^chunks-.*db$/.test(name)).length;

  /** What the upkeep was cut in goes on by the clock. */
  async function gone(dir: string, clock: ManualClock): Promise<void> {
    await vi.waitFor(
      async () => {
        await clock.advance(10_000);
        expect(blocks(dir)).toBe(0);
      },
      { timeout: 20_000, interval: 5 },
    );
  }

  it('that is set forward by a month and back within the hour deletes nothing', async () => {
    const warnings: string[] = [];
    const { dir, clock, store } = await old(warnings);
    const before = await stored(store);
    const timeMs = clock.now();
    clock.setWall(timeMs + 30 * DAY_MS);
    await clock.advance(0.9 * HOUR_MS);
    expect(blocks(dir)).toBe(1);
    clock.setWall(timeMs + 0.9 * HOUR_MS);
    await clock.advance(2 * HOUR_MS);
    expect(await stored(store)).toEqual(before);
    expect(warnings).toEqual([
      expect.stringMatching(/set forward by 2592000 s.*for an hour nothing is deleted/),
    ]);
  });

  it('that stays forward deletes after an hour', async () => {
    const { dir, clock } = await old();
    clock.setWall(clock.now() + 30 * DAY_MS);
    await clock.advance(1.1 * HOUR_MS);
    await gone(dir, clock);
  });

  it('by which all samples are too old at the start waits for an hour', async () => {
    const warnings: string[] = [];
    const { dir, store, log } = await old(warnings);
    await store.close();
    const clock = new ManualClock(1_700_000_000_000 + 30 * DAY_MS);
    await open(dir, clock, { retentionMs: DAY_MS, log });
    await clock.advance(0.9 * HOUR_MS);
    expect(blocks(dir)).toBe(1);
    expect(warnings.at(-1)).toMatch(
      /all blocks are older than the retention, the newest sample in them is of 2023-11-14T/,
    );
    await clock.advance(0.2 * HOUR_MS);
    await gone(dir, clock);
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
