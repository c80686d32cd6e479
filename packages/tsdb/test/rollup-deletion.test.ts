/** Deleted samples and aggregates. */
import { Matcher } from '@watchroom/model';
import type { ManualClock } from '@watchroom/testkit';
import { describe, expect, it, vi } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { open } from './helpers.ts';
import { DAY_MS, downsampled, fill, HOUR_MS, NAME, type Sample, SERIES, windowsOf } from './rollup-data.ts';
import {
  dropRaw,
  filled,
  hints,
  LATER_MS,
  MINUTE_MS,
  OPTIONS,
  read,
  rolled,
  START_MS,
  sealed,
} from './rollup-store.ts';

describe('aggregates and deletions: aggregates', () => {
  it('hide what was deleted, after a cleaning too, when the raw samples are gone and after a restart', async () => {
    const { store, clock, dir, series } = await rolled();
    const [fromMs, toMs] = [START_MS + 6 * HOUR_MS, START_MS + 12 * HOUR_MS];
    const everything = [[new Matcher('__name__', '=', NAME)]];
    await store.deleteSeries(everything, { startMs: fromMs + 1, endMs: toMs });
    await store.cleanTombstones();
    expect(store.stats().tombstones).toBeGreaterThan(0);
    dropRaw(store);
    const expectHidden = async (from: TimeSeriesStore): Promise<void> => {
      for (const resolutionMs of [5 * MINUTE_MS, HOUR_MS]) {
        const found = await read(from, hints(resolutionMs, resolutionMs, 'count_over_time'));
        series.forEach((samples, i) => {
          const ends = [...windowsOf(samples, resolutionMs).keys()].filter((ms) => ms <= fromMs || ms > toMs);
          expect([...found[i]!.timestamps], `series ${i}`).toEqual(ends);
        });
      }
    };
    await expectHidden(store);
    await store.close();
    await expectHidden(await open(dir, clock, { ...OPTIONS, retentionMs: DAY_MS }));
  });

  it('are hidden of a series that has nothing else, after a restart', async () => {
    const { store, clock, dir } = await rolled();
    dropRaw(store);
    await clock.advance(60_000);
    await store.close();
    const again = await open(dir, clock, { ...OPTIONS, retentionMs: DAY_MS });
    const range = { startMs: 0, endMs: LATER_MS };
    const everything = [new Matcher('__name__', '=', NAME)];
    expect(again.series(everything, range)).toHaveLength(SERIES);
    expect(await again.deleteSeries([everything], range)).toBe(SERIES);
    for (const resolutionMs of [5 * MINUTE_MS, HOUR_MS]) {
      const found = await read(again, hints(resolutionMs, resolutionMs, 'count_over_time'));
      expect(found.every((data) => data === undefined)).toBe(true);
    }
  });

  it('do not bring back a deleted peak of a counter in what is counted from one window to the next', async () => {
    const steady: Sample[] = [];
    for (let i = 0; i < 48 * 120; i++) steady.push([START_MS + 1000 + i * 30_000, i]);
    const peakMs = START_MS + 1000 + 20.5 * HOUR_MS;
    const endMs = START_MS + 1000 + 30 * HOUR_MS - 30_000;
    const peaks = steady.map(([ms, value]): Sample => [ms, ms === peakMs || ms === endMs ? 1e9 : value]);
    const { store, clock } = await filled(1, [peaks]);
    clock.setWall(LATER_MS);
    await downsampled(store, clock);
    const everything = [[new Matcher('__name__', '=', NAME)]];
    for (const ms of [peakMs, endMs]) await store.deleteSeries(everything, { startMs: ms, endMs: ms });
    dropRaw(store);
    for (const func of ['increase', 'delta']) {
      const [found] = await read(store, hints(HOUR_MS, HOUR_MS, func));
      expect(found!.timestamps.length).toBeGreaterThan(40);
      expect(Math.max(...found!.values)).toBeLessThan(48 * 120);
      expect(Math.min(...found!.values)).toBeGreaterThanOrEqual(0);
    }
  });

  it('count a reset that comes right after what was deleted', async () => {
    const deletedMs = START_MS + 1000 + 20.5 * HOUR_MS;
    const resetMs = deletedMs + 7 * MINUTE_MS;
    const samples: Sample[] = [];
    for (let i = 0; i < 48 * 120; i++) {
      const ms = START_MS + 1000 + i * 30_000;
      samples.push([ms, ms < resetMs ? i : (ms - resetMs) / 30_000]);
    }
    const { store, clock } = await filled(1, [samples]);
    clock.setWall(START_MS + 4 * DAY_MS);
    await fiveMinutesOnly(store, clock);
    await store.deleteSeries([[new Matcher('__name__', '=', NAME)]], {
      startMs: deletedMs,
      endMs: deletedMs,
    });
    dropRaw(store);
    const sum = async (resolutionMs: number): Promise<number> => {
      const [found] = await read(store, hints(resolutionMs, resolutionMs, 'increase'));
      return found!.values.at(-1)! - found!.values[0]!;
    };
    // All but the samples of the hour or the five minutes before the first value, and one for the reset itself.
    const rose = 48 * 120 - 2;
    expect(await sum(5 * MINUTE_MS)).toBeGreaterThan(rose - 12);
    expect(await sum(5 * MINUTE_MS)).toBeLessThanOrEqual(rose);
    clock.setWall(LATER_MS);
    await downsampled(store, clock);
    expect(await sum(HOUR_MS)).toBeGreaterThan(rose - 130);
    expect(await sum(HOUR_MS)).toBeLessThanOrEqual(rose);
  });

  it('tell of what is left and of what came later where they are made after the deletion', async () => {
    const { store, clock, dir, series } = await filled();
    const everything = [[new Matcher('__name__', '=', NAME)]];
    const deleted = { startMs: START_MS + 36 * HOUR_MS + 1, endMs: START_MS + 42 * HOUR_MS };
    const minute = { startMs: START_MS + 27.5 * HOUR_MS, endMs: START_MS + 27.5 * HOUR_MS + MINUTE_MS };
    for (const range of [deleted, minute]) await store.deleteSeries(everything, range);
    const late: Sample[][] = series.map((_, i) =>
      Array.from({ length: 90 }, (_, k) => [START_MS + 38 * HOUR_MS + 500 + k * 30_000, 1e6 + i * k]),
    );
    store.setOutOfOrderWindow(3 * DAY_MS);
    await fill(store, late);
    store.setOutOfOrderWindow(0);
    await sealed(store, clock);
    clock.setWall(LATER_MS);
    await downsampled(store, clock);
    dropRaw(store);
    const isLeft = ([ms]: Sample): boolean =>
      [deleted, minute].every(({ startMs, endMs }) => ms < startMs || ms > endMs);
    const left = series.map((samples, i) =>
      [...samples.filter(isLeft), ...late[i]!].sort((a, b) => a[0] - b[0]),
    );
    await expectWindows(store, left);
    await store.close();
    const again = await open(dir, clock, { ...OPTIONS, retentionMs: DAY_MS });
    await expectWindows(again, left);
    // A deletion of today holds for them, though no segment was begun since the last one.
    const range = { startMs: START_MS + 44 * HOUR_MS + 1, endMs: START_MS + 45 * HOUR_MS };
    expect(await again.deleteSeries(everything, range)).toBe(SERIES);
    const rest = left.map((samples) => samples.filter(([ms]) => ms < range.startMs || ms > range.endMs));
    await expectWindows(again, rest);
  });

  it('of an hour are made of the five minutes that nothing was deleted in since these were made', async () => {
    const steady: Sample[] = [];
    for (let i = 0; i < 48 * 120; i++) steady.push([START_MS + 1000 + i * 30_000, i]);
    const peakMs = START_MS + 1000 + 20.5 * HOUR_MS;
    const peaked = steady.map(([ms, value]): Sample => [ms, ms === peakMs ? 1e9 : value]);
    const { store, clock } = await filled(1, [peaked]);
    clock.setWall(START_MS + 4 * DAY_MS);
    await fiveMinutesOnly(store, clock);
    await store.deleteSeries([[new Matcher('__name__', '=', NAME)]], { startMs: peakMs, endMs: peakMs });
    clock.setWall(LATER_MS);
    await downsampled(store, clock);
    dropRaw(store);
    // The five minutes with the peak are not there.
    const hiddenMs = Math.ceil(peakMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
    const left = steady.filter(([ms]) => ms > hiddenMs || ms <= hiddenMs - 5 * MINUTE_MS);
    await expectWindows(store, [left]);
    const [increases] = await read(store, hints(HOUR_MS, HOUR_MS, 'increase'));
    expect(Math.min(...increases!.values)).toBeGreaterThanOrEqual(0);
  });
});

/** Runs the upkeep until all five minutes are made that are due, and no hours. */
async function fiveMinutesOnly(store: TimeSeriesStore, clock: ManualClock): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.advance(5_000);
      await store.flush();
      expect(store.stats().rollups.map(({ waiting, blocks }) => [waiting > 0, blocks > 0])).toEqual([
        [false, true],
        [true, false],
      ]);
    },
    { timeout: 20_000, interval: 2 },
  );
}

async function expectWindows(store: TimeSeriesStore, series: readonly Sample[][]): Promise<void> {
  for (const resolutionMs of [5 * MINUTE_MS, HOUR_MS]) {
    for (const func of ['count_over_time', 'max_over_time'] as const) {
      const found = await read(store, hints(resolutionMs, resolutionMs, func));
      series.forEach((samples, i) => {
        const expected = [...windowsOf(samples, resolutionMs)].map(([endMs, { count, max }]) => [
          endMs,
          func === 'max_over_time' ? max : count,
        ]);
        const shown = Array.from(found[i]!.timestamps, (ms, k) => [ms, found[i]!.values[k]]);
        expect(shown, `${func} of series ${i} by ${resolutionMs}`).toEqual(expected);
      });
    }
  }
}
