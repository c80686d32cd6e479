import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Labels, Matcher, type TimeRange } from '@watchroom/model';
import { ManualClock, seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { type TimeSeriesStore, verifyFolder } from '../src/index.ts';
import { all, caughtUp, labelsOf, open, openWithThreads, scrape, tempFolder } from './helpers.ts';

const EVER: TimeRange = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

function named(name: string, i?: number): Matcher[] {
  const metric = new Matcher('__name__', '=', name);
  return i === undefined ? [metric] : [metric, new Matcher('i', '=', String(i))];
}

/** Times of a metric's samples by series, as each way of reading gives them; they must agree. */
async function timesOf(
  store: TimeSeriesStore,
  name: string,
  range = EVER,
): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const { labels, timestamps } of await all(store, name, range.startMs, range.endMs))
    found[labels.get('i')] = [...timestamps];
  const opened: Record<string, number[]> = {};
  const newest: Record<string, number | undefined> = {};
  const hints = { ...range, stepMs: 0, func: '' };
  const set = store.open!(named(name), { ...hints, rangeMs: 1 });
  for (let i = 0; i < set.size; i++) {
    const data = set.read(i);
    if (data) opened[data.labels.get('i')] = [...data.timestamps];
  }
  const last = store.open!(named(name), { ...hints, rangeMs: 0 });
  for (let i = 0; i < last.size; i++) {
    const data = last.read(i);
    if (data) newest[data.labels.get('i')] = data.timestamps.at(-1);
  }
  expect(opened).toEqual(found);
  expect(newest).toEqual(Object.fromEntries(Object.entries(found).map(([i, times]) => [i, times.at(-1)])));
  return found;
}

/** Copies what a kill -9 at this moment would leave; by reading, as copying a file that becomes shorter meanwhile never ends. */
function killed(dir: string, copy: string): void {
  for (const name of readdirSync(dir))
    if (/^(chunks|head|heartbeat|tombstones)/.test(name))
      writeFileSync(join(copy, name), readFileSync(join(dir, name)));
}

/** 10 series, a scrape a second, so that most are in blocks and the last in the head. */
async function filled(store: TimeSeriesStore, clock: ManualClock, scrapes = 90): Promise<number> {
  const startMs = clock.now();
  for (let k = 0; k < scrapes; k++) {
    scrape(
      store,
      'm',
      clock.now(),
      Array.from({ length: 10 }, (_, i) => k * 10 + i),
    );
    await clock.advance(1000);
  }
  await caughtUp(store, 25 * 10);
  expect(store.stats().chunks).toBeGreaterThan(1);
  expect(store.stats().headSamples).toBeGreaterThan(0);
  return startMs;
}

it('deletes a span in blocks and head, of the series that match, and shows what comes after it', async () => {
  const clock = new ManualClock();
  const store = await open(tempFolder(), clock, { chunkRows: 20 });
  const startMs = await filled(store, clock);
  const before = await timesOf(store, 'm');
  const mark = store.changes.mark();
  const range = { startMs: startMs + 5000, endMs: startMs + 7000 };
  expect(await store.deleteSeries([named('m', 3)], range)).toBe(1);
  expect(store.changes.earliestSince(mark)).toBeLessThanOrEqual(range.startMs);
  expect(store.stats()).toMatchObject({ tombstones: 1, deletions: 1 });
  const after = await timesOf(store, 'm');
  expect(after['3']).toEqual(before['3']!.filter((t) => t < range.startMs || t > range.endMs));
  expect({ ...after, 3: before['3'] }).toEqual(before);

  expect(await store.deleteSeries([named('m', 3)], EVER)).toBe(1);
  expect(store.stats().tombstones).toBe(1);
  expect((await timesOf(store, 'm'))['3']).toBeUndefined();
  expect(store.series(named('m', 3), EVER)).toEqual([]);
  expect(store.labelValues('i', [], EVER)).not.toContain('3');
  expect(store.labelValues('i', named('m'), EVER)).not.toContain('3');
  expect(await store.deleteSeries([named('m', 3)], EVER)).toBe(0);
  expect(await store.deleteSeries([named('nothing')], EVER)).toBe(0);

  const nowMs = clock.now();
  scrape(
    store,
    'm',
    nowMs,
    Array.from({ length: 10 }, () => 1),
  );
  expect((await timesOf(store, 'm'))['3']).toEqual([nowMs]);
  expect(store.labelValues('i', [], EVER)).toContain('3');
});

it('takes several selectors, none for what does not match, and keeps label names that others carry', async () => {
  const clock = new ManualClock();
  const store = await open(tempFolder(), clock, { chunkRows: 20 });
  scrape(store, 'a', clock.now(), [1, 2]);
  scrape(store, 'b', clock.now(), [1, 2]);
  const appender = store.appender();
  appender.append(appender.series(Labels.fromObject({ __name__: 'c', only: 'x' })), clock.now(), 1);
  appender.commit();
  expect(await store.deleteSeries([named('a'), named('c')], EVER)).toBe(3);
  expect(store.labelValues('__name__', [], EVER)).toEqual(['b']);
  expect(store.labelNames([], EVER)).toEqual(['__name__', 'i']);
  expect(store.labelNames(named('c'), EVER)).toEqual([]);
});

it('is on disk before it answers: after a kill -9 what was deleted stays deleted', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const copy = tempFolder();
  const store = await open(dir, clock, { chunkRows: 20 });
  const startMs = await filled(store, clock);
  await store.deleteSeries([named('m', 3)], EVER);
  await store.deleteSeries([named('m', 4)], { startMs, endMs: startMs + 40_000 });
  const expected = await timesOf(store, 'm');
  killed(dir, copy);
  const again = await open(copy, clock, { chunkRows: 20 });
  expect(await timesOf(again, 'm')).toEqual(expected);
  expect(again.problems()).toEqual([]);
  scrape(
    again,
    'm',
    clock.now(),
    Array.from({ length: 10 }, () => 1),
  );
  expect((await timesOf(again, 'm'))['3']).toEqual([clock.now()]);
});

it('shows a sample that comes late into a deleted span, also after a restart', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const options = { chunkRows: 20, outOfOrderWindowMs: 600_000 };
  let store = await open(dir, clock, options);
  const startMs = await filled(store, clock);
  const late = (timeMs: number): void => {
    const appender = store.appender();
    expect(appender.append(appender.series(labelsOf('m', 3)), timeMs, 7)).toBe('ok');
    appender.commit();
  };
  late(startMs + 1500);
  await store.deleteSeries([named('m', 3)], EVER);
  expect((await timesOf(store, 'm'))['3']).toBeUndefined();
  late(startMs + 2500);
  expect((await timesOf(store, 'm'))['3']).toEqual([startMs + 2500]);
  await store.close();
  store = await open(dir, clock, options);
  expect((await timesOf(store, 'm'))['3']).toEqual([startMs + 2500]);
  late(startMs + 3500);
  expect((await timesOf(store, 'm'))['3']).toEqual([startMs + 2500, startMs + 3500]);
});

it('deletes exemplars that are there, and shows later ones', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  let store = await open(dir, clock);
  const add = (i: number, value: number): void => {
    const appender = store.appender();
    const ref = appender.series(labelsOf('m', i));
    appender.append(ref, clock.now(), value);
    appender.appendExemplar(ref, {
      labels: Labels.fromObject({ trace_id: `t${value}` }),
      value,
      timeMs: clock.now(),
    });
    appender.commit();
  };
  const values = (): number[] =>
    store.exemplars([named('m')], EVER).flatMap(({ exemplars }) => exemplars.map(({ value }) => value));
  add(1, 10);
  add(2, 20);
  await clock.advance(1000);
  add(1, 11);
  await store.deleteSeries([named('m', 1)], EVER);
  expect(values()).toEqual([20]);
  await clock.advance(1000);
  add(1, 12);
  expect(values()).toEqual([12, 20]);
  await store.close();
  store = await open(dir, clock);
  expect(values()).toEqual([12, 20]);
});

it('deletes nothing when the disk refuses', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const { store, threads } = await openWithThreads(dir, clock);
  scrape(store, 'm', clock.now(), [1, 2]);
  await store.flush();
  const ended = threads.at(-1)!.terminate();
  await expect(store.deleteSeries([named('m')], EVER)).rejects.toThrow(/writing thread/);
  await ended;
  expect(Object.keys(await timesOf(store, 'm'))).toEqual(['0', '1']);
  await clock.advance(2000);
  expect(await store.deleteSeries([named('m')], EVER)).toBe(2);
  await store.close();
});

it('reports a damaged list of tombstones, goes on with what is left of it, and refuses a newer one', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  let store = await open(dir, clock);
  const wide = Array.from({ length: 600 }, (_, i) => i);
  scrape(store, 'm', clock.now(), wide);
  await store.deleteSeries([named('m')], EVER);
  await store.close();
  const path = join(dir, 'tombstones');
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 0x10;
  writeFileSync(path, bytes);
  store = await open(dir, clock);
  expect(store.problems()[0]?.reason).toMatch(/frame 2: the checksum does not fit.*deleted anew/);
  expect(Object.keys(await timesOf(store, 'm'))).toHaveLength(100);
  await store.close();
  store = await open(dir, clock);
  expect(store.problems()).toEqual([]);
  expect(Object.keys(await timesOf(store, 'm'))).toHaveLength(100);
  await store.close();
  const sound = readFileSync(path);
  sound[8] = 99;
  sound.writeUInt32LE(crc32(sound.subarray(0, 16)), 16);
  writeFileSync(path, sound);
  await expect(open(dir, clock)).rejects.toThrow(/newer version \(format 99 in tombstones/);
});

it('reports once that the list of tombstones is missing, and not where it has gone for good', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  let store = await open(dir, clock);
  scrape(store, 'm', clock.now(), [1, 2]);
  await store.deleteSeries([named('m')], EVER);
  await store.close();
  const path = join(dir, 'tombstones');
  renameSync(path, `${path}-kept`);
  const faults: string[] = [];
  verifyFolder(dir, { fault: ({ message }) => faults.push(message) });
  expect(faults).toEqual(['the list of tombstones is missing: what was deleted will be seen again']);
  store = await open(dir, clock);
  expect(store.problems().map(({ file, reason }) => [file, reason])).toEqual([
    [path, 'the file is missing: what these deletions hid is seen again until it is deleted anew'],
  ]);
  expect(Object.keys(await timesOf(store, 'm'))).toHaveLength(2);
  await store.close();
  store = await open(dir, clock);
  expect(store.problems()).toEqual([]);
  await store.deleteSeries([named('m')], EVER);
  await store.cleanTombstones();
  await store.close();
  expect(existsSync(path)).toBe(false);
  store = await open(dir, clock);
  expect(store.problems()).toEqual([]);
  await store.close();
});

for (const seed of [1, 2, 3])
  it(`agrees with a model over random writes, deletions and restarts (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const clock = new ManualClock();
    const dir = tempFolder();
    const options = { chunkRows: 7, outOfOrderWindowMs: 60_000 };
    let store = await open(dir, clock, options);
    const model = new Map<string, Set<number>>();
    const startMs = clock.now();
    for (let round = 0; round < 250; round++) {
      const appender = store.appender();
      for (let i = 0; i < 12; i++) {
        if (random() < 0.1) continue;
        const timeMs = random() < 0.1 ? clock.now() - Math.floor(random() * 30_000) : clock.now();
        const known = model.get(String(i)) ?? new Set<number>();
        // Of two samples of one time one counts: whichever the model would have to know.
        if (known.has(timeMs)) continue;
        if (appender.append(appender.series(labelsOf('m', i)), timeMs, round) === 'ok') known.add(timeMs);
        model.set(String(i), known);
      }
      appender.commit();
      await clock.advance(Math.floor(random() * 2000));
      if (random() < 0.1) {
        const from = startMs + random() * (clock.now() - startMs);
        const range = random() < 0.3 ? EVER : { startMs: from, endMs: from + random() * 60_000 };
        const i = Math.floor(random() * 12);
        await store.deleteSeries([named('m', i)], range);
        const known = model.get(String(i)) ?? new Set();
        for (const t of [...known]) if (t >= range.startMs && t <= range.endMs) known.delete(t);
      }
      if (random() < 0.03) {
        await store.close();
        store = await open(dir, clock, options);
      }
    }
    const expected = [...model].filter(([, times]) => times.size > 0);
    expect(await timesOf(store, 'm')).toEqual(
      Object.fromEntries(expected.map(([i, times]) => [i, [...times].sort((a, b) => a - b)])),
    );
  }, 60_000);
