import { describe, expect, it } from 'vitest';
import { appended } from '../src/range-cache/columns.ts';

const column = (...cells: number[]): Float64Array => Float64Array.from(cells);

describe('a column that grows', () => {
  it('is copied once in a while, not each time', () => {
    let grown = column(0);
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 1; i <= 1000; i++) {
      grown = appended(grown, column(i));
      buffers.add(grown.buffer);
    }
    expect([...grown]).toEqual(Array.from({ length: 1001 }, (_, i) => i));
    expect(buffers.size).toBeLessThan(15);
  });

  it('leaves what others see, also of two that go on from the same place', () => {
    const base = appended(column(1, 2), column(3));
    const one = appended(base, column(4, 5));
    const other = appended(base, column(6));
    const later = appended(base.subarray(0, 2), column(7));
    expect(one.buffer).toBe(base.buffer);
    expect([base, one, other, later].map((some) => [...some])).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 6],
      [1, 2, 7],
    ]);
  });

  it('goes on from its last cells in their memory, until those are a small part of it', () => {
    const long = appended(new Float64Array(1000), column(1));
    expect(appended(long.subarray(500), column(2)).buffer).toBe(long.buffer);
    const short = appended(new Float64Array(1000), column(1));
    expect(appended(short.subarray(990), column(2)).buffer.byteLength).toBeLessThan(1000);
  });
});
