import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matcher, type SeriesData } from '@watchroom/model';
import { describe, expect, it, vi } from 'vitest';
import { FORMAT_VERSION, formatOf } from '../src/disk/sqlite.ts';
import type { TimeSeriesStore } from '../src/index.ts';
import { all, open } from './helpers.ts';
import {
  DAY_MS,
  downsampled,
  HOUR_MS,
  NAME,
  type Sample,
  SERIES,
  type Window,
  windowsOf,
} from './rollup-data.ts';
import {
  dropRaw,
  END_MS,
  filled,
  hints,
  LATER_MS,
  MINUTE_MS,
  OPTIONS,
  RETENTION,
  ROLLUPS,
  read,
  rolled,
  START_MS,
  undoubted,
} from './rollup-store.ts';

function pairsOf(data: SeriesData | undefined): (readonly [number, number])[] {
  return Array.from(data?.timestamps ?? [], (timeMs, k) => [timeMs, data!.values[k]!] as const);
}

/** Nine digits: sums are added up in another order. */
function rounded(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return pairs.map(([timeMs, value]) => [timeMs, Number(value.toPrecision(9))]);
}

const COLUMNS: readonly (readonly [func: string, value: (window: Window) => number])[] = [
  ['min_over_time', ({ min }) => min],
  ['max_over_time', ({ max }) => max],
  ['sum_over_time', ({ sum }) => sum],
  ['count_over_time', ({ count }) => count],
  ['avg_over_time', ({ sum, count }) => sum / count],
  ['last_over_time', ({ last }) => last],
];

async function expectAggregates(store: TimeSeriesStore, series: readonly Sample[][]): Promise<void> {
  for (const resolutionMs of [5 * MINUTE_MS, HOUR_MS]) {
    const windows = series.map((samples) => [...windowsOf(samples, resolutionMs)]);
    for (const [func, value] of COLUMNS) {
      const found = await read(store, hints(resolutionMs, resolutionMs, func));
      windows.forEach((ofSeries, i) => {
        const expected = ofSeries.map(([endMs, window]) => [endMs, value(window)] as const);
        expect(rounded(pairsOf(found[i])), `${func} of ${i}`).toEqual(rounded(expected));
        if (func !== 'avg_over_time' && func !== 'count_over_time') return;
        expect(Array.from(found[i]!.weights!)).toEqual(ofSeries.map(([, { count }]) => count));
      });
    }
    const shown = await read(store, hints(resolutionMs, 0, ''));
    windows.forEach((ofSeries, i) => {
      const expected = ofSeries
        .filter(([, window]) => !window.isEnded)
        .map(([endMs, { last }]) => [endMs, last]);
      expect(pairsOf(shown[i]), `steps of ${i}`).toEqual(expected);
    });
  }
}

describe('aggregates', () => {
  it.each([1, 2])('are what the definition says of random series, seed %i', async (seed) => {
    const { store, series } = await rolled(seed);
    const stats = store.stats().rollups;
    expect(stats.map(({ level, waiting, failures }) => [level, waiting, failures])).toEqual([
      ['5m', 0, 0],
      ['1h', 0, 0],
    ]);
    expect(stats.every(({ blocks, windows, bytes }) => blocks > 0 && windows > 0 && bytes > 0)).toBe(true);
    dropRaw(store);
    await expectAggregates(store, series);
  });

  it('of series that lack as many windows, but others, have the times of their own', async () => {
    // Which hour each lacks.
    const lacking = [-1, 3, 5, 5, 7, 3, -1];
    const series = lacking.map((hour) =>
      Array.from({ length: 5_760 }, (_, k): Sample => [START_MS + 1000 + k * 30_000, k]).filter(
        ([timeMs]) => Math.floor((timeMs - START_MS) / HOUR_MS) !== hour,
      ),
    );
    const { store, clock } = await filled(1, series);
    clock.setWall(LATER_MS);
    await downsampled(store, clock);
    dropRaw(store);
    const asked = hints(HOUR_MS, HOUR_MS, 'max_over_time');
    const found = await read(store, asked);
    found.forEach((data, i) => {
      const expected = [...windowsOf(series[i]!, HOUR_MS)].map(([endMs, { max }]) => [endMs, max]);
      expect(pairsOf(data), `series ${i}`).toEqual(expected);
    });
  });

  it('tell the true increase of a counter, whatever was reset within a window', async () => {
    const { store, series } = await rolled();
    dropRaw(store);
    for (const resolutionMs of [5 * MINUTE_MS, HOUR_MS]) {
      const windows = [...windowsOf(series[0]!, resolutionMs).values()];
      // Pairs of a window's beginning and end; five windows and more in the range need none.
      const [paired] = await read(store, hints(resolutionMs, resolutionMs, 'increase'));
      const [plain] = await read(store, hints(resolutionMs, 12 * resolutionMs, 'rate'));
      const ends = [...windowsOf(series[0]!, resolutionMs).keys()];
      const isFirstKnown = windows[0]!.drops === 0 ? 1 : 0;
      expect(paired!.timestamps.length).toBe(2 * windows.length - 1 + isFirstKnown);
      const at = (data: SeriesData | undefined, timeMs: number) =>
        data!.values[data!.timestamps.indexOf(timeMs)]!;
      windows.forEach((window, k) => {
        if (k === 0) return;
        const increase = window.last + window.drops - windows[k - 1]!.last;
        const startMs = ends[k]! - resolutionMs + 1;
        expect(at(paired, ends[k]!) - at(paired, startMs)).toBe(increase);
        if (resolutionMs === 5 * MINUTE_MS)
          expect(at(plain, ends[k]!) - at(plain, ends[k - 1]!)).toBe(increase);
      });
      expect(paired!.values.at(-1)).toBe(series[0]!.at(-1)![1]);
    }
  });

  it('tell what a counter rose by in a window that none comes before: its first one, and one after a gap', async () => {
    // Lives forty minutes; has gaps; begins with a reset; lives for one sample.
    const minutes: readonly (readonly [from: number, to: number])[][] = [
      [[190, 230]],
      [
        [10, 70],
        [400, 500],
        [1_000, 1_061],
      ],
      [[310, 350]],
      [[250, 250.4]],
    ];
    const series = minutes.map((spans, i) =>
      spans.flatMap(([from, to]) =>
        Array.from({ length: Math.ceil((to - from) * 2) }, (_, k): Sample => {
          const ms = START_MS + 1000 + (from * 2 + k) * 30_000;
          return [ms, i === 2 && k > 10 ? k : 1_000 + from + 3 * k];
        }),
      ),
    );
    const { store, clock } = await filled(1, series);
    clock.setWall(LATER_MS);
    await downsampled(store, clock);
    dropRaw(store);
    for (const [resolutionMs, rangeMs] of [
      [HOUR_MS, HOUR_MS],
      [HOUR_MS, DAY_MS],
      [5 * MINUTE_MS, 5 * MINUTE_MS],
      [5 * MINUTE_MS, HOUR_MS],
    ] as const) {
      const found = await read(store, hints(resolutionMs, rangeMs, 'increase'));
      series.forEach((samples, i) => {
        const ends = new Map(Array.from(found[i]!.timestamps, (ms, k) => [ms, found[i]!.values[k]!]));
        const windows = [...windowsOf(samples, resolutionMs)];
        for (const [k, [endMs, { min, last, count, drops }]] of windows.entries()) {
          const isNext = windows[k - 1]?.[0] === endMs - resolutionMs;
          const first = ends.get(endMs - resolutionMs + 1);
          if (isNext) continue;
          if (drops > 0 || count < 2) expect(first, `series ${i}, reset or alone`).toBeUndefined();
          else expect(ends.get(endMs)! - first!, `series ${i} of ${rangeMs}`).toBe(last - min);
        }
      });
    }
  });

  it('are not looked at while raw samples are there', async () => {
    const { store, series } = await rolled();
    for (const [func] of COLUMNS) {
      const found = await read(store, { ...hints(HOUR_MS, HOUR_MS, func), startMs: START_MS + 2 * HOUR_MS });
      expect(found[0]!.weights).toBeUndefined();
      expect(pairsOf(found[0])).toEqual(series[0]!.filter(([timeMs]) => timeMs >= START_MS + 2 * HOUR_MS));
    }
  });

  it('end where the raw samples of a series begin', async () => {
    const { store, clock, series } = await rolled();
    // Raw samples are seen of the last 7 hours and a bit.
    const rawMs = END_MS - 7.2 * HOUR_MS;
    store.setRetention({ ...RETENTION, retentionMs: clock.now() - rawMs });
    const windows = [...windowsOf(series[1]!, HOUR_MS)];
    const boundaryMs = Math.floor(rawMs / HOUR_MS) * HOUR_MS;
    const fineMs = Math.ceil(rawMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
    const [, gauge] = await read(store, hints(HOUR_MS, HOUR_MS, 'max_over_time'));
    const coarse = windows.filter(([endMs]) => endMs <= boundaryMs).map(([endMs, { max }]) => [endMs, max]);
    const fine = [...windowsOf(series[1]!, 5 * MINUTE_MS)]
      .filter(([endMs]) => endMs > boundaryMs && endMs <= fineMs)
      .map(([endMs, { max }]) => [endMs, max]);
    const raw = series[1]!.filter(([timeMs]) => timeMs > fineMs);
    expect(pairsOf(gauge)).toEqual([...coarse, ...fine, ...raw]);
    const [, steps] = await read(store, hints(HOUR_MS, 0, ''));
    const shown = windows.filter(([endMs]) => endMs <= boundaryMs).map(([endMs, { last }]) => [endMs, last]);
    const after = shown.at(-1)![0]!;
    const rest = series[1]!.filter(([timeMs]) => timeMs > after && timeMs >= rawMs);
    expect(pairsOf(steps)).toEqual([...shown, ...rest]);
  });

  it('show at steps that are no window ends what was there when the last window ended', async () => {
    const { store, series } = await rolled();
    dropRaw(store);
    // Within the last hour that is told there are only five-minute windows.
    const endMs = END_MS - 17 * MINUTE_MS;
    const [, gauge] = await read(store, { ...hints(HOUR_MS, 0, ''), endMs });
    const shownAt = (timeMs: number, resolutionMs: number): number =>
      windowsOf(series[1]!, resolutionMs).get(Math.floor(timeMs / resolutionMs) * resolutionMs)!.last;
    const expected = Array.from({ length: 47 }, (_, k) => endMs - (46 - k) * HOUR_MS).map((timeMs) => [
      timeMs,
      shownAt(timeMs, timeMs === endMs ? 5 * MINUTE_MS : HOUR_MS),
    ]);
    expect(pairsOf(gauge)).toEqual(expected);
  });

  it('are not used by steps and ranges that are too short, nor by instant queries', async () => {
    const { store } = await rolled();
    dropRaw(store);
    for (const asked of [
      hints(MINUTE_MS, 0, ''),
      hints(0, 0, ''),
      hints(HOUR_MS, MINUTE_MS, 'max_over_time'),
    ])
      expect((await read(store, asked)).every((data) => data === undefined)).toBe(true);
    expect((await read(store, hints(0, DAY_MS, 'max_over_time')))[1]!.timestamps.length).toBeGreaterThan(0);
  });

  it('keep series known to label queries', async () => {
    const { store, clock } = await rolled();
    dropRaw(store);
    await clock.advance(120_000);
    const range = { startMs: START_MS, endMs: END_MS };
    expect(store.stats().minTimeMs).toBeUndefined();
    expect(store.series([new Matcher('__name__', '=', NAME)], range)).toHaveLength(SERIES);
    expect(store.labelValues('i', [], range)).toHaveLength(SERIES);
  });
});

describe('files of aggregates', () => {
  const files = (dir: string): string[] => readdirSync(dir).filter((name) => /^rollup-.*\.db$/.test(name));

  it('are made to the end by whoever opens the folder next', async () => {
    const { store, clock, dir, series } = await filled();
    clock.setWall(LATER_MS);
    // Stopped anywhere: after a block or two.
    for (let i = 0; i < 50 && store.stats().rollups[0]!.blocks < 2; i++) {
      await clock.advance(5_000);
      await store.flush();
    }
    await store.close();
    const again = await open(dir, clock, OPTIONS);
    await downsampled(again, clock);
    const made = again.stats().rollups.map(({ blocks }) => blocks);
    expect(made[0]).toBeGreaterThan(1);
    await again.close();
    const third = await open(dir, clock, OPTIONS);
    await downsampled(third, clock);
    expect(third.stats().rollups.map(({ blocks }) => blocks)).toEqual([0, 0]);
    expect(third.problems()).toEqual([]);
    dropRaw(third);
    await expectAggregates(third, series);
  });

  it('that are missing are reported, and made again from what is there', async () => {
    const { store, clock, dir, series } = await rolled();
    await store.close();
    for (const name of files(dir)) rmSync(join(dir, name));
    const again = await open(dir, clock, OPTIONS);
    const problems = again.problems();
    expect(problems.map(({ file }) => file).sort()).toEqual(files0(dir));
    expect(problems.every(({ reason }) => reason.startsWith('the file is missing'))).toBe(true);
    expect(Math.min(...problems.map(({ lostFromMs }) => lostFromMs!))).toBeLessThan(START_MS + HOUR_MS + 1);
    await downsampled(again, clock);
    await again.close();
    const third = await open(dir, clock, OPTIONS);
    expect(third.problems()).toEqual([]);
    dropRaw(third);
    await expectAggregates(third, series);
  });

  it('with flipped bits are reported, whatever is hit, and the rest is read', async () => {
    const { store, clock, dir } = await rolled();
    await store.close();
    const name = files(dir).find((file) => file.includes('5m'))!;
    const bytes = readFileSync(join(dir, name));
    for (let at = 8_192; at < bytes.length; at += 4_096) bytes[at]! ^= 0xff;
    writeFileSync(join(dir, name), bytes);
    const again = await open(dir, clock, OPTIONS);
    dropRaw(again);
    await clock.advance(60_000);
    const [counter] = await read(again, hints(HOUR_MS, 0, ''));
    expect(counter!.timestamps.length).toBe(48);
    await read(again, hints(5 * MINUTE_MS, 0, ''));
    expect(again.problems().some(({ file }) => file === join(dir, name))).toBe(true);
  });

  it('go when their own retention has passed, or when they take more than half of the folder', async () => {
    const { store, clock, dir } = await rolled();
    expect(files(dir).length).toBeGreaterThanOrEqual(2);
    store.setRetention({ ...RETENTION, rollups: { fiveMinutesMs: DAY_MS, oneHourMs: 730 * DAY_MS } });
    await clock.advance(30_000);
    await vi.waitFor(() => expect(files(dir).every((file) => file.includes('1h'))).toBe(true));
    store.setRetention({ ...RETENTION, maxBytes: 1_000 });
    await clock.advance(30_000);
    await vi.waitFor(() => expect(files(dir)).toEqual([]));
    await store.close();
    expect((await open(dir, clock, OPTIONS)).problems()).toEqual([]);
  });

  it('are made of raw samples first when these become too old, and then the raw files go', async () => {
    const { store, clock, dir, series } = await filled();
    clock.setWall(LATER_MS);
    store.setRetention({ ...RETENTION, retentionMs: HOUR_MS });
    await clock.advance(15_000);
    expect(rawFiles(dir)).not.toEqual([]);
    await downsampled(store, clock);
    await expectAggregates(store, series);
    await undoubted(clock);
    await vi.waitFor(async () => {
      await clock.advance(10_000);
      expect(rawFiles(dir)).toEqual([]);
    });
    await expectAggregates(store, series);
  });

  it('leave no hole to the raw samples when these are kept for less time than aggregates wait for late ones', async () => {
    const { store, clock, series } = await filled();
    store.setRetention({ ...RETENTION, retentionMs: 12 * HOUR_MS });
    store.setOutOfOrderWindow(DAY_MS);
    const everything = async (from: TimeSeriesStore) => {
      const asked = { ...hints(5 * MINUTE_MS, 5 * MINUTE_MS, 'max_over_time'), startMs: START_MS - DAY_MS };
      const found = await read(from, { ...asked, endMs: clock.now() });
      const ends = new Set(found[0]!.timestamps.map((ms) => Math.ceil(ms / (5 * MINUTE_MS))));
      expect(ends.size).toBe(windowsOf(series[0]!, 5 * MINUTE_MS).size);
    };
    let aggregated = 0;
    for (let hour = 0; hour < 80; hour++) {
      clock.setWall(clock.now() + HOUR_MS);
      for (let k = 0; k < 4; k++) {
        await clock.advance(5_000);
        await store.flush();
      }
      await everything(store);
      aggregated = store.stats().rollups[0]!.blocks;
    }
    expect(aggregated).toBeGreaterThan(0);
    await vi.waitFor(
      async () => {
        await clock.advance(5_000);
        expect(store.stats().rollups[0]).toMatchObject({ waiting: 0 });
      },
      { timeout: 20_000, interval: 5 },
    );
    await everything(store);
    expect(await all(store, NAME)).toEqual([]);
  });

  it('are also made first by a start with a shorter retention', async () => {
    const { store, clock, dir, series } = await filled();
    await store.close();
    clock.setWall(LATER_MS);
    const again = await open(dir, clock, { ...OPTIONS, retentionMs: HOUR_MS });
    await downsampled(again, clock);
    await expectAggregates(again, series);
  });

  it('of five minutes stay until those of an hour are made of them', async () => {
    const { store, clock, dir, series } = await filled();
    clock.setWall(LATER_MS);
    store.setRetention({ ...RETENTION, rollups: ROLLUPS });
    await vi.waitFor(async () => {
      await clock.advance(5_000);
      expect(store.stats().rollups[0]).toMatchObject({ waiting: 0 });
    });
    const short = { ...RETENTION, rollups: { ...ROLLUPS, fiveMinutesMs: HOUR_MS } };
    store.setRetention(short);
    await downsampled(store, clock);
    store.setRetention({ ...short, retentionMs: DAY_MS });
    await undoubted(clock);
    const windows = series.map((samples) => [...windowsOf(samples, HOUR_MS)]);
    const found = await read(store, hints(HOUR_MS, HOUR_MS, 'max_over_time'));
    windows.forEach((ofSeries, i) => {
      expect(pairsOf(found[i])).toEqual(ofSeries.map(([endMs, { max }]) => [endMs, max]));
    });
    await vi.waitFor(async () => {
      await clock.advance(10_000);
      expect(files(dir).every((file) => file.includes('1h'))).toBe(true);
    });
  });

  it('do not keep raw files when the folder is full, which is said with their span', async () => {
    const { store, clock, dir } = await filled();
    await store.close();
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (text: string) => warnings.push(text), error: () => {} };
    const again = await open(dir, clock, { ...OPTIONS, retentionMs: HOUR_MS, maxBytes: 1_000, log });
    await vi.waitFor(async () => {
      await clock.advance(10_000);
      expect(rawFiles(dir)).toEqual([]);
    });
    expect(again.stats().rollups[0]).toMatchObject({ blocks: 0 });
    expect(warnings.join('\n')).toMatch(/goes before all aggregates were made of 2023-\S+ to 2023-/);
  });

  it('stand in a folder of the current format; one of format 4 is opened', async () => {
    const { store, clock, dir } = await filled();
    const before = pairsOf((await all(store, NAME))[0]);
    await store.close();
    for (const name of readdirSync(dir).filter((file) => /^(chunks|head).*\.db$/.test(file))) {
      const bytes = readFileSync(join(dir, name));
      bytes.writeUInt32BE(4, 60);
      writeFileSync(join(dir, name), bytes);
    }
    const again = await open(dir, clock, OPTIONS);
    expect(pairsOf((await all(again, NAME))[0])).toEqual(before);
    clock.setWall(LATER_MS);
    await downsampled(again, clock);
    await again.close();
    expect(files(dir).map((name) => formatOf(join(dir, name)))).toEqual([FORMAT_VERSION, FORMAT_VERSION]);
    expect(formatOf(join(dir, 'head.db'))).toBe(FORMAT_VERSION);
  });
});

function rawFiles(dir: string): string[] {
  return readdirSync(dir).filter((name) => /^chunks-\d+\.db$/.test(name));
}

/** The files of aggregates that `rolled` has made. */
function files0(dir: string): string[] {
  return ['rollup-1h-000001.db', 'rollup-5m-000001.db'].map((name) => join(dir, name));
}
