import { Matcher, type SeriesData, type SeriesSet, STALE } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { bitsOf, caughtUp, open, scrape, tempFolder } from './helpers.ts';

const SERIES = 40;
const STEP_MS = 10_000;

function opened(store: TimeSeriesStore, rangeMs: number, set = store): SeriesSet {
  const matchers = [new Matcher('__name__', '=', 'm')];
  const range = { startMs: 0, endMs: 1e15, stepMs: 0, rangeMs, func: '' };
  return set.open!(matchers, range);
}

function textOf(data: SeriesData | undefined): string {
  if (!data) return 'none';
  const samples = Array.from(data.timestamps, (t, i) => `${t}:${bitsOf(data.values[i]!)}`);
  return [data.labels.key, ...samples].join(' ');
}

function read(set: SeriesSet, from = 0, end: number = set.size): string[] {
  return Array.from({ length: end - from }, (_, i) => textOf(set.read(from + i)));
}

/** Rows of one target: all series, or those that are not left out; the last two come alone, in segments of their own. */
function row(store: TimeSeriesStore, clock: ManualClock, n: number): void {
  const values = Array.from({ length: SERIES }, (_, i) => (i === 7 && n % 3 === 0 ? STALE : n * i));
  scrape(store, 'm', clock.now(), values);
  scrape(store, 'alone', clock.now(), [n]);
}

async function filled(clock: ManualClock, rows: number): Promise<TimeSeriesStore> {
  const store = await open(tempFolder(), clock, { chunkRows: 8 });
  for (let n = 0; n < rows; n++) {
    await clock.advance(STEP_MS);
    row(store, clock, n);
  }
  return store;
}

describe('series read one after the other', () => {
  for (const rangeMs of [0, 60_000]) {
    it(`are those of the cut, whatever comes meanwhile; rangeMs ${rangeMs}`, async () => {
      const clock = new ManualClock();
      const store = await filled(clock, 21);
      const before = read(opened(store, rangeMs));
      expect(before).toHaveLength(SERIES);
      const set = opened(store, rangeMs);
      const first = read(set, 0, 5);
      const cut = store.cut!();
      set.hold(cut);
      for (let n = 21; n < 40; n++) {
        await clock.advance(STEP_MS);
        row(store, clock, n);
        // A series that is new, and one commit of a part of the others.
        scrape(
          store,
          'm',
          clock.now() + 1,
          Array.from({ length: SERIES + n }, () => -n),
        );
      }
      const second = read(set, 5, 20);
      await caughtUp(store, SERIES * 60);
      const after = [...first, ...second, ...read(set, 20)];
      expect(newestOf(after, rangeMs)).toEqual(newestOf(before, rangeMs));
      const again = store.open!([new Matcher('__name__', '=', 'm')], range(rangeMs), cut);
      expect(newestOf(read(again).slice(0, SERIES), rangeMs)).toEqual(newestOf(before, rangeMs));
      expect(
        read(again)
          .slice(SERIES)
          .every((text) => text === 'none'),
      ).toBe(true);
      expect(read(opened(store, rangeMs), 0, 1)).not.toEqual(before.slice(0, 1));
    });
  }
});

describe('series of which a grid becomes a block between two of them', () => {
  it('are read from the block, and not from cells that others have by now', async () => {
    const clock = new ManualClock();
    const store = await filled(clock, 21);
    await caughtUp(store, SERIES * 8);
    // No turn for the writing thread: the grid that was being filled is full and not on disk yet.
    for (let n = 21; n < 30; n++) scrape(store, 'm', clock.now() + n, new Array(SERIES).fill(n));
    const before = read(opened(store, 60_000));
    const set = opened(store, 60_000);
    const first = read(set, 0, 5);
    set.hold(store.cut!());
    await clock.advance(STEP_MS);
    await caughtUp(store, SERIES * 9);
    scrape(
      store,
      'other',
      clock.now(),
      Array.from({ length: SERIES }, () => -1),
    );
    expect([...first, ...read(set, 5)]).toEqual(before);
  });
});

function range(rangeMs: number): { startMs: number; endMs: number; stepMs: 0; rangeMs: number; func: '' } {
  return { startMs: 0, endMs: 1e15, stepMs: 0, rangeMs, func: '' };
}

/** Where the newest sample is all that is asked for, older ones beside it count for nothing. */
function newestOf(texts: readonly string[], rangeMs: number): string[] {
  if (rangeMs > 0) return [...texts];
  return texts.map((text) => `${text.split(' ')[0]} ${text.split(' ').at(-1)}`);
}
