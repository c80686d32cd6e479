import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it, vi } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { openStoreWith } from '../src/open.ts';
import { type StartWriter, startWriter } from '../src/writer/client.ts';
import { all, caughtUp, open, openWithThreads, scrape, tempFolder } from './helpers.ts';

const SERIES = 20;
/** The thread is a real one, on a machine that may be busy. */
const PATIENT = { timeout: 20_000 };

async function ingest(store: TimeSeriesStore, clock: ManualClock, from: number, scrapes: number) {
  for (let k = from; k < from + scrapes; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: SERIES }, (_, i) => k * i),
    );
    await clock.advance(1000);
  }
}

/** Every series has the values of scrapes 0 to `scrapes` - 1, each once. */
async function expectAll(store: TimeSeriesStore, scrapes: number) {
  const data = await all(store, 'm');
  expect(data).toHaveLength(SERIES);
  data.forEach(({ labels, values }) => {
    const i = Number(labels.get('i'));
    expect([...values]).toEqual(Array.from({ length: scrapes }, (_, k) => k * i));
  });
}

describe('the thread that writes', () => {
  it('empties its journals when there is nothing to write for some seconds', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const store = await open(dir, clock, { chunkRows: 10 });
    await ingest(store, clock, 0, 400);
    await caughtUp(store, 13 * SERIES);
    const journals = () =>
      ['head.db-wal', 'chunks-000001.db-wal'].map((name) => statSync(join(dir, name)).size);
    expect(Math.min(...journals())).toBeGreaterThan(256 * 1024);
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(journals()).toEqual([0, 0]);
    }, PATIENT);
    await expectAll(store, 400);
    await ingest(store, clock, 400, 30);
    await caughtUp(store, 13 * SERIES);
    await expectAll(store, 430);
  });

  it('empties its journals, too, when little is written after much', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const store = await open(dir, clock, { chunkRows: 200 });
    const bytes = (name: string): number => statSync(join(dir, name)).size;
    // How much that takes depends on how many scrapes the thread finds to write at a time.
    let scrapes = 0;
    for (; scrapes < 9_000 && bytes('head.db-wal') <= 1024 * 1024; scrapes += 100) {
      await ingest(store, clock, scrapes, 100);
      await store.flush();
    }
    expect(bytes('head.db-wal')).toBeGreaterThan(1024 * 1024);
    // As rules do: each second beat is after a write.
    let k = 0;
    const few = async (): Promise<void> => {
      scrape(store, 'rule', clock.now(), [k++]);
      for (let i = 0; i < 6; i++) await clock.advance(500);
    };
    await vi.waitFor(async () => {
      await few();
      expect(bytes('head.db-wal')).toBeLessThan(256 * 1024);
      expect(bytes('head.db')).toBeLessThan(1024 * 1024);
    }, PATIENT);
    expect(k).toBeLessThan(30);
    await expectAll(store, scrapes);
  });

  it('does not take the last samples: that is told, and the file is not taken for damaged later', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const told: string[] = [];
    const log = { info: () => {}, warn: () => {}, error: (text: string) => void told.push(text) };
    const store = await open(dir, clock, { chunkRows: 10, log });
    await ingest(store, clock, 0, 5);
    await store.flush();
    const other = new DatabaseSync(join(dir, 'head.db'));
    other.exec("CREATE TRIGGER full BEFORE INSERT ON wal BEGIN SELECT RAISE(FAIL, 'the disk is full'); END");
    await ingest(store, clock, 5, 1);
    await store.close();
    other.exec('DROP TRIGGER full');
    other.close();
    expect(told.join('\n')).toMatch(
      /scrapes and writes that the disk did not take are lost: the disk is full/,
    );
    const again = await open(dir, clock, { chunkRows: 10 });
    expect(again.problems()).toEqual([]);
    await expectAll(again, 5);
  }, 20_000);

  it('may end at any time: it is started again, reported, and nothing is lost or doubled', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const { store, threads } = await openWithThreads(dir, clock, { chunkRows: 10 });
    let scrapes = 0;
    for (let round = 0; round < 4; round++) {
      await ingest(store, clock, scrapes, 25);
      scrapes += 25;
      // Not awaited: requests are under way.
      const ended = threads.at(-1)!.terminate();
      await ingest(store, clock, scrapes, 3);
      scrapes += 3;
      await ended;
      await expectAll(store, scrapes);
    }
    await clock.advance(5000);
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(store.stats().lastFlushError).toBeUndefined();
    }, PATIENT);
    await caughtUp(store, 13 * SERIES);
    await expectAll(store, scrapes);
    expect(store.stats().writerRestarts).toBeGreaterThanOrEqual(1);
    expect(store.stats().undurableSamples).toBe(0);
    expect(store.problems()[0]?.reason).toContain('ended');
    await store.close();
    const again = await open(dir, clock);
    expect(again.problems()).toEqual([]);
    await expectAll(again, scrapes);
  }, 60_000);

  it('that cannot be started leaves the store serving from memory, with the failure in sight', async () => {
    const clock = new ManualClock();
    const start: StartWriter = (settings) => {
      const worker = startWriter(settings);
      void worker.terminate();
      return worker;
    };
    const store = await openStoreWith(
      { dir: tempFolder(), clock, retentionMs: 1e12, maxBytes: 1e12, maxPendingBytes: SERIES * 8 * 10 },
      start,
    );
    await ingest(store, clock, 0, 30);
    await expectAll(store, 30);
    await vi.waitFor(() => expect(store.stats().lastFlushError ?? '').toContain('writing thread'), PATIENT);
    const { flushFailures, undurableSamples, walPendingBytes } = store.stats();
    expect(flushFailures).toBeGreaterThan(0);
    expect(walPendingBytes).toBeLessThanOrEqual(SERIES * 8 * 10);
    expect(undurableSamples).toBeGreaterThanOrEqual(SERIES * 19);
    await store.close();
  }, 60_000);

  it('repeats what the disk refused', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    // The figure in stats() is gone with the next write that succeeds; the log stays.
    const errors: string[] = [];
    const log = { info: () => {}, warn: () => {}, error: (message: string) => void errors.push(message) };
    const store = await open(dir, clock, { chunkRows: 10, log });
    // A folder in the place of the next chunk file.
    const path = join(dir, 'chunks-000001.db');
    mkdirSync(path);
    await ingest(store, clock, 0, 40);
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(errors.join()).toContain('cannot write a block');
    }, PATIENT);
    await expectAll(store, 40);
    rmSync(path, { recursive: true });
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(store.stats().chunks).toBeGreaterThan(1);
    }, PATIENT);
    await expectAll(store, 40);
    expect(store.stats().lastFlushError).toBeUndefined();
    await store.close();
    const again = await open(dir, clock);
    await expectAll(again, 40);
  }, 60_000);
});

describe('a new target', () => {
  it('of very many series is written with all its labels', async () => {
    const dir = tempFolder();
    const clock = new ManualClock();
    const store = await open(dir, clock);
    scrape(store, 'm', clock.now(), new Array<number>(12_000).fill(7));
    await store.flush();
    expect(store.stats().walPendingScrapes).toBe(0);
    await store.close();
    const again = await open(dir, clock);
    expect(await all(again, 'm')).toHaveLength(12_000);
  });
});
