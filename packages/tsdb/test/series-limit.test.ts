import { Labels, Matcher, NO_SERIES } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { all, open, tempFolder } from './helpers.ts';

/** Appends a sample to each of the series of a target; gives how many were taken. */
function send(
  store: TimeSeriesStore,
  clock: ManualClock,
  instance: string,
  from: number,
  to: number,
): string[] {
  const appender = store.appender();
  const outcomes: string[] = [];
  for (let i = from; i < to; i++) {
    const labels = Labels.fromObject({ __name__: 'm', instance, job: 'shop', user: String(i) });
    outcomes.push(appender.append(appender.series(labels), clock.now(), i));
  }
  appender.commit();
  return outcomes;
}

it('takes no more series than it may have, goes on with those it has, and names whose they are', async () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const log = { info: () => {}, warn: (line: string) => void said.push(line), error: () => {} };
  const dir = tempFolder();
  const store = await open(dir, clock, { maxSeries: 100, log });
  expect(new Set(send(store, clock, 'a', 0, 90))).toEqual(new Set(['ok']));
  await clock.advance(1000);
  const outcomes = send(store, clock, 'b', 0, 50);
  expect(outcomes.filter((one) => one === 'ok').length).toBe(10);
  expect(outcomes.slice(10).every((one) => one === 'too_many_series')).toBe(true);
  expect(send(store, clock, 'a', 80, 92)).toEqual([
    ...Array(10).fill('ok'),
    ...Array(2).fill('too_many_series'),
  ]);
  expect(store.stats()).toMatchObject({ series: 100, refusedSeries: 42 });
  expect(store.stats().rejectedByOutcome.too_many_series).toBe(42);
  expect((await all(store, 'm')).length).toBe(100);

  expect(said).toEqual([]);
  await clock.advance(5000);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('42 new series were refused, as there are 100 (limit 100)');
  expect(said[0]).toContain('most of the refused: m of job "shop", instance "b" (40)');
  expect(said[0]).toContain('the metric with the most series: m (100)');
  expect(said[0]).toContain('the label with the most values: user (90)');
  send(store, clock, 'b', 10, 20);
  await clock.advance(54_000);
  expect(said).toHaveLength(1);
  await clock.advance(6000);
  expect(said).toHaveLength(2);

  store.setRetention({ retentionMs: 15 * 86_400_000, maxBytes: 1e9, maxSeries: 120 });
  expect(send(store, clock, 'b', 10, 20)).toEqual(Array(10).fill('ok'));
  await store.close();
  // What is there stays, also where the limit is lower now.
  const again = await open(dir, clock, { maxSeries: 50 });
  expect(again.stats().series).toBe(110);
  await clock.advance(1000);
  expect(send(again, clock, 'a', 0, 90).every((one) => one === 'ok')).toBe(true);
  expect(send(again, clock, 'c', 0, 1)).toEqual(['too_many_series']);
});

it('has room again for as many as were forgotten', async () => {
  const clock = new ManualClock();
  const store = await open(tempFolder(), clock, { maxSeries: 10, retentionMs: 3_600_000 });
  send(store, clock, 'a', 0, 10);
  const appender = store.appender();
  expect(appender.series(Labels.fromObject({ __name__: 'n' }))).toBe(NO_SERIES);
  appender.rollback();
  await store.flush();
  expect(['m', 'n'].map((name) => store.lacks?.(name))).toEqual([false, true]);
  for (let minutes = 0; minutes < 180 && store.stats().series > 0; minutes++) await clock.advance(60_000);
  expect(await store.series([new Matcher('__name__', '=', 'm')], { startMs: 0, endMs: clock.now() })).toEqual(
    [],
  );
  expect(store.lacks?.('m')).toBe(true);
  expect(send(store, clock, 'b', 0, 10)).toEqual(Array(10).fill('ok'));
});
