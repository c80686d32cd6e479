import { describe, expect, it } from 'vitest';
import { colourOf, colourTable, cssColour, SCALES, toSrgb } from './colour-scale.ts';

/** Lightness L of OKLab for an RGBA word. */
function lightness(word: number): number {
  const linear = [word & 255, (word >> 8) & 255, (word >> 16) & 255].map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const [r, g, b] = linear as [number, number, number];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
}

describe.each(SCALES)('%s', (name) => {
  const table = colourTable(name);

  it('has 256 opaque colours whose lightness goes one way in even steps', () => {
    expect(table).toHaveLength(256);
    const levels = Array.from(table, lightness);
    const direction = Math.sign(levels[255]! - levels[0]!);
    const even = (levels[255]! - levels[0]!) / 255;
    for (let i = 8; i < 256; i++) {
      expect(Math.sign(levels[i]! - levels[i - 8]!)).toBe(direction);
      expect(Math.abs(levels[i]! - levels[i - 8]! - 8 * even)).toBeLessThan(0.012);
    }
    for (const word of table) expect(word >>> 24).toBe(255);
  });
});

it('converts OKLCH to sRGB as published', () => {
  const red = toSrgb({ l: 0.627955, c: 0.257683, h: 29.23388 });
  expect(red[0]).toBeCloseTo(1, 3);
  expect(red[1]).toBeCloseTo(0, 3);
  expect(red[2]).toBeCloseTo(0, 3);
});

it('clamps values and has no colour for a missing one', () => {
  const table = colourTable('heat-dark');
  expect(colourOf(table, -5, [0, 1])).toBe(table[0]);
  expect(colourOf(table, 5, [0, 1])).toBe(table[255]);
  expect(colourOf(table, Number.NaN, [0, 1])).toBeUndefined();
  expect(cssColour(0xff030201)).toBe('rgb(1 2 3)');
});
