import { describe, expect, it } from 'vitest';
import { formatTimeTick, timeTicks, zoneOffsetMs } from './time-ticks.ts';

const at = (text: string) => Date.parse(text);
const iso = (ticks: readonly number[]) => ticks.map((tick) => new Date(tick).toISOString());

describe('timeTicks', () => {
  it('stands at round minutes', () => {
    const { ticks, stepMs } = timeTicks(at('2026-03-01T10:02:30Z'), at('2026-03-01T10:17:30Z'), 5, 'UTC');
    expect(stepMs).toBe(300_000);
    expect(iso(ticks)).toEqual([
      '2026-03-01T10:05:00.000Z',
      '2026-03-01T10:10:00.000Z',
      '2026-03-01T10:15:00.000Z',
    ]);
  });

  it('stands at local midnights, also where the zone has half an hour', () => {
    const { ticks } = timeTicks(at('2026-03-01T00:00:00Z'), at('2026-03-04T00:00:00Z'), 4, 'Asia/Kolkata');
    expect(iso(ticks)).toEqual([
      '2026-03-01T18:30:00.000Z',
      '2026-03-02T18:30:00.000Z',
      '2026-03-03T18:30:00.000Z',
    ]);
  });

  it('keeps to local midnight across a change of clocks', () => {
    const { ticks } = timeTicks(at('2026-03-27T12:00:00Z'), at('2026-03-31T12:00:00Z'), 5, 'Europe/Berlin');
    expect(iso(ticks)).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ]);
  });

  it('has ascending hours where an hour is missing or twice there', () => {
    for (const day of ['2026-03-29', '2026-10-25']) {
      const { ticks } = timeTicks(at(`${day}T00:00:00Z`), at(`${day}T06:00:00Z`), 7, 'Europe/Berlin');
      for (let i = 1; i < ticks.length; i++) expect(ticks[i]!).toBeGreaterThan(ticks[i - 1]!);
      expect(ticks.length).toBeGreaterThanOrEqual(5);
    }
  });

  it('gives none for an empty span', () => {
    expect(timeTicks(5, 5, 5, 'UTC').ticks).toEqual([]);
    expect(timeTicks(Number.NaN, 5, 5, 'UTC').ticks).toEqual([]);
  });
});

it('knows the offset of a zone at a time', () => {
  expect(zoneOffsetMs(at('2026-01-01T00:00:00Z'), 'Asia/Shanghai')).toBe(8 * 3_600_000);
  expect(zoneOffsetMs(at('2026-07-01T00:00:00Z'), 'America/New_York')).toBe(-4 * 3_600_000);
});

it('labels a tick by its step, midnight by its date', () => {
  expect(formatTimeTick(at('2026-03-01T10:05:00Z'), 300_000, 'UTC', 'en')).toBe('10:05');
  expect(formatTimeTick(at('2026-03-01T10:05:10Z'), 5000, 'UTC', 'en')).toBe('10:05:10');
  expect(formatTimeTick(at('2026-03-01T16:00:00Z'), 300_000, 'Asia/Shanghai', 'zh-CN')).toBe('3月2日');
});
