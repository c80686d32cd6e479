import { describe, expect, it } from 'vitest';
import { isAbsent } from '../src/chunk/absent.ts';
import { type CellPools, GridSegment } from '../src/head/segment.ts';
import { ValuesPool } from '../src/head/values-pool.ts';

function newPools(): CellPools {
  return { plain: new ValuesPool(1 << 20), packed: new ValuesPool(1 << 20) };
}

/** A grid whose cell of (column, row) is 1000 * column + row. */
function filled(columns: number, rows: number, pools = newPools()): GridSegment {
  const grid = new GridSegment(1, 0, rows, 1, pools);
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

describe('rows that are packed', () => {
  it('take late samples, in columns that came before or after', () => {
    const grid = new GridSegment(1, 0, 40, 1, newPools());
    for (let column = 0; column < 9; column++) grid.addColumn(column + 1);
    for (let row = 0; row < 20; row++)
      grid.fillRow(grid.rowFor(row * 1000), new Float64Array(8).fill(row), 8);
    const late = grid.addColumn(100);
    expect([isAbsent(grid.cell(8, 3)), isAbsent(grid.cell(late, 3))]).toEqual([true, true]);
    expect([grid.put(8, 3, 0.5), grid.put(8, 3, 0.6), grid.put(late, 11, -1)]).toEqual([true, false, true]);
    expect(grid.put(0, 3, 9)).toBe(false);
    const row = (at: number) => Array.from({ length: 10 }, (_, column) => grid.cell(column, at));
    expect(row(3).slice(0, 9)).toEqual([...new Array(8).fill(3), 0.5]);
    expect(row(11)[9]).toBe(-1);
    expect(row(12).slice(0, 8)).toEqual(new Array(8).fill(12));
    // A list of numbers may lose the mark's bits.
    expect([isAbsent(grid.cell(8, 4)), isAbsent(grid.cell(late, 4))]).toEqual([true, true]);
    expect(grid.samples).toBe(20 * 8 + 2);
  });

  it('take a third of the room when values change little, and none of it once they are released', () => {
    const pools = newPools();
    const grid = filled(100, 64, pools);
    expect(grid.bytes).toBeLessThan((64 * 100 * 8) / 2);
    grid.release();
    expect(grid.bytes).toBe(0);
    const again = pools.packed.take(256);
    expect(again.some((value) => value !== 0)).toBe(true);
  });

  it('take less room in a small grid too', () => {
    const grid = filled(12, 64);
    expect(grid.bytes).toBeLessThan(64 * 12 * 8);
  });

  it('stay as they are when packing would not pay', () => {
    const grid = new GridSegment(1, 0, 16, 8, newPools());
    for (let column = 0; column < 8; column++) grid.addColumn(column + 1);
    for (let row = 0; row < 16; row++)
      grid.fillRow(
        grid.rowFor(row),
        Float64Array.from({ length: 8 }, (_, c) => Math.sin(row * 8 + c)),
        8,
      );
    expect(grid.bytes).toBe(16 * 8 * 8);
    expect(grid.cell(5, 6)).toBe(Math.sin(6 * 8 + 5));
  });
});

describe('cells that another grid had before', () => {
  it('hold no sample, in blocks with room to spare too', () => {
    const pools = newPools();
    filled(32, 16, pools).release();
    const grid = filled(11, 9, pools);
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
