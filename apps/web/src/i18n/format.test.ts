import { describe, expect, it } from 'vitest';
import { formatAge, formatScore } from './format.ts';
import { translator } from './i18n.tsx';

describe('ages and scores', () => {
  it.each([
    [-500, 'now'],
    [999, 'now'],
    [1000, '1 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [7_199_000, '119 min'],
    [7_200_000, '2 h'],
    [200_000_000, '2 d'],
  ])('%i ms is %s', (ageMs, text) => {
    expect(formatAge(translator('en'), ageMs)).toBe(text);
  });

  it('speaks Chinese', () => {
    expect(formatAge(translator('zh'), 12_000)).toBe('12 秒');
  });

  it('never rounds a score over a threshold', () => {
    expect(formatScore(59.99)).toBe('59');
    expect(formatScore(99.9999999999)).toBe('100');
    expect(formatScore(undefined)).toBe('–');
    expect(formatScore(Number.NaN)).toBe('–');
  });
});
