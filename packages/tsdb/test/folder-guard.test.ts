import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matcher } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it, vi } from 'vitest';
import type { StoreOptions, TimeSeriesStore } from '../src/index.ts';
import { all, caughtUp, open, openWithThreads, scrape, tempFolder } from './helpers.ts';

const START_MS = 1_700_000_000_000;
const SERIES = 20;
const ALL = { startMs: 0, endMs: 4e12 };

interface Running {
  readonly dir: string;
  readonly clock: ManualClock;
  readonly store: TimeSeriesStore;
}

/** Some scrapes on disk. */
async function running(more: Partial<StoreOptions> = {}, count = 10): Promise<Running> {
  const dir = join(tempFolder(), 'data');
  const clock = new ManualClock(START_MS);
  const store = await open(dir, clock, more);
  await scrapes({ dir, clock, store }, count);
  return { dir, clock, store };
}

async function scrapes({ clock, store }: Running, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await clock.advance(1_000);
    scrape(
      store,
      'up',
      clock.now(),
      Array.from({ length: SERIES }, (_, k) => i * k),
    );
  }
  await store.flush();
}

/** Once the guard has looked, and mended what it can. */
async function reported({ clock, store }: Running, reason: RegExp): Promise<void> {
  await vi.waitFor(async () => {
    await clock.advance(1_000);
    expect(store.problems().map((problem) => problem.reason)).toContainEqual(expect.stringMatching(reason));
  });
}

async function samplesOf(store: TimeSeriesStore): Promise<number[][]> {
  return (await all(store, 'up')).map(({ values }) => [...values]);
}

/** The different ones, in order. */
function lengthsOf(samples: readonly number[][]): number[] {
  return [...new Set(samples.map(({ length }) => length))].sort((a, b) => a - b);
}

/** What a start after a kill finds: nothing is flushed or closed before. */
async function afterKill({ dir, clock }: Running): Promise<TimeSeriesStore> {
  const copy = tempFolder();
  for (const name of readdirSync(dir))
    if (name !== 'lock' && name !== 'damaged') writeFileSync(join(copy, name), readFileSync(join(dir, name)));
  return await open(copy, clock);
}

describe('the folder of a running store', () => {
  it.each([
    ['head.db', ['head.db']],
    ['the journal of head.db', ['head.db-wal']],
    ['head.db and its journal', ['head.db', 'head.db-wal', 'head.db-shm']],
    ['heartbeat, format and pid', ['heartbeat', 'format', 'pid']],
    ['the lock', ['lock']],
  ])('without %s: what was deleted is written anew, and nothing is lost', async (_, names) => {
    const found = await running();
    for (const name of names) rmSync(join(found.dir, name));
    await reported(found, /deleted, replaced or moved away while the server runs; .*written to new files/);
    await scrapes(found, 5);
    const expected = await samplesOf(found.store);
    const next = await afterKill(found);
    expect(await samplesOf(next)).toEqual(expected);
    expect(next.problems()).toEqual([]);
    for (const name of ['head.db', 'heartbeat', 'format', 'pid', 'lock'])
      expect(existsSync(join(found.dir, name)), name).toBe(true);
    expect(found.store.problems().length).toBe(1);
  });

  it('that was deleted whole comes back with all that no block has, and is locked', async () => {
    const found = await running();
    await found.store.deleteSeries([[new Matcher('i', '=', '1')]], ALL);
    rmSync(found.dir, { recursive: true });
    await reported(found, /written to new files/);
    await scrapes(found, 5);
    await expect(open(found.dir, found.clock)).rejects.toThrow('in use by process');
    const expected = await samplesOf(found.store);
    expect(lengthsOf(expected)).toEqual([5, 15]);
    const next = await afterKill(found);
    expect(await samplesOf(next)).toEqual(expected);
    expect(next.problems()).toEqual([]);
  });

  it('with another head.db: that one is set aside', async () => {
    const found = await running();
    const other = await running();
    await other.store.close();
    for (const name of ['head.db-wal', 'head.db-shm']) rmSync(join(found.dir, name));
    renameSync(join(other.dir, 'head.db'), join(found.dir, 'head.db'));
    await reported(found, /written to new files/);
    expect(readdirSync(join(found.dir, 'damaged')).length).toBeGreaterThan(0);
    await scrapes(found, 5);
    const expected = await samplesOf(found.store);
    expect(await samplesOf(await afterKill(found))).toEqual(expected);
  });

  it('whose files go again and again is not written anew for ever, which is told', async () => {
    const found = await running();
    for (let i = 0; i < 3; i++) {
      rmSync(join(found.dir, 'head.db'));
      await vi.waitFor(async () => {
        await found.clock.advance(1_000);
        expect(existsSync(join(found.dir, 'head.db'))).toBe(true);
      });
      await found.store.flush();
    }
    await reported(found, /nobody looks any more until the next start/);
    rmSync(join(found.dir, 'head.db'));
    await scrapes(found, 30);
    expect(existsSync(join(found.dir, 'head.db'))).toBe(false);
    expect(found.store.problems().length).toBe(4);
  });

  it('that another server has taken meanwhile is left to it', async () => {
    const found = await running();
    renameSync(found.dir, `${found.dir}-old`);
    const other = await open(found.dir, found.clock);
    scrape(other, 'other', found.clock.now(), [1]);
    await other.flush();
    await reported(found, /another server works in the folder now/);
    await scrapes(found, 5);
    expect(lengthsOf(await samplesOf(found.store))).toEqual([15]);
    expect(found.store.stats().flushFailures).toBeGreaterThan(0);
    await found.store.close();
    expect(existsSync(join(found.dir, 'pid'))).toBe(true);
    await other.close();
    const next = await open(found.dir, found.clock);
    expect(await samplesOf(next)).toEqual([]);
    expect((await all(next, 'other')).length).toBe(1);
  });

  it('that cannot be written again is told so, and tried again', async () => {
    const found = await running();
    rmSync(found.dir, { recursive: true });
    writeFileSync(found.dir, 'a file where the folder was');
    await reported(found, /cannot be written again: .*lost when the server stops/);
    await scrapes(found, 30);
    expect(found.store.problems().length).toBe(1);
    rmSync(found.dir);
    await reported(found, /written to new files/);
    await scrapes(found, 2);
    const expected = await samplesOf(found.store);
    expect(await samplesOf(await afterKill(found))).toEqual(expected);
  });

  it('without a chunk file: its span is told, and later blocks go to a new one', async () => {
    const found = await running({ chunkRows: 20 }, 60);
    await caughtUp(found.store, 25 * SERIES);
    const chunks = () => readdirSync(found.dir).filter((name) => /^chunks-\d+\.db$/.test(name));
    const [first] = chunks();
    rmSync(join(found.dir, first!));
    await reported(found, /it can be read until the server stops/);
    const [problem] = found.store.problems();
    expect(problem!.lostFromMs).toBe(START_MS + 1_000);
    await scrapes(found, 40);
    await caughtUp(found.store, 25 * SERIES);
    expect(lengthsOf(await samplesOf(found.store))).toEqual([100]);
    expect(chunks()).not.toContain(first);
    const next = await afterKill(found);
    expect(lengthsOf(await samplesOf(next))[0]).toBeGreaterThanOrEqual(40);
    expect(next.problems().map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/the file is missing, and with it/),
    ]);
  });

  it('whose writing thread ends has nothing to tell of its files', async () => {
    const dir = tempFolder();
    const clock = new ManualClock(START_MS);
    const { store, threads } = await openWithThreads(dir, clock);
    await scrapes({ dir, clock, store }, 3);
    await threads[0]!.terminate();
    await clock.advance(5_000);
    await scrapes({ dir, clock, store }, 3);
    await clock.advance(5_000);
    expect(store.problems().map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/the thread that writes here ended/),
    ]);
    await store.close();
  });
});

describe('a folder without head.db', () => {
  it('and without heartbeat, but with blocks, is told to have lost what was not in them', async () => {
    const found = await running({ chunkRows: 20 }, 60);
    await caughtUp(found.store, 25 * SERIES);
    await found.store.close();
    const copy = tempFolder();
    mkdirSync(copy, { recursive: true });
    for (const name of readdirSync(found.dir))
      if (/^(chunks|format)/.test(name)) writeFileSync(join(copy, name), readFileSync(join(found.dir, name)));
    const next = await open(copy, found.clock);
    expect(next.problems()).toEqual([
      expect.objectContaining({
        file: join(copy, 'head.db'),
        reason: 'the file is missing: samples that were not yet in blocks are lost',
      }),
    ]);
  });
});
