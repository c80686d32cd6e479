import { describe, expect, it } from 'vitest';
import { isAbsent } from '../src/chunk/absent.ts';
import { GridSegment } from '../src/head/segment.ts';
import { ValuesPool } from '../src/head/values-pool.ts';

/** A grid whose cell of (column, row) is 1000 * column + row. */
function filled(columns: number, rows: number, pool = new ValuesPool(1 << 20)): GridSegment {
  const grid = new GridSegment(1, 0, rows, 1, pool);
  for (let column = 0; column < columns; column++) grid.addColumn(column + 1);
  for (let row = 0; row < rows; row++)
    grid.fillRow(
      grid.rowFor(row * 1000),
      Float64Array.from({ length: columns }, (_, c) => 1000 * c + row),
      columns,
    );
  return grid;
}

describe('a grid', () => {
  it('gives back what was put in, wherever its blocks begin and end', () => {
    const grid = filled(20, 37);
    for (const [from, end] of [
      [0, 37],
      [7, 9],
      [8, 16],
      [15, 15],
      [30, 37],
    ] as const) {
      const into = new Float64Array(40).fill(-1);
      grid.read(3, from, end, into, 2);
      expect([...into.subarray(2, 2 + end - from)]).toEqual(
        Array.from({ length: end - from }, (_, i) => 3000 + from + i),
      );
      expect(into[1]).toBe(-1);
      expect(into[2 + end - from]).toBe(-1);
    }
    expect(grid.cell(19, 36)).toBe(19_036);
    expect(grid.full).toBe(true);
    const { columns } = grid.copy();
    if (columns.kind !== 'grid') throw new Error('not a grid');
    expect(columns.cells[5 * columns.rowCapacity + 33]).toBe(5_033);
  });

  it('takes columns later, with no sample in the rows before', () => {
    const grid = filled(8, 12);
    const late = grid.addColumn(100);
    expect(isAbsent(grid.cell(late, 11))).toBe(true);
    expect(grid.put(late, 11, 7)).toBe(true);
    expect(grid.put(late, 11, 8)).toBe(false);
    expect(grid.cell(late, 11)).toBe(7);
    expect(grid.cell(7, 11)).toBe(7_011);
    const { values, holes } = grid.part(late);
    expect(holes).toBe(true);
    expect([...values.subarray(0, 11)].every((value) => isAbsent(value))).toBe(true);
  });
});

describe('cells that another grid had before', () => {
  it('hold no sample, in blocks with room to spare too', () => {
    const pool = new ValuesPool(1 << 20);
    filled(32, 16, pool).release();
    const grid = filled(11, 9, pool);
    for (let ref = 12; ref < 40; ref++) {
      const late = grid.addColumn(ref);
      expect([isAbsent(grid.cell(late, 0)), isAbsent(grid.cell(late, 8))]).toEqual([true, true]);
    }
    expect(grid.cell(10, 8)).toBe(10_008);
    expect(grid.cell(3, 2)).toBe(3_002);
  });
});

describe('a pool of values', () => {
  it('gives an array again when it fits, and not one that is far too large', () => {
    const pool = new ValuesPool(8 << 20);
    const [small, large] = [pool.take(100), pool.take(5_000)];
    pool.give(small);
    pool.give(large);
    expect(pool.take(90)).toBe(small);
    expect(pool.take(90)).not.toBe(large);
    expect(pool.take(4_000)).toBe(large);
  });

  it('keeps a bounded number of bytes', () => {
    const pool = new ValuesPool(8 << 20);
    const arrays: Float64Array[] = Array.from({ length: 12 }, () => new Float64Array(1 << 17));
    for (const array of arrays) pool.give(array);
    const again = arrays.map(() => pool.take(1 << 17));
    expect(again.filter((array) => arrays.includes(array))).toHaveLength(8);
  });
});
