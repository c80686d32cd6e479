/** Series with everything that aggregates have to get right, and the aggregates worked out from the definition. */
import { isStale, STALE } from '@watchroom/model';
import { type ManualClock, seededRandom } from '@watchroom/testkit';
import { expect, vi } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { labelsOf } from './helpers.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const NAME = 'm';
export const SERIES = 7;
const SCRAPE_MS = 30_000;
const CUT_EVERY = 40;

export type Sample = readonly [timeMs: number, value: number];

/** One list per series: a counter with resets, a gauge, one with gaps, one ended again and again, one of NaNs, one late, one with times of its own. */
export function randomSeries(startMs: number, endMs: number, seed: number): Sample[][] {
  const random = seededRandom(seed);
  const series: Sample[][] = Array.from({ length: SERIES }, () => []);
  let counter = 0;
  let gapUntilMs = startMs;
  for (let timeMs = startMs; timeMs < endMs; timeMs += SCRAPE_MS) {
    counter = random() < 0.01 ? Math.floor(random() * 20) : counter + Math.floor(random() * 10);
    const gauge = Math.round(random() * 10_000) / 100 - 20;
    series[0]!.push([timeMs, counter]);
    series[1]!.push([timeMs, gauge]);
    if (random() < 0.002) gapUntilMs = timeMs + random() * 3 * HOUR_MS;
    if (timeMs >= gapUntilMs) series[2]!.push([timeMs, counter / 7]);
    series[3]!.push([timeMs, random() < 0.1 ? STALE : gauge]);
    series[4]!.push([timeMs, random() < 0.9 ? Number.NaN : gauge]);
    if (timeMs > startMs + 1.3 * DAY_MS) series[5]!.push([timeMs, -counter]);
    series[6]!.push([timeMs + Math.floor(random() * 20_000), gauge * 1e9]);
  }
  return series;
}

/** Appends in commits of some rows, oldest first, letting the writing thread follow. */
export async function fill(store: TimeSeriesStore, series: readonly Sample[][]): Promise<void> {
  const places = series.map(() => 0);
  const firstMs = Math.min(...series.map((samples) => samples[0]![0]));
  for (let row = 0; series.some(({ length }, i) => places[i]! < length); row += CUT_EVERY) {
    const untilMs = firstMs + (row + CUT_EVERY) * SCRAPE_MS;
    const appender = store.appender();
    series.forEach((samples, i) => {
      const ref = appender.series(labelsOf(NAME, i));
      for (; places[i]! < samples.length && samples[places[i]!]![0] < untilMs; places[i]!++) {
        const [timeMs, value] = samples[places[i]!]!;
        expect(appender.append(ref, timeMs, value)).toBe('ok');
      }
    });
    appender.commit();
    if (row % (CUT_EVERY * 25) === 0) await store.flush();
  }
  await store.flush();
}

/** Runs the upkeep until all that is due has been made. */
export async function downsampled(store: TimeSeriesStore, clock: ManualClock): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.advance(5_000);
      await store.flush();
      expect(store.stats().rollups.map(({ waiting }) => waiting)).toEqual([0, 0]);
    },
    { timeout: 20_000, interval: 2 },
  );
}

export interface Window {
  last: number;
  isEnded: boolean;
  drops: number;
  min: number;
  max: number;
  sum: number;
  count: number;
}

/** By the window's end. */
export function windowsOf(samples: readonly Sample[], resolutionMs: number): Map<number, Window> {
  const windows = new Map<number, Window>();
  let previous: number | undefined;
  const newest = new Map<number, Sample>();
  for (const [timeMs, value] of samples) {
    const endMs = Math.ceil(timeMs / resolutionMs) * resolutionMs;
    newest.set(endMs, [timeMs, value]);
    if (isStale(value)) continue;
    const known = windows.get(endMs);
    const window = known ?? {
      last: 0,
      isEnded: false,
      drops: 0,
      min: Number.NaN,
      max: Number.NaN,
      sum: 0,
      count: 0,
    };
    windows.set(endMs, window);
    window.last = value;
    if (previous !== undefined && value < previous) window.drops += previous;
    previous = value;
    if (!Number.isNaN(value)) {
      window.min = Number.isNaN(window.min) ? value : Math.min(window.min, value);
      window.max = Number.isNaN(window.max) ? value : Math.max(window.max, value);
    }
    window.sum += value;
    window.count++;
  }
  for (const [endMs, window] of windows) {
    const [timeMs, value] = newest.get(endMs)!;
    window.isEnded = isStale(value) || timeMs <= endMs - 300_000;
  }
  return windows;
}
