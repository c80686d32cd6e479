import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { everyStep } from '../src/ticker.ts';

describe('everyStep', () => {
  let ticks = 0;
  let stop: () => void = () => undefined;

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    ticks = 0;
    stop = everyStep(Date.now, 1000, () => {
      ticks += 1;
    });
  });

  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  it('ticks once a second until stopped', () => {
    vi.advanceTimersByTime(10_000);
    expect(ticks).toBe(10);
    stop();
    vi.advanceTimersByTime(10_000);
    expect(ticks).toBe(10);
  });

  it('makes up for a short pause and forgets a long one', () => {
    vi.setSystemTime(Date.now() + 3000);
    vi.advanceTimersByTime(1000);
    expect(ticks).toBe(4);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1000);
    expect(ticks).toBe(9);
    vi.advanceTimersByTime(3000);
    expect(ticks).toBe(12);
  });

  it('goes on when the clock is set back', () => {
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(5000);
    expect(ticks).toBeGreaterThanOrEqual(3);
  });
});
