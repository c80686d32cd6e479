/** A store with two days of raw samples, and with the aggregates of them. */
import { Matcher, type SelectHints, type SeriesData } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { expect, vi } from 'vitest';
import type { StoreOptions, TimeSeriesStore } from '../src/index.ts';
import { labelsOf, open, tempFolder } from './helpers.ts';
import {
  DAY_MS,
  downsampled,
  fill,
  HOUR_MS,
  NAME,
  randomSeries,
  type Sample,
  SERIES,
} from './rollup-data.ts';

export const MINUTE_MS = 60_000;
export const ROLLUPS = { fiveMinutesMs: 90 * DAY_MS, oneHourMs: 730 * DAY_MS };
/** The beginning of a span of both levels. */
export const START_MS = Math.ceil(1_700_000_000_000 / (5 * DAY_MS)) * 5 * DAY_MS;
export const END_MS = START_MS + 2 * DAY_MS;
/** By then everything is made that can be. */
export const LATER_MS = START_MS + 8 * DAY_MS;
export const RETENTION = { retentionMs: 30 * DAY_MS, maxBytes: 1e9, rollups: ROLLUPS };
export const OPTIONS: Partial<StoreOptions> = { ...RETENTION, flushEveryMs: 5_000 };

export interface Filled {
  readonly store: TimeSeriesStore;
  readonly clock: ManualClock;
  readonly dir: string;
  readonly series: Sample[][];
}

/** Two days of raw samples on disk, no aggregates yet. */
export async function filled(
  seed = 1,
  series = randomSeries(START_MS + 1000, END_MS, seed),
): Promise<Filled> {
  const dir = tempFolder();
  const clock = new ManualClock(END_MS);
  const store = await open(dir, clock, OPTIONS);
  await fill(store, series);
  await sealed(store, clock);
  return { store, clock, dir, series };
}

/** Lets all segments become blocks. */
export async function sealed(store: TimeSeriesStore, clock: ManualClock): Promise<void> {
  await clock.advance(700_000);
  await vi.waitFor(
    async () => {
      await clock.advance(5_000);
      await store.flush();
      expect(store.stats().headSamples).toBe(0);
    },
    { timeout: 20_000, interval: 2 },
  );
}

export async function rolled(seed = 1): Promise<Filled> {
  const found = await filled(seed);
  found.clock.setWall(LATER_MS);
  await downsampled(found.store, found.clock);
  await undoubted(found.clock);
  return found;
}

/** A clock that was set is trusted after an hour. */
export async function undoubted(clock: ManualClock): Promise<void> {
  await clock.advance(HOUR_MS + 20_000);
}

export function dropRaw(store: TimeSeriesStore): void {
  store.setRetention({ ...RETENTION, retentionMs: DAY_MS });
}

export function hints(stepMs: number, rangeMs: number, func: string): SelectHints {
  return { startMs: START_MS + 1, endMs: END_MS, stepMs, rangeMs, func };
}

export async function read(store: TimeSeriesStore, asked: SelectHints): Promise<(SeriesData | undefined)[]> {
  const found = await store.select([new Matcher('__name__', '=', NAME)], asked);
  const byKey = new Map(found.map((data) => [data.labels.key, data]));
  return Array.from({ length: SERIES }, (_, i) => byKey.get(labelsOf(NAME, i).key));
}
