import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { Labels, Matcher, type SeriesData } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { afterEach, expect, vi } from 'vitest';
import { openStore, type StoreOptions, type TimeSeriesStore } from '../src/index.ts';
import { openStoreWith } from '../src/open.ts';
import { startWriter } from '../src/writer/client.ts';

// As the server's launcher does: the writing thread starts four times as fast.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/compile');

const opened: TimeSeriesStore[] = [];
const folders: string[] = [];
const clocks = new WeakMap<TimeSeriesStore, ManualClock>();
/** Upkeep that was cut after its few ms goes on by the clock. */
const STUCK_MS = 500;
const NUDGE_MS = 10;

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-tsdb-'));
  folders.push(folder);
  return folder;
}

/** Bytes of all files right in the folder. */
export function sizeOfFolder(dir: string): number {
  return readdirSync(dir).reduce(
    (sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

export async function open(
  dir: string,
  clock: ManualClock = new ManualClock(),
  more: Partial<StoreOptions> = {},
): Promise<TimeSeriesStore> {
  const store = await openStore({
    dir,
    clock,
    retentionMs: 15 * 86_400_000,
    maxBytes: 1e9,
    markStaleOnOpen: false,
    ...more,
  });
  opened.push(store);
  clocks.set(store, clock);
  return store;
}

/** A store whose writing threads the test can end; the last one is the one that runs. */
export async function openWithThreads(
  dir: string,
  clock: ManualClock,
  more: Partial<StoreOptions> = {},
): Promise<{ store: TimeSeriesStore; threads: Worker[] }> {
  const threads: Worker[] = [];
  const store = await openStoreWith(
    { dir, clock, retentionMs: 1e12, maxBytes: 1e12, markStaleOnOpen: false, ...more },
    (settings) => {
      const worker = startWriter(settings);
      threads.push(worker);
      return worker;
    },
  );
  clocks.set(store, clock);
  return { store, threads };
}

/** Lets the writing thread catch up with a clock that is faster than time, down to so many samples in memory. */
export async function caughtUp(store: TimeSeriesStore, headSamples: number): Promise<void> {
  await store.flush();
  let nudgeMs = performance.now() + STUCK_MS;
  await vi.waitFor(
    async () => {
      if (performance.now() > nudgeMs) {
        nudgeMs += STUCK_MS;
        await clocks.get(store)?.advance(NUDGE_MS);
      }
      expect(store.stats().headSamples).toBeLessThanOrEqual(headSamples);
    },
    { timeout: 15_000, interval: 5 },
  );
  await store.flush();
}

export function labelsOf(name: string, i: number): Labels {
  return Labels.fromObject({ __name__: name, i: String(i) });
}

/** Commits one scrape: series 0..values.length-1 of `name`. */
export function scrape(
  store: TimeSeriesStore,
  name: string,
  timeMs: number,
  values: readonly number[],
): void {
  const appender = store.appender();
  values.forEach((value, i) => {
    appender.append(appender.series(labelsOf(name, i)), timeMs, value);
  });
  appender.commit();
}

export async function all(
  store: TimeSeriesStore,
  name: string,
  startMs = Number.NEGATIVE_INFINITY,
  endMs = Number.POSITIVE_INFINITY,
): Promise<readonly SeriesData[]> {
  return await store.select([new Matcher('__name__', '=', name)], {
    startMs,
    endMs,
    stepMs: 0,
    rangeMs: 0,
    func: '',
  });
}

/** The bits of a number, as text: tells -0 from 0 and one NaN from another. */
export function bitsOf(value: number): string {
  const words = new BigUint64Array(new Float64Array([value]).buffer);
  return words[0]!.toString(16);
}
