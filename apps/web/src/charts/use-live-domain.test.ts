import { WindowSeries } from '@watchroom/chart-data';
import { describe, expect, it } from 'vitest';
import { nextDomain } from './use-live-domain.ts';

function series(head: number): WindowSeries {
  const one = new WindowSeries({}, 0);
  one.head = head;
  return one;
}

describe('the y domain of a live chart', () => {
  it('grows at once, to round ends', () => {
    expect(nextDomain([0, 1], [series(3.3)], {})).toEqual([0, 4]);
  });

  it('stays the same object while the values fit', () => {
    const before = [0, 4] as const;
    expect(nextDomain(before, [series(2.2)], {})).toBe(before);
  });

  it('shrinks when less than half of it is used', () => {
    expect(nextDomain([0, 4], [series(0.9)], {})).toEqual([0, 1]);
  });

  it('keeps thresholds and fixed ends inside', () => {
    expect(nextDomain([0, 0], [series(0.2)], { include: [1] })).toEqual([0, 1]);
    expect(nextDomain([0, 0], [series(20)], { min: 0, max: 100 })).toEqual([0, 100]);
  });

  it('without any value is 0 to 1', () => {
    expect(nextDomain([0, 0], [], {})).toEqual([0, 1]);
  });
});
