import { existsSync, linkSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matcher } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { hashOf } from '../src/disk/layout.ts';
import type { TimeSeriesStore } from '../src/index.ts';
import { all, bitsOf, caughtUp, open, openWithThreads, scrape, tempFolder } from './helpers.ts';

const EVER = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

/** Hashes: the samples themselves would drown a difference. */
async function contents(store: TimeSeriesStore, endMs = EVER.endMs): Promise<string[]> {
  return (await all(store, 'm', EVER.startMs, endMs))
    .map(({ labels, timestamps, values }) =>
      [
        labels.key,
        timestamps.length,
        hashOf(Array.from(timestamps, (t, i) => `${t}:${bitsOf(values[i]!)}`).join()),
      ].join(' '),
    )
    .sort();
}

async function ingest(store: TimeSeriesStore, clock: ManualClock, scrapes: number): Promise<void> {
  for (let k = 0; k < scrapes; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: 20 }, (_, i) => k * 0.1 + i),
    );
    await clock.advance(1000);
  }
}

it('has everything committed before the call, opens by itself, and neither side changes the other', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { chunkRows: 20 });
  await ingest(store, clock, 90);
  await caughtUp(store, 25 * 20);
  await store.deleteSeries([[new Matcher('i', '=', '3')]], EVER);
  scrape(store, 'm', clock.now(), [1, 2, 3]);
  const beforeMs = clock.now();
  const before = await contents(store);
  const taking = store.snapshot();
  await clock.advance(1000);
  scrape(store, 'm', clock.now(), [7, 8, 9]);
  const name = await taking;
  expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{16}$/);
  const folder = join(dir, 'snapshots', name);
  expect(readdirSync(join(dir, 'snapshots'))).toEqual([name]);
  expect(statSync(join(folder, 'chunks-000001.db')).nlink).toBe(2);
  expect(statSync(join(folder, 'head.db')).nlink).toBe(1);

  const copy = await open(folder, clock, { chunkRows: 20 });
  // What was committed meanwhile may be in it.
  expect(await contents(copy, beforeMs)).toEqual(before);
  expect(copy.problems()).toEqual([]);
  const live = await contents(store);
  await ingest(copy, clock, 60);
  await caughtUp(copy, 25 * 20);
  expect(await contents(store)).toEqual(live);
  await ingest(store, clock, 60);
  await caughtUp(store, 25 * 20);
  const [ours, theirs] = [await contents(store), await contents(copy)];
  await store.close();
  await copy.close();
  const [first, second] = [await open(dir, clock), await open(folder, clock)];
  expect(await contents(first)).toEqual(ours);
  expect(await contents(second)).toEqual(theirs);
  expect([first.problems(), second.problems()]).toEqual([[], []]);
});

it('without the head has what is in blocks', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { chunkRows: 20 });
  await ingest(store, clock, 90);
  await caughtUp(store, 25 * 20);
  const name = await store.snapshot({ skipHead: true });
  const inBlocks = 90 * 20 - store.stats().headSamples;
  const copy = await open(join(dir, 'snapshots', name), clock);
  expect((await all(copy, 'm')).reduce((sum, { values }) => sum + values.length, 0)).toBe(inBlocks);
  expect(inBlocks).toBeGreaterThan(0);
  expect(copy.problems()).toEqual([]);
});

it('takes snapshots while blocks are written, one after the other', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { chunkRows: 10 });
  const taken: { name: string; before: string[] }[] = [];
  for (let round = 0; round < 6; round++) {
    await ingest(store, clock, 15);
    const before = await contents(store);
    taken.push({ name: await store.snapshot(), before });
  }
  for (const { name, before } of taken) {
    const copy = await open(join(dir, 'snapshots', name), clock);
    expect(await contents(copy)).toEqual(before);
    expect(copy.problems()).toEqual([]);
    await copy.close();
  }
  expect(store.stats()).toMatchObject({ snapshots: 6, flushFailures: 0 });
});

it('leaves nothing under the final name when the writing thread ends in the middle, and tidies up', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const { store, threads } = await openWithThreads(dir, clock);
  await ingest(store, clock, 5);
  await store.flush();
  mkdirSync(join(dir, 'snapshots', 'x.unfinished'), { recursive: true });
  writeFileSync(join(dir, 'snapshots', 'x.unfinished', 'head.db'), 'half of it');
  const taking = store.snapshot();
  const ended = threads.at(-1)!.terminate();
  await expect(taking).rejects.toThrow();
  await ended;
  expect(readdirSync(join(dir, 'snapshots')).filter((name) => !name.endsWith('.unfinished'))).toEqual([]);
  await clock.advance(2000);
  const name = await store.snapshot();
  expect(readdirSync(join(dir, 'snapshots'))).toEqual([name]);
  await store.close();
});

it('never writes to a chunk file that someone else has linked', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const elsewhere = tempFolder();
  const store = await open(dir, clock, { chunkRows: 10 });
  await ingest(store, clock, 30);
  await caughtUp(store, 15 * 20);
  await store.close();
  const first = join(dir, 'chunks-000001.db');
  linkSync(first, join(elsewhere, 'kept.db'));
  const { size, mtimeMs } = statSync(first);
  const again = await open(dir, clock, { chunkRows: 10 });
  await ingest(again, clock, 30);
  await caughtUp(again, 15 * 20);
  await again.close();
  expect(statSync(first)).toMatchObject({ size, mtimeMs });
  expect(existsSync(join(dir, 'chunks-000002.db'))).toBe(true);
});
