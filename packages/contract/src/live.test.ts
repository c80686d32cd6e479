import { describe, expect, it } from 'vitest';
import { fromWireValue, paintReportSchema, stepFor, subscribeSchema, toWireValue } from './index.ts';

it.each([0, -1.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'carries %d through JSON',
  (value) => {
    expect(fromWireValue(JSON.parse(JSON.stringify(toWireValue(value))))).toBe(value);
  },
);

it('reads null as no sample', () => {
  expect(fromWireValue(null)).toBeUndefined();
});

it.each([
  [900_000, 900, 1000],
  [900_000, 300, 5000],
  [86_400_000, 640, 300_000],
  [31 * 86_400_000, 10, 4 * 86_400_000],
  [0, 100, 1000],
])('steps through %d ms in at most %d points of %d ms', (windowMs, points, stepMs) => {
  expect(stepFor(windowMs, points)).toBe(stepMs);
});

describe('subscribe', () => {
  const spec = { query: 'up', windowMs: 60_000, stepMs: 1000 };

  it('has a head at the newest sample unless it says otherwise', () => {
    const { channel } = subscribeSchema.parse({ id: 'c1', channel: { kind: 'query', spec } });
    expect(channel).toEqual({ kind: 'query', spec: { ...spec, head: 'now' } });
  });

  it.each([
    ['a step that is too short', { ...spec, stepMs: 10 }],
    ['a broken step', { ...spec, stepMs: 1000.5 }],
    ['a negative window', { ...spec, windowMs: -1 }],
    ['an empty query', { ...spec, query: '' }],
    ['an endless query', { ...spec, query: 'x'.repeat(20_001) }],
  ])('refuses %s', (_what, wrong) => {
    expect(subscribeSchema.safeParse({ id: 'c1', channel: { kind: 'query', spec: wrong } }).success).toBe(
      false,
    );
  });

  it('refuses topics that do not exist', () => {
    expect(
      subscribeSchema.safeParse({ id: 'c1', channel: { kind: 'topic', topic: 'secrets' } }).success,
    ).toBe(false);
  });
});

it('bounds a paint report', () => {
  const sampleToPixelMs = Array.from({ length: 1001 }, () => 1);
  expect(paintReportSchema.safeParse({ page: '/', sampleToPixelMs }).success).toBe(false);
});
