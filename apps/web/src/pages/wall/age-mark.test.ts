import { describe, expect, it } from 'vitest';
import { ageMark } from './age-mark.ts';

/** Every character half as wide as the font is high. */
const half = (text: string): number => text.length / 2;

describe('the age on a tile', () => {
  it('is the age alone while it is fresh', () => {
    expect(ageMark('1 s', false, undefined, { widthPx: 100, fontPx: 10 }, half)).toEqual({
      text: '1 s',
      fontPx: 10,
      widthPx: 16,
    });
  });

  it('has the word before it where another state stands in the tile', () => {
    const mark = ageMark('37 s', true, 'late', { widthPx: 100, fontPx: 10 }, half);
    expect(mark).toEqual({ text: 'late 37 s', fontPx: 10, widthPx: 10 * (1.3 + 4.5) + 1 });
  });

  it('leaves the word out where it does not fit, before it gets smaller', () => {
    const mark = ageMark('37 s', true, 'late', { widthPx: 58, fontPx: 10 }, half);
    expect(mark).toMatchObject({ text: '37 s', fontPx: 10 });
  });

  it('gets smaller where the age alone does not fit', () => {
    const mark = ageMark('119 min', true, 'late', { widthPx: 40, fontPx: 10 }, half);
    expect(mark.text).toBe('119 min');
    expect(mark.fontPx).toBeCloseTo(8.1);
    expect(mark.widthPx).toBeLessThanOrEqual(40);
  });
});
