import { describe, expect, it } from 'vitest';
import { formatRange, parseRange, type TimeRangeChoice } from './time-range.ts';

describe('a time range in the URL', () => {
  it.each<TimeRangeChoice>([
    { kind: 'live', windowMs: 900_000 },
    { kind: 'last', windowMs: 7 * 86_400_000 },
    { kind: 'absolute', fromMs: 1_780_000_000_000, toMs: 1_780_000_060_000 },
  ])('$kind comes back as it was', (range) => {
    expect(parseRange(formatRange(range))).toEqual(range);
  });

  it.each([null, '', 'live', 'live:', 'live:5', 'live:1s', 'last:abc', '5..1', '1..1', 'x..y', '-1..2'])(
    '%s is not a range',
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );
});
