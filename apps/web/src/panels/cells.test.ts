import { describe, expect, it } from 'vitest';
import { boundName, busiest, columnNames, latencyCells } from './cells.ts';

const bucket = (le: string, values: number[]) => ({ labels: { le }, values });

describe('latency cells', () => {
  it('keeps the rows in use with one above as the ceiling, by square roots', () => {
    const cells = latencyCells({
      series: [
        bucket('0.1', [4, 4]),
        bucket('0.5', [8, 4]),
        bucket('1', [8, 4]),
        bucket('5', [8, 4]),
        bucket('+Inf', [8, 4]),
      ],
      timesMs: [0, 1000],
      open: false,
    });
    expect(cells.names).toEqual(['≤ 1 s', '≤ 500 ms', '≤ 100 ms']);
    expect([...cells.grid.cells]).toEqual([0, 0, 2, 0, 2, 2]);
    expect(cells.domain).toEqual([0, 2]);
  });

  it('has no rows when nothing was counted, and keeps missing cells missing', () => {
    expect(latencyCells({ series: [bucket('1', [0])], timesMs: [0], open: false }).grid.rows).toBe(0);
    const { grid } = latencyCells({ series: [bucket('1', [Number.NaN, 1])], timesMs: [0, 1], open: false });
    expect(Number.isNaN(grid.cells[0])).toBe(true);
  });

  it('names the unbounded bucket by its lower bound', () => {
    expect(boundName({ lower: 10, upper: Number.POSITIVE_INFINITY })).toBe('> 10 s');
  });
});

describe('columns and rows', () => {
  it('gives every column a text of its own', () => {
    const days = Array.from({ length: 60 }, (_, i) => i * 3_600_000);
    expect(new Set(columnNames(days, 3_600_000)).size).toBe(60);
    expect(columnNames([0, 15_000], 15_000)[0]).toMatch(/:00$/);
  });

  it('keeps the busiest rows, by name, and counts the rest', () => {
    const row = (instance: string, value: number) => ({ labels: { instance }, values: [value, Number.NaN] });
    const { rows, left } = busiest([row('c', 0.9), row('a', 0.1), row('b', 0.5)], 2);
    expect(rows.map(({ labels }) => labels.instance)).toEqual(['b', 'c']);
    expect(left).toBe(1);
  });
});
