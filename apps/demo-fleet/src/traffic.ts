/** Visits to the fleet: a slow ripple of the day, a faster one, and noise that remembers its last value. */
import type { Random } from './random.ts';

export interface Traffic {
  /** Multiplier of the visits for this second of fleet time; call once per tick. */
  next(tick: number): number;
}

export function createTraffic(random: Random): Traffic {
  let noise = 0;
  return {
    next(tick) {
      noise = 0.95 * noise + 0.012 * random.normal();
      const day = 0.1 * Math.sin((2 * Math.PI * tick) / 3600);
      const ripple = 0.05 * Math.sin((2 * Math.PI * tick) / 420);
      return Math.max(0.1, 1 + day + ripple + noise);
    },
  };
}
