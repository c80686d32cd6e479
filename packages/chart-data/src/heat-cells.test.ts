import { describe, expect, it } from 'vitest';
import { colourTable } from './colour-scale.ts';
import { bucketCells, paintCells, rowCells } from './heat-cells.ts';

describe('bucketCells', () => {
  const series: { labels: Record<string, string>; values: number[] }[] = [
    { labels: { le: '+Inf' }, values: [10, 4, Number.NaN] },
    { labels: { le: '0.1' }, values: [3, 4, Number.NaN] },
    { labels: { le: '1' }, values: [8, 3.999999, Number.NaN] },
    { labels: { job: 'x' }, values: [1, 1, 1] },
  ];

  it('takes neighbours apart, the highest bucket on top', () => {
    const grid = bucketCells(series, 3);
    expect(grid.bounds).toEqual([
      { lower: 1, upper: Number.POSITIVE_INFINITY },
      { lower: 0.1, upper: 1 },
      { lower: 0, upper: 0.1 },
    ]);
    expect(Array.from(grid.cells)).toEqual([2, 0, Number.NaN, 5, 0, Number.NaN, 3, 4, Number.NaN]);
  });

  it('has no rows without buckets', () => {
    expect(bucketCells([], 4)).toMatchObject({ rows: 0, columns: 4, bounds: [] });
  });
});

it('keeps missing cells missing, in the grid and in the picture', () => {
  const grid = rowCells([[0, Number.NaN, 1], [0.5]], 3);
  expect(Array.from(grid.cells)).toEqual([0, Number.NaN, 1, 0.5, Number.NaN, Number.NaN]);
  const target = new Uint32Array(6);
  const table = colourTable('heat-light');
  paintCells(grid, target, { table, domain: [0, 1], empty: 7 });
  expect(Array.from(target)).toEqual([table[0], 7, table[255], table[128], 7, 7]);
});
