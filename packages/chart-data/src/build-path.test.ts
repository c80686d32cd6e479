import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { buildArea, buildPath, type PathInput, project } from './build-path.ts';

const STRAIGHT = {
  x: { domain: [0, 100], range: [0, 100] },
  y: { domain: [0, 100], range: [0, 100] },
} as const;

function path(times: number[], values: number[], more: Partial<PathInput> = {}): string {
  return buildPath({ times, values, ...STRAIGHT, ...more });
}

/** Points of a path by line. */
function lines(d: string): [number, number][][] {
  return d
    .split('M')
    .slice(1)
    .map((line) =>
      line
        .replace('h0', '')
        .split('L')
        .map((point) => point.split(',').map(Number) as [number, number]),
    );
}

describe('buildPath', () => {
  it('draws a line through the points, the y axis upwards when its range says so', () => {
    expect(path([0, 10, 20], [1, 2, 3])).toBe('M0,1L10,2L20,3');
    expect(path([0, 10], [0, 100], { y: { domain: [0, 100], range: [50, 0] } })).toBe('M0,50L10,0');
  });

  it('breaks at NaN and infinities; a lone point is a dot', () => {
    expect(path([0, 10, 20, 30, 40], [1, 2, Number.NaN, 4, 5])).toBe('M0,1L10,2M30,4L40,5');
    expect(path([0, 10, 20], [1, Number.POSITIVE_INFINITY, 3])).toBe('M0,1h0M20,3h0');
    expect(path([0, 10], [Number.NaN, Number.NaN])).toBe('');
    expect(path([], [])).toBe('');
  });

  it('breaks across outages although points on both sides exist', () => {
    const outages = [{ fromMs: 12, toMs: 18 }];
    expect(path([0, 10, 20, 30], [1, 2, 3, 4], { outages })).toBe('M0,1L10,2M20,3L30,4');
    expect(path([0, 10], [1, 2], { outages: [{ fromMs: 20, toMs: 30 }] })).toBe('M0,1L10,2');
    expect(path([20, 30], [1, 2], { outages: [{ fromMs: 5, toMs: 10 }] })).toBe('M20,1L30,2');
    expect(path([0, 10, 30], [1, 2, 3], { outages: [{ fromMs: 10, toMs: 30 }] })).toBe('M0,1L10,2M30,3h0');
  });

  it('breaks at wide distances when asked to', () => {
    expect(path([0, 10, 30], [1, 2, 3], { maxGapMs: 10 })).toBe('M0,1L10,2M30,3h0');
  });

  it('ends in the head', () => {
    expect(path([0, 10], [1, 2], { head: { timeMs: 15, value: 9 } })).toBe('M0,1L10,2L15,9');
    expect(path([0, 10], [1, Number.NaN], { head: { timeMs: 15, value: 9 } })).toBe('M0,1h0M15,9h0');
    expect(path([0, 10], [1, 2], { head: { timeMs: 15, value: Number.NaN } })).toBe('M0,1L10,2');
    expect(path([0, 10], [1, 2], { head: { timeMs: 10, value: 9 } })).toBe('M0,1L10,2');
  });

  it('reduces each pixel column to first, lowest, highest and last, and loses no extreme', () => {
    const random = seededRandom(7);
    const times = Array.from({ length: 2000 }, (_, i) => i);
    const values = times.map(() => random() * 100);
    const x = { domain: [0, 2000], range: [0, 200] } as const;
    const [line] = lines(path(times, values, { x }));
    expect(line!.length).toBeLessThanOrEqual(200 * 4);
    for (let column = 0; column < 200; column++) {
      const all = values.slice(column * 10, column * 10 + 10);
      const drawn = line!.filter(([px]) => Math.floor(px) === column).map(([, y]) => y);
      expect(Math.max(...drawn)).toBeCloseTo(Math.max(...all), 0.5);
      expect(Math.min(...drawn)).toBeCloseTo(Math.min(...all), 0.5);
      expect(drawn[0]).toBeCloseTo(all[0]!, 0.5);
      expect(drawn.at(-1)).toBeCloseTo(all.at(-1)!, 0.5);
    }
  });
});

describe('buildArea', () => {
  it('closes a shape per line, to the floor or to a lower column', () => {
    expect(buildArea({ times: [0, 10], values: [5, 6], ...STRAIGHT })).toBe('M0,5L10,6L10,0L0,0Z');
    expect(buildArea({ times: [0, 10], values: [5, 6], lower: [1, 2], ...STRAIGHT })).toBe(
      'M0,5L10,6L10,2L0,1Z',
    );
    const broken = buildArea({ times: [0, 10, 20], values: [5, Number.NaN, 6], ...STRAIGHT });
    expect(broken).toBe('M0,5L0,0ZM20,6L20,0Z');
  });
});

it('projects a domain without length to the middle', () => {
  expect(project({ domain: [3, 3], range: [0, 10] })(3)).toBe(5);
});
