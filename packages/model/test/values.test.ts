import { describe, expect, it } from 'vitest';
import { formatDuration, formatValue, isStale, parseDuration, parseValue, STALE } from '../src/index.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['1h30m', 5_400_000],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
    ['500ms', 500],
    ['15d', 1_296_000_000],
  ])('%s is %i ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each(['', '1', '5m1h', '1.5h', '-1s', '1 s', '1hh'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [0, '0s'],
    [90_000, '1m30s'],
    [86_400_000, '1d'],
    [90_000_000, '25h'],
    [604_800_000, '1w'],
    [1500, '1s500ms'],
  ])('prints %i as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('values', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1e22, '10000000000000000000000'],
    [1e-7, '0.0000001'],
    [1.5e-10, '0.00000000015'],
    [-1.25e21, '-1250000000000000000000'],
    [123.456, '123.456'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('prints %d as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  it.each([
    ['1.234567e+06', 1_234_567],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['.5', 0.5],
    ['NaN', Number.NaN],
  ])('reads %s', (text, value) => {
    expect(parseValue(text)).toBe(value);
  });

  it.each(['', ' 1', '1_000', '0x1', 'one', '1e', '--1'])('refuses %j', (text) => {
    expect(parseValue(text)).toBeUndefined();
  });
});

describe('the staleness marker', () => {
  it('is told from an ordinary NaN', () => {
    expect(isStale(STALE)).toBe(true);
    expect(isStale(Number.NaN)).toBe(false);
    expect(isStale(0)).toBe(false);
  });

  it('survives typed arrays, copies and number variables in optimised code', () => {
    const column = new Float64Array(64);
    let lost = 0;
    for (let round = 0; round < 20_000; round++) {
      const at = round % column.length;
      column[at] = STALE;
      const copied = column.slice();
      const value = copied[at]!;
      const boxed: { value: number } = { value };
      if (!isStale(boxed.value)) lost++;
      column[at] = round;
    }
    expect(lost).toBe(0);
  });

  it('is recognised in its signalling form, as remote write sends it', () => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, 0x7ff0000000000002n);
    expect(isStale(view.getFloat64(0))).toBe(true);
  });
});
