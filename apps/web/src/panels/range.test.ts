import { describe, expect, it } from 'vitest';
import { cellMs, lengthMs, rateWindowMs, refreshMsOf, resolveRange, withStep } from './range.ts';

const HOUR = 3_600_000;

describe('resolveRange', () => {
  it('keeps a live window and takes a round step', () => {
    expect(resolveRange({ kind: 'live', windowMs: 900_000 }, undefined)).toEqual({
      kind: 'live',
      windowMs: 900_000,
      stepMs: 2000,
    });
  });

  it('puts an absolute range on multiples of its step, none of it lost', () => {
    const range = resolveRange({ kind: 'absolute', fromMs: 1_000_123, toMs: 1_000_123 + HOUR }, undefined);
    if (range?.kind !== 'fixed') throw new Error('an absolute range is fixed');
    expect(range.fromMs % range.stepMs).toBe(0);
    expect(range.toMs % range.stepMs).toBe(0);
    expect(range.fromMs).toBeLessThanOrEqual(1_000_123);
    expect(range.toMs).toBeGreaterThanOrEqual(1_000_123 + HOUR);
  });

  it('ends a last range at the newest refresh and waits for the server’s time', () => {
    expect(resolveRange({ kind: 'last', windowMs: HOUR }, undefined)).toBeUndefined();
    const range = resolveRange({ kind: 'last', windowMs: HOUR }, 1_795_449_877_219);
    if (range?.kind !== 'fixed') throw new Error('a last range is fixed');
    expect(range.toMs).toBe(1_795_449_870_000);
    expect(lengthMs(range)).toBe(HOUR);
  });

  it('refreshes short ranges every ten seconds, long ones once a step', () => {
    expect(refreshMsOf(HOUR)).toBe(10_000);
    expect(refreshMsOf(7 * 24 * HOUR)).toBe(1_800_000);
  });
});

describe('windows of rates and cells', () => {
  it('hold four scrapes and reach from step to step', () => {
    expect(rateWindowMs(1000, 1000)).toBe(30_000);
    expect(rateWindowMs(1000, 15_000)).toBe(60_000);
    expect(rateWindowMs(300_000, 15_000)).toBe(300_000);
  });

  it('cells are at most sixty and never shorter than four scrapes', () => {
    const live = { kind: 'live', windowMs: 900_000, stepMs: 1000 } as const;
    expect(cellMs(live, 1000)).toBe(15_000);
    expect(cellMs(live, 15_000)).toBe(60_000);
    expect(withStep({ kind: 'fixed', fromMs: 10_000, toMs: 80_000, stepMs: 1000 }, 15_000)).toEqual({
      kind: 'fixed',
      fromMs: 0,
      toMs: 90_000,
      stepMs: 15_000,
    });
  });
});
