import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Exemplar, Labels, Matcher } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import type { TimeSeriesStore } from '../src/index.ts';
import { labelsOf, open, tempFolder } from './helpers.ts';

function exemplar(timeMs: number, value: number): Exemplar {
  return { labels: Labels.fromObject({ trace_id: `t${timeMs}` }), timeMs, value };
}

function add(store: TimeSeriesStore, i: number, one: Exemplar): string {
  const appender = store.appender();
  const outcome = appender.appendExemplar(appender.series(labelsOf('m', i)), one);
  appender.commit();
  return outcome;
}

function valuesIn(store: TimeSeriesStore): number[][] {
  const range = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER };
  return store
    .exemplars([[new Matcher('__name__', '=', 'm')]], range)
    .map(({ exemplars }) => exemplars.map(({ value }) => value));
}

it('keeps exemplars over restarts, the newest of all series up to the bound', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { maxExemplars: 5 });
  const special = [Number.NaN, Number.POSITIVE_INFINITY, -0, 0.1];
  for (const [k, value] of [1, 2, 3, ...special].entries()) {
    expect(add(store, k % 2, exemplar(k * 1000, value))).toBe('ok');
    if (k === 3) await store.flush();
  }
  const kept = [
    [3, Number.POSITIVE_INFINITY, 0.1],
    [Number.NaN, -0],
  ];
  expect(valuesIn(store)).toEqual(kept);
  await store.close();
  const again = await open(dir, clock, { maxExemplars: 5 });
  expect(valuesIn(again)).toEqual(kept);
  expect(again.stats().exemplars).toBe(5);
  expect(add(again, 0, exemplar(6000, 0.1))).toBe('duplicate');
  expect(add(again, 0, exemplar(5999, 8))).toBe('out_of_order');
  expect(add(again, 0, exemplar(7000, 8))).toBe('ok');
  again.setMaxExemplars(2);
  await again.close();
  const small = await open(dir, clock, { maxExemplars: 2 });
  expect(valuesIn(small)).toEqual([[0.1, 8]]);
  small.setMaxExemplars(0);
  expect(valuesIn(small)).toEqual([]);
  expect(add(small, 0, exemplar(8000, 8))).toBe('disabled');
});

it('reports damaged exemplars and keeps the others', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock);
  for (const k of [1, 2, 3]) {
    add(store, 0, exemplar(k * 1000, k));
    await store.flush();
  }
  await store.close();
  const db = new DatabaseSync(join(dir, 'head.db'));
  expect(db.prepare('SELECT count(*) AS n FROM exemplars').get()).toEqual({ n: 3 });
  db.exec('UPDATE exemplars SET crc = crc + 1 WHERE seq = 2');
  db.close();
  const again = await open(dir, clock);
  expect(valuesIn(again)).toEqual([[1, 3]]);
  expect(again.problems().map(({ reason }) => reason)).toEqual(['1 damaged rows were left out']);
  await again.close();
  const whole = await open(dir, clock);
  expect(whole.problems()).toEqual([]);
  expect(valuesIn(whole)).toEqual([[1, 3]]);
});

it('deletes from disk what has given way', async () => {
  const clock = new ManualClock();
  const dir = tempFolder();
  const store = await open(dir, clock, { maxExemplars: 3 });
  for (let k = 1; k <= 10; k++) {
    add(store, 0, exemplar(k * 1000, k));
    await store.flush();
  }
  expect(valuesIn(store)).toEqual([[8, 9, 10]]);
  await store.close();
  const db = new DatabaseSync(join(dir, 'head.db'), { readOnly: true });
  expect(db.prepare('SELECT min(seq) AS first, count(*) AS n FROM exemplars').get()).toEqual({
    first: 8,
    n: 3,
  });
  db.close();
});
