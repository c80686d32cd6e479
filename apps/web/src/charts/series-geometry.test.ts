import { describe, expect, it } from 'vitest';
import { nearestLine, nearestTime, readingsAt, stacked } from './series-geometry.ts';
import { thinned } from './thin-exemplars.ts';

const line = (name: string, values: number[]) => ({ name, colour: name, values });

describe('a chart of many series', () => {
  it('stacks each band on those before it; a gap is a gap of its own band only', () => {
    const [a, b] = stacked([line('a', [1, Number.NaN, 3]), line('b', [10, 20, 30])], 3);
    expect([...a!.upper]).toEqual([1, Number.NaN, 3]);
    expect([...b!.lower]).toEqual([1, 0, 3]);
    expect([...b!.upper]).toEqual([11, 20, 33]);
  });

  it('finds the nearest time and the nearest line', () => {
    expect([-5, 4, 6, 99].map((timeMs) => nearestTime([0, 10, 20], timeMs))).toEqual([0, 0, 1, 2]);
    expect(nearestTime([], 1)).toBe(-1);
    const scale = { domain: [0, 10], range: [100, 0] } as const;
    expect(nearestLine([[1], [9], [Number.NaN]], 0, 20, scale)).toBe(1);
    expect(nearestLine([[Number.NaN]], 0, 20, scale)).toBeUndefined();
  });

  it('lists the highest values, and the line that is pointed at however low it is', () => {
    const lines = [5, 1, 4, 3].map((value) => line(String(value), [value]));
    const { readings, left } = readingsAt(lines, 0, 2, '1');
    expect(readings.map(({ value }) => value)).toEqual([5, 1]);
    expect(left).toBe(2);
  });
});

describe('exemplars', () => {
  const at = (timeMs: number, value: number) => ({ labels: {}, seriesLabels: {}, timeMs, value });

  it('outside the time go, and of many at one place the highest stay', () => {
    const crowd = Array.from({ length: 50 }, (_, i) => at(1000 + i, i));
    const kept = thinned([at(-1, 9), ...crowd, at(50_000, 1), at(50_001, Number.NaN)], [0, 60_000], 60);
    expect(kept.map(({ value }) => value)).toEqual([48, 49, 1]);
  });
});
