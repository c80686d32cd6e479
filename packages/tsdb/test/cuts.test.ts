import { describe, expect, it } from 'vitest';
import { SeriesTable } from '../src/head/series-table.ts';
import { Cuts } from '../src/query/cuts.ts';
import { labelsOf } from './helpers.ts';

/** A table of three series, and what stores a time for the i-th of them. */
function tableOf(): { table: SeriesTable; store: (ref: number, timeMs: number) => void } {
  const table = new SeriesTable();
  for (let i = 0; i < 3; i++) table.ensure(labelsOf('m', i));
  return {
    table,
    store: (ref, timeMs) => {
      table.lastTime[ref] = timeMs;
      table.appends++;
    },
  };
}

describe('cuts', () => {
  it('are one until something is appended', () => {
    const { table, store } = tableOf();
    const cuts = new Cuts(table);
    store(1, 100);
    const cut = cuts.now();
    expect(cuts.now()).toBe(cut);
    store(1, 200);
    const next = cuts.now();
    expect(next).not.toBe(cut);
    expect([cut.lastTime[1], next.lastTime[1]]).toEqual([100, 200]);
  });

  it('keep what they hold as long as one of their users needs it', () => {
    const { table, store } = tableOf();
    const cuts = new Cuts(table);
    store(2, 100);
    const cut = cuts.now();
    cuts.now().release();
    const other = cuts.now();
    for (let timeMs = 200; timeMs <= 600; timeMs += 100) {
      store(2, timeMs);
      cuts.now().release();
      if (timeMs === 300) other.release();
      expect(cut.lastTime[2]).toBe(100);
    }
  });

  it('take the array of one that nobody needs any more, the latest as well as one before it', () => {
    const { table, store } = tableOf();
    const cuts = new Cuts(table);
    const first = cuts.now();
    first.release();
    store(1, 100);
    const second = cuts.now();
    expect(second.lastTime).toBe(first.lastTime);
    store(1, 200);
    const third = cuts.now();
    expect(third.lastTime).not.toBe(second.lastTime);
    second.release();
    store(1, 300);
    expect(cuts.now().lastTime).toBe(second.lastTime);
    expect(third.lastTime[1]).toBe(200);
  });

  it('know series that came since', () => {
    const { table } = tableOf();
    const cuts = new Cuts(table);
    cuts.now().release();
    const ref = table.ensure(labelsOf('m', 3));
    table.lastTime[ref] = 5;
    expect(cuts.now().lastTime[ref]).toBe(5);
  });
});
