import { describe, expect, it } from 'vitest';
import { apiTimeMs } from './api-time.ts';
import { sampleValue, toColumns } from './prometheus.ts';

describe('answers of the query API', () => {
  it('become columns on the grid, gaps stay gaps', () => {
    const { times, series } = toColumns(
      [
        {
          metric: { a: 'b' },
          values: [
            [1, '2'],
            [3, '+Inf'],
            [9, '1'],
          ],
        },
      ],
      { fromMs: 1000, toMs: 4000, stepMs: 1000 },
    );
    expect([...times]).toEqual([1000, 2000, 3000, 4000]);
    expect([...series[0]!.values]).toEqual([2, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN]);
  });

  it('carry Go’s numbers and times', () => {
    expect([sampleValue('NaN'), sampleValue('-Inf'), sampleValue('1e-05')]).toEqual([
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      0.00001,
    ]);
    expect(apiTimeMs('0001-01-01T00:00:00Z')).toBeUndefined();
    expect(apiTimeMs('1970-01-01T00:00:01Z')).toBe(1000);
  });
});
