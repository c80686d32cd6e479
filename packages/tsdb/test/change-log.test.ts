import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { ChangeLog } from '../src/change-log.ts';

describe('the log of changes', () => {
  it('knows the earliest change since each mark, and says too much rather than too little', () => {
    const random = seededRandom(7);
    const log = new ChangeLog();
    const notes: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      const timeMs = i * 1000 - (random() < 0.02 ? Math.floor(random() * 5_000_000) : 0);
      log.note(timeMs);
      notes.push(timeMs);
    }
    let earliest = Number.POSITIVE_INFINITY;
    let exact = 0;
    for (let mark = notes.length; mark >= 0; mark--) {
      const told = log.earliestSince(mark);
      expect(told).toBeLessThanOrEqual(earliest);
      if (earliest - told < 1000 || earliest === told) exact++;
      earliest = Math.min(earliest, notes[mark - 1] ?? earliest);
    }
    expect(log.mark).toBe(20_000);
    expect(exact).toBeGreaterThan(500);
  });

  it('has no earliest change when all is unknown', () => {
    const log = new ChangeLog();
    const before = log.mark;
    log.note(5000);
    log.note(Number.NEGATIVE_INFINITY);
    const after = log.mark;
    expect(log.earliestSince(before)).toBe(Number.NEGATIVE_INFINITY);
    expect(log.earliestSince(after)).toBe(Number.POSITIVE_INFINITY);
    log.note(9999);
    expect(log.earliestSince(after)).toBe(9000);
  });
});
