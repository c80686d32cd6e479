import { SeriesWindow } from '@watchroom/chart-data';
import { describe, expect, it } from 'vitest';
import { resourceGrid, rowNames } from './resource-grid.ts';

const CELL = 300_000;

function windowOf(
  rows: Readonly<Record<string, readonly (number | null)[]>>,
  head: readonly (number | null)[],
): SeriesWindow {
  const window = new SeriesWindow({ windowMs: CELL * 2, stepMs: CELL });
  const names = Object.keys(rows);
  window.apply({
    kind: 'snapshot',
    fromMs: CELL,
    toMs: 3 * CELL,
    series: names.map((instance, key) => ({ key, labels: { service: 'order', instance } })),
    block: {
      times: [CELL, 2 * CELL, 3 * CELL],
      keys: names.map((_, key) => key),
      values: Object.values(rows),
    },
    head: { timeMs: 4 * CELL, keys: names.map((_, key) => key), values: head },
    fedAtMs: undefined,
  });
  return window;
}

describe('rows of the resource heatmap', () => {
  it('end with the open cell, and a missing cell is not zero', () => {
    const { grid, names, open, timesMs } = resourceGrid(windowOf({ a: [0.1, null, 0.3] }, [0.5]), 5, 10);
    expect([...grid.cells]).toEqual([0.1, Number.NaN, 0.3, 0.5]);
    expect(names).toEqual(['order a']);
    expect(open).toBe(true);
    expect(timesMs.at(-1)).toBe(4 * CELL);
  });

  it('keep the busiest instances, in the order of their names', () => {
    const window = windowOf({ a: [0, 0, 0], b: [0, 0, 0.9], c: [0, 0, 0] }, [0.2, 0.9, 0.7]);
    const { names, left } = resourceGrid(window, 2, 10);
    expect(names).toEqual(['order · b', 'order · c']);
    expect(left).toBe(1);
  });

  it('show the newest columns when there is no room for all', () => {
    const { grid } = resourceGrid(windowOf({ a: [0.1, 0.2, 0.3] }, [0.4]), 5, 2);
    expect([...grid.cells]).toEqual([0.3, 0.4]);
  });

  it('name the port alone where all are on one host', () => {
    const at = (instance: string) => ({ service: 'order', instance });
    expect(rowNames([at('10.0.0.1:80'), at('10.0.0.1:81')])).toEqual(['order :80', 'order :81']);
    expect(rowNames([at('10.0.0.1:80'), at('10.0.0.2:80')])).toEqual([
      'order · 10.0.0.1:80',
      'order · 10.0.0.2:80',
    ]);
  });
});
