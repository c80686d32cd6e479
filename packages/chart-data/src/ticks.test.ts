import { describe, expect, it } from 'vitest';
import { extent, niceDomain, niceTicks } from './ticks.ts';

describe('niceTicks', () => {
  it.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 1, 4, [0, 0.25, 0.5, 0.75, 1]],
    [0, 97, 5, [0, 20, 40, 60, 80]],
    [-3, 3, 4, [-2, 0, 2]],
    [0.1, 0.3, 2, [0.1, 0.2, 0.3]],
    [5, 5, 4, [5]],
  ])('%d to %d in %d steps', (low, high, most, ticks) => {
    expect(niceTicks(low, high, most).ticks).toEqual(ticks);
  });

  it('has powers of two for bytes', () => {
    expect(niceTicks(0, 4 * 1024 ** 3, 4, 'binary').ticks).toEqual([0, 1, 2, 3, 4].map((n) => n * 1024 ** 3));
    expect(niceTicks(0, 1500, 3, 'binary').step).toBe(512);
    expect(niceTicks(0, 3000, 3, 'binary').step).toBe(1024);
  });

  it('stays inside the bounds and within one of the number for any span', () => {
    for (let exponent = -12; exponent < 15; exponent++) {
      for (const factor of [1, 1.7, 3.3, 7.9]) {
        const high = factor * 10 ** exponent;
        const { ticks } = niceTicks(0, high, 6);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.at(-1)).toBeLessThanOrEqual(high * (1 + 1e-9));
      }
    }
  });

  it('gives none for bounds that are not finite', () => {
    expect(niceTicks(Number.NaN, 1, 5).ticks).toEqual([]);
    expect(niceTicks(0, Number.POSITIVE_INFINITY, 5).ticks).toEqual([]);
  });
});

describe('niceDomain', () => {
  it('rounds outward and includes 0 unless told otherwise', () => {
    expect(niceDomain([3, 97])).toEqual([0, 100]);
    expect(niceDomain([93, 97], { includeZero: false })).toEqual([93, 97]);
    expect(niceDomain([-3, 97], { ticks: 4 })).toEqual([-25, 100]);
    expect(niceDomain(undefined)).toEqual([0, 1]);
    expect(niceDomain([0, 0])).toEqual([0, 1]);
    expect(niceDomain([0.3, 5], { min: 0, max: 1 })).toEqual([0, 1]);
  });

  it('gives a flat line room', () => {
    const [low, high] = niceDomain([50, 50], { includeZero: false });
    expect(low).toBeLessThan(50);
    expect(high).toBeGreaterThan(50);
  });
});

it('finds the extent of finite values', () => {
  expect(
    extent([
      [1, Number.NaN, 5],
      [-2, Number.POSITIVE_INFINITY],
    ]),
  ).toEqual([-2, 5]);
  expect(extent([[Number.NaN]])).toBeUndefined();
});
