import { describe, expect, it } from 'vitest';
import { formatUnit, NO_VALUE, type Unit, unitOfMetric } from './format-unit.ts';

describe('formatUnit', () => {
  it.each<[number, Unit, string]>([
    [0, 'short', '0'],
    [1234, 'short', '1.23k'],
    [999.6, 'short', '1k'],
    [999_999, 'short', '1M'],
    [12.345, 'short', '12.3'],
    [0.00012, 'short', '1.20e−4'],
    [-5, 'short', '−5'],
    [0, 'seconds', '0 s'],
    [0.0123, 'seconds', '12.3 ms'],
    [0.00045, 'seconds', '450 µs'],
    [3e-7, 'seconds', '300 ns'],
    [0.9996, 'seconds', '1 s'],
    [1.5, 'seconds', '1.5 s'],
    [90, 'seconds', '1 min 30 s'],
    [59.97, 'seconds', '1 min'],
    [3600, 'seconds', '1 h'],
    [90_000, 'seconds', '1 d 1 h'],
    [1024, 'bytes', '1 KiB'],
    [1023.9, 'bytes', '1 KiB'],
    [1.5 * 1024 ** 3, 'bytes', '1.5 GiB'],
    [2048, 'bytesPerSecond', '2 KiB/s'],
    [0.37, 'ratio', '37%'],
    [1, 'ratio', '100%'],
    [0.9995, 'ratio', '99.95%'],
    [0.99999999, 'ratio', '99.999%'],
    [0.00000001, 'ratio', '<0.001%'],
    [0, 'ratio', '0%'],
    [1234.5, 'perSecond', '1.23k req/s'],
    [1_234_567, 'count', '1,234,567'],
    [Number.NaN, 'seconds', NO_VALUE],
    [Number.POSITIVE_INFINITY, 'seconds', '∞'],
    [Number.NEGATIVE_INFINITY, 'short', '−∞'],
  ])('%d %s is %s', (value, unit, text) => {
    expect(formatUnit(value, unit)).toBe(text);
  });

  it('speaks Chinese', () => {
    expect(formatUnit(12, 'perSecond', 'zh')).toBe('12 次/秒');
    expect(formatUnit(90, 'seconds', 'zh')).toBe('1 分 30 秒');
    expect(formatUnit(0.25, 'seconds', 'zh')).toBe('250 ms');
  });
});

it('reads the unit from a metric name', () => {
  expect(unitOfMetric('http_request_duration_seconds_bucket')).toBe('seconds');
  expect(unitOfMetric('node_memory_MemFree_bytes')).toBe('bytes');
  expect(unitOfMetric('svc:errors:ratio2m')).toBe('short');
  expect(unitOfMetric('svc_saturation_ratio')).toBe('ratio');
});
