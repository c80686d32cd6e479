import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isStale, Labels, Matcher, STALE } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it, vi } from 'vitest';
import type { EndedSeries, TimeSeriesStore } from '../src/index.ts';
import { all, bitsOf, caughtUp, labelsOf, open, scrape, sizeOfFolder, tempFolder } from './helpers.ts';

describe('append', () => {
  it('rolls back what an appender noted, whatever others that are open noted meanwhile', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock);
    const now = clock.now();
    scrape(store, 'm', now, [1, 2, 3]);
    const [first, second] = [store.appender(), store.appender()];
    const [a, b] = [0, 1].map((i) => first.series(labelsOf('m', i)));
    first.append(a!, now + 1, 9);
    second.append(b!, now + 1, 9);
    first.rollback();
    const third = store.appender();
    third.append(a!, now + 2, 4);
    second.rollback();
    third.rollback();
    scrape(store, 'm', now + 1, [5, 6, 7]);
    const values = (await all(store, 'm')).map((series) => [...series.values]);
    expect(values).toEqual([
      [1, 5],
      [2, 6],
      [3, 7],
    ]);
  });

  it('is on disk at the next tick, or sooner when it is much, but not within 250 ms of the last group', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock);
    await store.flush(); // The first heartbeat.
    const written = (count: number) => vi.waitFor(() => expect(store.stats().flushes).toBe(count));
    const much = Array.from({ length: 16_384 }, (_, i) => i);
    scrape(store, 'few', clock.now(), [1, 2, 3]);
    await clock.advance(499);
    expect(store.stats().walPendingScrapes).toBe(1);
    await clock.advance(1);
    await written(1);
    scrape(store, 'much', clock.now(), much);
    await clock.advance(249);
    expect(store.stats().walPendingScrapes).toBe(1);
    await clock.advance(1);
    await written(2);
    scrape(store, 'few', clock.now(), [1, 2, 3]);
    await clock.advance(249);
    expect(store.stats().walPendingScrapes).toBe(1);
    await clock.advance(1);
    await written(3);
  });

  it('judges each sample and counts what it refuses', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { retentionMs: 3_600_000 });
    const now = clock.now();
    scrape(store, 'm', now, [1]);
    const appender = store.appender();
    const ref = appender.series(labelsOf('m', 0));
    expect(appender.append(ref, now, 1)).toBe('duplicate');
    expect(appender.append(ref, now, 2)).toBe('conflict');
    expect(appender.append(ref, now - 1, 2)).toBe('out_of_order');
    expect(appender.append(ref, now - 3_600_001, 2)).toBe('too_old');
    expect(appender.append(ref, now + 600_001, 2)).toBe('too_far_ahead');
    expect(appender.append(ref, now + 1, 2)).toBe('ok');
    appender.rollback();
    expect((await all(store, 'm'))[0]?.values).toEqual(Float64Array.of(1));
    scrape(store, 'm', now + 1, [3]);
    expect((await all(store, 'm'))[0]?.values).toEqual(Float64Array.of(1, 3));
    expect(store.stats().rejectedByOutcome).toEqual({
      duplicate: 1,
      conflict: 1,
      out_of_order: 1,
      too_old: 1,
      too_far_ahead: 1,
      too_many_series: 0,
    });
  });

  it('shows a commit at once and nothing before it', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock);
    const appender = store.appender();
    appender.append(appender.series(labelsOf('m', 0)), clock.now(), 1);
    expect(await all(store, 'm')).toEqual([]);
    appender.commit();
    expect(await all(store, 'm')).toHaveLength(1);
  });

  it('keeps the bits of staleness markers, NaN and -0 through seals and restarts', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const values = [() => 1, () => STALE, () => Number.NaN, () => -0, () => 0, () => Infinity];
    for (const chunkRows of [3, 100]) {
      const name = `m${chunkRows}`;
      const store = await open(dir, clock, { chunkRows });
      for (const value of values) {
        const appender = store.appender();
        // Not by way of an array of numbers: V8 stores every NaN in those as the ordinary one.
        for (let i = 0; i < 10; i++)
          appender.append(appender.series(labelsOf(name, i)), clock.now(), value());
        appender.commit();
        await clock.advance(1000);
      }
      await store.close();
      const again = await open(dir, clock, { chunkRows });
      for (const data of await all(again, name))
        values.forEach((value, i) => {
          expect(bitsOf(data.values[i]!)).toBe(bitsOf(value()));
        });
      await again.close();
    }
  });
});

describe('select', () => {
  it('treats absent labels, literals and patterns as Prometheus does', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock);
    const sets: Record<string, string>[] = [
      { __name__: 'a', job: 'x' },
      { __name__: 'a', job: 'y', zone: '1' },
      { __name__: 'b', job: 'x', zone: '2' },
      { __name__: 'b' },
    ];
    const appender = store.appender();
    for (const set of sets) appender.append(appender.series(Labels.fromObject(set)), clock.now(), 1);
    appender.commit();
    const range = { startMs: 0, endMs: clock.now() };
    const found = async (...matchers: Matcher[]) => (await store.series(matchers, range)).map(String).sort();
    expect(await found(new Matcher('zone', '=', ''))).toEqual(['a{job="x"}', 'b']);
    expect(await found(new Matcher('zone', '!=', ''))).toEqual([
      'a{job="y", zone="1"}',
      'b{job="x", zone="2"}',
    ]);
    expect(await found(new Matcher('job', '=~', 'x|y'), new Matcher('__name__', '=', 'a'))).toHaveLength(2);
    expect(await found(new Matcher('job', '!~', 'x|y'))).toEqual(['b']);
    expect(await found(new Matcher('job', '=~', '.*'), new Matcher('zone', '=~', '[12]'))).toHaveLength(2);
    expect(await found(new Matcher('nothing', '=', 'x'))).toEqual([]);
    expect(['a', 'b', 'x', ''].map((name) => store.lacks?.(name))).toEqual([false, false, true, true]);
    expect(await store.labelNames([new Matcher('__name__', '=', 'b')], range)).toEqual([
      '__name__',
      'job',
      'zone',
    ]);
    expect(await store.labelValues('zone', [], range)).toEqual(['1', '2']);
    expect(await store.series([], { startMs: 0, endMs: clock.now() - 1 })).toEqual([]);
    expect(store.topCardinality(1).seriesByMetricName).toEqual([{ name: 'a', count: 2 }]);
  });
});

describe('opening again', () => {
  it('ends live series one spacing after their last sample, and lists the outage', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock);
    for (let k = 0; k < 5; k++) {
      scrape(store, 'm', clock.now(), new Array<number>(10).fill(k));
      scrape(store, 'ended', clock.now(), [k === 4 ? STALE : k]);
      await clock.advance(1000);
    }
    const lastMs = clock.now() - 1000;
    await store.close();
    const stoppedMs = clock.now();
    await clock.advance(60_000);
    const again = await open(dir, clock, { markStaleOnOpen: true });
    const data = await all(again, 'm');
    expect(data).toHaveLength(10);
    for (const { timestamps, values } of data) {
      expect(timestamps.at(-1)).toBe(lastMs + 999);
      expect(isStale(values.at(-1)!)).toBe(true);
      expect(values.length).toBe(6);
    }
    expect((await all(again, 'ended'))[0]?.values.length).toBe(5);
    expect(again.outages()).toEqual([{ fromMs: stoppedMs, toMs: stoppedMs + 60_000 }]);
  });

  it('leaves the time of the next regular sample free, as rules evaluate at aligned times', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock);
    for (let k = 0; k < 3; k++) {
      scrape(store, 'm', clock.now(), [k]);
      await clock.advance(15_000);
    }
    const dueMs = clock.now();
    await store.close();
    await clock.advance(1);
    const again = await open(dir, clock, { markStaleOnOpen: true });
    const appender = again.appender();
    expect(appender.append(appender.series(labelsOf('m', 0)), dueMs, 3)).toBe('ok');
    appender.commit();
    const { timestamps, values } = (await all(again, 'm'))[0]!;
    expect([...timestamps].slice(-2)).toEqual([dueMs - 1, dueMs]);
    expect(isStale(values.at(-2)!)).toBe(true);
    expect(again.stats().rejectedByOutcome.conflict).toBe(0);
  });

  it('calls nothing an outage that the heartbeat cannot tell from a running server', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock);
    scrape(store, 'm', clock.now(), [1]);
    await store.close();
    const stoppedMs = clock.now();
    await clock.advance(2000);
    const again = await open(dir, clock);
    expect(again.outages()).toEqual([]);
    await again.close();
    await clock.advance(2001);
    const third = await open(dir, clock);
    expect(third.outages()).toEqual([{ fromMs: stoppedMs + 2000, toMs: stoppedMs + 4001 }]);
    await third.close();
    expect((await open(dir, clock)).outages()).toHaveLength(1);
  });

  it('ends an outage, and no series, with the first samples that wait for a store that takes its time to open', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock);
    for (let k = 0; k < 3; k++) {
      scrape(store, 'often', clock.now(), [k]);
      if (k !== 1) scrape(store, 'seldom', clock.now(), [k]);
      await clock.advance(2500);
    }
    await store.close();
    const stoppedMs = clock.now();
    await clock.advance(2400);
    const gatheringSinceMs = clock.now();
    await clock.advance(5000);
    const again = await open(dir, clock, { markStaleOnOpen: true, gatheringSinceMs });
    expect(again.outages()).toEqual([{ fromMs: stoppedMs, toMs: gatheringSinceMs }]);
    const ended = async (name: string) => (await all(again, name))[0]!.values.some(isStale);
    expect([await ended('often'), await ended('seldom')]).toEqual([true, false]);
  });

  it('ends nothing when the restart was faster than one spacing, until a sample is missed', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock);
    for (let k = 0; k < 3; k++) {
      scrape(store, 'm', clock.now(), [k, k]);
      await clock.advance(15_000);
    }
    const lastMs = clock.now();
    scrape(store, 'm', lastMs, [3, 3]);
    await store.close();
    await clock.advance(2000);
    const again = await open(dir, clock, { markStaleOnOpen: true });
    const told: EndedSeries[] = [];
    again.onEnded = (ended) => told.push(ended);
    expect((await all(again, 'm')).map((data) => data.values.length)).toEqual([4, 4]);
    await clock.advance(13_000);
    scrape(again, 'm', clock.now(), [4]);
    await clock.advance(5000);
    const [alive, gone] = (await all(again, 'm')).map((data) => data.values);
    expect(alive).toEqual(Float64Array.of(0, 1, 2, 3, 4));
    expect(gone?.length).toBe(5);
    expect(isStale(gone!.at(-1)!)).toBe(true);
    // The marker lies before what has been read since.
    const endMs = lastMs + 14_999;
    expect(told).toEqual([{ metricNames: new Set(['m']), oldestMs: endMs, newestMs: endMs }]);
  });
});

describe('retention', () => {
  it('drops what is too old, by whole files, and hides it before', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { retentionMs: 600_000, chunkRows: 10 });
    for (let k = 0; k < 1500; k++) {
      scrape(store, 'm', clock.now(), new Array<number>(10).fill(k));
      await clock.advance(1000);
      if (k % 25 === 0) await caughtUp(store, 250);
    }
    const data = await all(store, 'm');
    expect(data[0]!.timestamps[0]).toBeGreaterThanOrEqual(clock.now() - 600_000);
    expect(data[0]!.values.length).toBeGreaterThanOrEqual(599);
    expect(store.stats().retainedFilesDropped).toBeGreaterThan(3);
    expect(store.stats().minTimeMs).toBeGreaterThanOrEqual(clock.now() - 700_000);
  });

  it('keeps the folder below its size, oldest first', async () => {
    const clock = new ManualClock();
    const maxBytes = 1024 * 1024;
    const store = await open(tempFolder(), clock, { maxBytes, chunkRows: 20 });
    for (let k = 0; k < 400; k++) {
      scrape(
        store,
        'm',
        clock.now(),
        Array.from({ length: 500 }, (_, i) => Math.sin(k * i)),
      );
      await clock.advance(1000);
      if (k % 20 === 0) await caughtUp(store, 15_000);
    }
    await clock.advance(20_000);
    expect(store.stats().retainedFilesDropped).toBeGreaterThan(0);
    const data = await all(store, 'm');
    const { diskBytes, minTimeMs } = store.stats();
    expect(diskBytes).toBeLessThan(maxBytes + 8 * 1024 * 1024);
    expect(minTimeMs).toBeGreaterThan(clock.now() - 400_000);
    expect(data[1]!.values.at(-1)).toBe(Math.sin(399));
  });

  it('holds the folder and the head to the size while series come and go', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const store = await open(dir, clock, { maxBytes: 1024 * 1024, retentionMs: 10_000 });
    let largest = 0;
    for (let k = 0; k < 120; k++) {
      const appender = store.appender();
      for (let i = 0; i < 500; i++) {
        const labels = { __name__: 'm', pod: `shop-${k}-${i}`, namespace: 'production', zone: `z${i % 3}` };
        appender.append(appender.series(Labels.fromObject(labels)), clock.now(), k * i);
      }
      for (let i = 0; i < 50; i++) appender.append(appender.series(labelsOf('kept', i)), clock.now(), k);
      appender.commit();
      await clock.advance(1000);
      if (k % 4 === 0) await store.flush();
      if (k >= 60) largest = Math.max(largest, sizeOfFolder(dir));
    }
    expect(largest).toBeLessThan(4 * 1024 * 1024);
    expect(store.stats().lastFlushError).toBeUndefined();
    const kept = await all(store, 'kept');
    expect(kept).toHaveLength(50);
    expect(kept[0]!.values.length).toBeGreaterThanOrEqual(10);
    await store.close();
    const again = await open(dir, clock, { maxBytes: 1024 * 1024, retentionMs: 10_000 });
    expect(again.problems()).toEqual([]);
    expect(await all(again, 'kept')).toEqual(kept);
  });
});

describe('head.db of before', () => {
  it('learns to give free pages back', async () => {
    const clock = new ManualClock();
    const dir = tempFolder();
    const options = { maxBytes: 1024 * 1024, chunkRows: 5 };
    await (await open(dir, clock, options)).close();
    const path = join(dir, 'head.db');
    const db = new DatabaseSync(path);
    db.exec('PRAGMA auto_vacuum = NONE; VACUUM; CREATE TABLE filler (data BLOB)');
    db.exec('INSERT INTO filler VALUES (zeroblob(4000000)); DROP TABLE filler');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    expect(statSync(path).size).toBeGreaterThan(4_000_000);
    const store = await open(dir, clock, options);
    await vi.waitFor(
      async () => {
        for (let k = 0; k < 20; k++) {
          scrape(store, 'm', clock.now(), new Array<number>(100).fill(k));
          await clock.advance(1000);
        }
        await store.flush();
        expect(sizeOfFolder(dir)).toBeLessThan(2_000_000);
      },
      { timeout: 20_000, interval: 1 },
    );
    expect(store.stats().lastFlushError).toBeUndefined();
  }, 30_000);
});

describe('series that have gone', () => {
  const SHORT = { retentionMs: 10_000, maxBytes: 1024 * 1024 };

  /** Lets time pass with one series that goes on. */
  async function wait(store: TimeSeriesStore, clock: ManualClock, seconds: number): Promise<void> {
    for (let k = 0; k < seconds; k++) {
      scrape(store, 'kept', clock.now(), [k]);
      await clock.advance(1000);
      if (k % 10 === 0) await store.flush();
    }
  }

  it('are released once their samples are, and their refs still work for whoever holds the labels', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, SHORT);
    const appender = store.appender();
    const held = Array.from({ length: 20 }, (_, i) => labelsOf('back', i));
    const refs = held.map((labels) => appender.series(labels));
    for (const ref of refs) appender.append(ref, clock.now(), 1);
    for (let i = 0; i < 2000; i++) appender.append(appender.series(labelsOf('gone', i)), clock.now(), i);
    appender.commit();
    await vi.waitFor(
      async () => {
        await wait(store, clock, 60);
        expect(store.stats().series).toBe(1);
      },
      { timeout: 20_000, interval: 1 },
    );
    expect(store.topCardinality(9).seriesByMetricName).toEqual([{ name: 'kept', count: 1 }]);
    for (const value of [2, 3]) {
      const late = store.appender();
      refs.forEach((ref, i) => {
        expect(late.append(ref, clock.now(), value * i)).toBe('ok');
      });
      late.commit();
      await clock.advance(1000);
    }
    const back = await all(store, 'back');
    expect(back.map(({ labels }) => Number(labels.get('i'))).sort((a, b) => a - b)).toEqual(
      refs.map((_, i) => i),
    );
    for (const { labels, values } of back)
      expect([...values]).toEqual([2 * Number(labels.get('i')), 3 * Number(labels.get('i'))]);
    expect(store.stats().series).toBe(21);
  }, 60_000);

  it('are kept while a block within the retention holds them', async () => {
    const clock = new ManualClock();
    const store = await open(tempFolder(), clock, { chunkRows: 4 });
    for (let k = 0; k < 4; k++) {
      scrape(store, 'm', clock.now(), new Array<number>(20).fill(k));
      await clock.advance(1000);
    }
    await wait(store, clock, 900);
    expect(store.stats().series).toBe(21);
    expect((await all(store, 'm'))[0]!.values).toEqual(Float64Array.of(0, 1, 2, 3));
  });
});
