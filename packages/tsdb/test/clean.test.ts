import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Matcher } from '@watchroom/model';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { expect, it, vi } from 'vitest';
import { hashOf, unpackLayout } from '../src/disk/layout.ts';
import { type TimeSeriesStore, verifyFolder } from '../src/index.ts';
import { all, bitsOf, caughtUp, labelsOf, open, openWithThreads, scrape, tempFolder } from './helpers.ts';

const EVER = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
const OPTIONS = { chunkRows: 20, outOfOrderWindowMs: 60_000 };

function series(pattern: string): Matcher[] {
  return [new Matcher('i', '=~', pattern)];
}

async function contents(store: TimeSeriesStore): Promise<string[]> {
  const found: string[] = [];
  for (const name of ['m', 'loose', 'h'])
    for (const { labels, timestamps, values, histograms } of await all(store, name)) {
      const text = Array.from(
        timestamps,
        (t, i) => `${t}:${bitsOf(values[i]!)}:${JSON.stringify(histograms?.[i])}`,
      );
      found.push([labels.key, timestamps.length, hashOf(text.join())].join(' '));
    }
  return found.sort();
}

/** 300 series in grids, some loose, late and native histograms. */
async function fill(store: TimeSeriesStore, clock: ManualClock, scrapes = 90): Promise<void> {
  const random = seededRandom(9);
  for (let k = 0; k < scrapes; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: 300 }, () => random()),
    );
    const appender = store.appender();
    appender.append(appender.series(labelsOf('loose', k % 3)), clock.now() - (k % 7 === 3 ? 4000 : 0), k);
    appender.appendHistogram(appender.series(labelsOf('h', 1)), clock.now(), {
      schema: 1,
      zeroThreshold: 0.001,
      zeroCount: 0,
      customBounds: [],
      resetHint: 'gauge',
      count: k + 1,
      sum: k,
      positiveSpans: [{ offset: 0, length: 2 }],
      positiveBuckets: [1, k],
      negativeSpans: [],
      negativeBuckets: [],
    });
    appender.commit();
    await clock.advance(1000);
  }
  await caughtUp(store, 25 * 302);
  expect(store.stats().chunks).toBeGreaterThan(1);
}

/** Cleans with the clock going on, as the upkeep goes by it. */
async function clean(store: TimeSeriesStore, clock: ManualClock): Promise<void> {
  let done = false;
  const cleaning = store.cleanTombstones().finally(() => {
    done = true;
  });
  cleaning.catch(() => {});
  await vi.waitFor(
    async () => {
      await clock.advance(10);
      expect(done).toBe(true);
    },
    { timeout: 15_000, interval: 2 },
  );
  await cleaning;
}

function faultsIn(dir: string): string[] {
  const faults: string[] = [];
  verifyFolder(dir, { fault: ({ place, message }) => faults.push(`${place}: ${message}`) });
  return faults;
}

it('takes what is deleted out of every file, of the head too, and shows the same before and after', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  let store = await open(dir, clock, OPTIONS);
  const startMs = clock.now();
  await fill(store, clock);
  await store.deleteSeries([series('1..|5')], EVER);
  await store.deleteSeries([series('7')], { startMs: startMs + 10_500, endMs: startMs + 70_000 });
  await store.deleteSeries([[new Matcher('__name__', '=~', 'm|loose|h')]], {
    startMs: startMs + 30_000,
    endMs: startMs + 33_000,
  });
  const before = await contents(store);
  const labels = store.labelValues('i', [], EVER);
  expect(labels).not.toContain('100');
  await clean(store, clock);
  expect(store.stats()).toMatchObject({ tombstones: 0, flushFailures: 0 });
  expect(store.stats().cleanedSamples).toBeGreaterThan(101 * 90);
  expect(existsSync(join(dir, 'tombstones'))).toBe(false);
  expect(readdirSync(dir).filter((name) => name.includes('clean'))).toEqual([]);
  expect(await contents(store)).toEqual(before);
  expect(store.labelValues('i', [], EVER)).toEqual(labels);
  await store.flush();
  expect(faultsIn(dir)).toEqual([]);
  for (const name of readdirSync(dir).filter((file) => /^chunks-\d+\.db$/.test(file)))
    expect(inLayouts(join(dir, name))).not.toContain('"100"');
  scrape(
    store,
    'm',
    clock.now(),
    Array.from({ length: 300 }, (_, i) => i),
  );
  expect((await all(store, 'm')).find(({ labels: own }) => own.get('i') === '100')?.values).toHaveLength(1);
  const after = await contents(store);
  await store.close();
  store = await open(dir, clock, OPTIONS);
  expect(await contents(store)).toEqual(after);
  expect(store.problems()).toEqual([]);
});

/** The labels of all layouts. */
function inLayouts(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT series FROM layouts').all();
  db.close();
  return rows
    .map((row) =>
      unpackLayout(row['series'] as Uint8Array)
        .map(({ json }) => json)
        .join(),
    )
    .join();
}

it('gives the space back, drops files that are empty, and leaves snapshots as they are', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, OPTIONS);
  await fill(store, clock);
  const name = await store.snapshot();
  const snapshot = join(dir, 'snapshots', name);
  const kept = await contentsOf(snapshot, clock);
  const size = sizeOfChunks(dir);
  await store.deleteSeries([[new Matcher('__name__', '=', 'm')]], EVER);
  const before = await contents(store);
  await clean(store, clock);
  expect(await contents(store)).toEqual(before);
  expect(sizeOfChunks(dir)).toBeLessThan(size / 2);
  await store.deleteSeries([series('.+')], EVER);
  await clean(store, clock);
  await store.flush();
  expect(await contents(store)).toEqual([]);
  expect(existsSync(join(dir, 'chunks-000001.db'))).toBe(false);
  expect(store.stats().chunks).toBe(0);
  expect(await contentsOf(snapshot, clock)).toEqual(kept);
  await store.close();
  const again = await open(dir, clock, OPTIONS);
  expect(await contents(again)).toEqual([]);
  expect(again.problems()).toEqual([]);
});

function sizeOfChunks(dir: string): number {
  const names = readdirSync(dir).filter((name) => /^chunks-\d+\.db$/.test(name));
  return names.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

async function contentsOf(dir: string, clock: ManualClock): Promise<string[]> {
  const store = await open(dir, clock, OPTIONS);
  const found = await contents(store);
  expect(store.problems()).toEqual([]);
  await store.close();
  return found;
}

it('goes on beside ingest, and takes no sample that comes meanwhile', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, OPTIONS);
  await fill(store, clock);
  await store.deleteSeries([series('2..')], EVER);
  const cleaning = store.cleanTombstones();
  let rounds = 0;
  let done = false;
  void cleaning.then(() => {
    done = true;
  });
  const times: number[] = [];
  await vi.waitFor(
    async () => {
      rounds++;
      times.push(clock.now());
      scrape(
        store,
        'm',
        clock.now(),
        Array.from({ length: 300 }, () => rounds),
      );
      await clock.advance(1000);
      expect(done).toBe(true);
    },
    { timeout: 15_000, interval: 5 },
  );
  await cleaning;
  const own = (await all(store, 'm')).find(({ labels }) => labels.get('i') === '250')!;
  expect([...own.timestamps]).toEqual(times);
  expect(store.stats()).toMatchObject({ flushFailures: 0, droppedSamples: 0 });
  expect(store.problems()).toEqual([]);
});

it('that is cut at any file leaves a folder where the deleted stays deleted', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const { store, threads } = await openWithThreads(dir, clock, OPTIONS);
  await fill(store, clock, 60);
  await store.snapshot();
  for (let k = 0; k < 60; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: 300 }, () => k),
    );
    await clock.advance(1000);
  }
  await caughtUp(store, 25 * 302);
  await store.deleteSeries([series('1..')], EVER);
  const before = await contents(store);
  const copies: string[] = [];
  const cleaning = store.cleanTombstones();
  cleaning.catch(() => {});
  let state = '';
  let over = false;
  void cleaning
    .catch(() => {})
    .then(() => {
      over = true;
    });
  await vi.waitFor(
    async () => {
      await clock.advance(10);
      const now = stateOf(dir);
      if (now !== state) {
        state = now;
        copies.push(copied(dir));
        // The second time something has changed on disk, the writing thread dies.
        if (copies.length === 3) await threads.at(-1)!.terminate();
      }
      expect(over).toBe(true);
    },
    { timeout: 15_000, interval: 1 },
  );
  await cleaning.catch((error: Error) => expect(error.message).toMatch(/thread|written anew/));
  expect(await contents(store)).toEqual(before);
  copies.push(copied(dir));
  for (const copy of copies) {
    const again = await open(copy, clock, OPTIONS);
    expect(await contents(again)).toEqual(before);
    expect(again.problems()).toEqual([]);
    await again.close();
  }
  await clock.advance(2000);
  await clean(store, clock);
  expect(await contents(store)).toEqual(before);
  await store.close();
});

function stateOf(dir: string): string {
  return readdirSync(dir)
    .filter((name) => /^(chunks-\d+\.db|tombstones)/.test(name) && !/shm|wal/.test(name))
    .map((name) => `${name} ${statSync(join(dir, name), { throwIfNoEntry: false })?.ino}`)
    .join();
}

/** Read and written, as copying a file that becomes shorter meanwhile never ends (uv_fs_copyfile). */
function copied(dir: string): string {
  const to = tempFolder();
  for (const name of readdirSync(dir))
    if (/^(chunks|head|heartbeat|tombstones)/.test(name) && existsSync(join(dir, name)))
      writeFileSync(join(to, name), readFileSync(join(dir, name)));
  return to;
}

it('leaves a damaged file alone, says so, and what is deleted there stays hidden', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  let store = await open(dir, clock, OPTIONS);
  await fill(store, clock);
  await store.close();
  const path = join(dir, 'chunks-000001.db');
  const db = new DatabaseSync(path);
  db.exec('UPDATE slices SET crc = crc + 1 WHERE id = (SELECT max(id) FROM slices)');
  db.close();
  store = await open(dir, clock, OPTIONS);
  await store.deleteSeries([series('1..')], EVER);
  const before = await contents(store);
  await expect(clean(store, clock)).rejects.toThrow(/not all files could be written anew/);
  expect(store.stats().tombstones).toBeGreaterThanOrEqual(100);
  expect(await contents(store)).toEqual(before);
  expect(faultsIn(dir).join()).toMatch(/slices row \d+ .*the checksum does not fit/);
});
