import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Labels, type SeriesRef } from '@watchroom/model';
import { expect, it } from 'vitest';
import { LabelHolders } from '../src/head/label-holders.ts';
import { SeriesTable } from '../src/head/series-table.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A weak reference holds until the turn in which it was made or read is over. */
async function collected(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  await new Promise((resolve) => setImmediate(resolve));
}

const labels = () => Labels.fromPairs([['__name__', 'm']]);

/** Another caller comes with labels of its own and lets them go. */
function another(table: SeriesTable): SeriesRef {
  return table.ensure(labels());
}

function addSome(holders: LabelHolders): void {
  for (let i = 0; i < 100; i++) holders.add(1, labels());
  for (let i = 0; i < 3; i++) holders.add(2, labels());
}

it.each([0, 1, 20])(
  'a ref is good for the first of several callers, whose labels live; others: %d',
  async (others) => {
    const table = new SeriesTable();
    const mine = labels();
    const ref = table.ensure(mine);
    for (let i = 0; i < others; i++) expect(another(table)).toBe(ref);
    table.forget([ref]);
    await collected();
    const now = table.current(ref);
    expect(now).toBeGreaterThan(0);
    expect(table.labels[now]).toBe(mine);
    // Also once more, by the ref that it has had from the start.
    table.forget([now]);
    await collected();
    expect(table.labels[table.current(ref)]).toBe(mine);
  },
);

it('a ref is good for the one that came after labels from disk', async () => {
  const table = new SeriesTable();
  table.restore(7, labels());
  const mine = labels();
  expect(table.ensure(mine)).toBe(7);
  table.forget([7]);
  await collected();
  expect(table.labels[table.current(7)]).toBe(mine);
});

it("a ref is nobody's when all have let go", async () => {
  const table = new SeriesTable();
  const ref = another(table);
  another(table);
  table.forget([ref]);
  await collected();
  expect(table.current(ref)).toBe(0);
});

it('keeps nothing of those that are gone', async () => {
  const holders = new LabelHolders();
  const mine = labels();
  addSome(holders);
  holders.add(1, mine);
  holders.add(1, mine);
  // The runtime calls back when it likes.
  const isTidy = () => holders.size === 1 && holders.anyOf(1) === mine;
  for (let turn = 0; !isTidy() && turn < 1_000; turn++) await collected();
  expect(isTidy()).toBe(true);
});
