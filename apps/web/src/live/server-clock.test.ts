import { describe, expect, it } from 'vitest';
import { ServerClock } from './server-clock.ts';

const OFFSET = 1_700_000_000_000;

function scene() {
  let monotonicMs = 1000;
  const clock = new ServerClock(() => monotonicMs);
  return {
    clock,
    /** A round trip with these one-way times. */
    ask(thereMs: number, backMs: number, offsetMs = OFFSET) {
      const sentMs = monotonicMs;
      const serverMs = sentMs + thereMs + offsetMs;
      monotonicMs += thereMs + backMs;
      clock.answered(sentMs, serverMs);
    },
    beat(delayMs: number, offsetMs = OFFSET) {
      const serverMs = monotonicMs + offsetMs;
      monotonicMs += delayMs;
      clock.heard(serverMs);
    },
    wait(ms: number) {
      monotonicMs += ms;
    },
  };
}

describe('ServerClock', () => {
  it('knows nothing before the first message', () => {
    expect(scene().clock.now()).toBeUndefined();
  });

  it('starts from a message and is corrected by a round trip', () => {
    const { clock, ask, beat } = scene();
    beat(80);
    expect(clock.offsetMs).toBe(OFFSET - 80);
    ask(10, 10);
    expect(clock.offsetMs).toBe(OFFSET);
  });

  it('trusts the narrowest round trip, and a delayed beat changes nothing', () => {
    const { clock, ask, beat } = scene();
    ask(2, 2);
    ask(5, 300);
    beat(900);
    expect(clock.offsetMs).toBe(OFFSET);
  });

  it('steps at once when the monotonic clock stood still in sleep', () => {
    const { clock, ask, beat } = scene();
    ask(2, 2);
    beat(3, OFFSET + 3_600_000);
    expect(clock.offsetMs).toBe(OFFSET + 3_600_000 - 3);
    ask(2, 2, OFFSET + 3_600_000);
    expect(clock.offsetMs).toBe(OFFSET + 3_600_000);
    expect(clock.steps).toBeGreaterThan(0);
  });

  it('follows the server clock when it is set back', () => {
    const { clock, ask } = scene();
    ask(2, 2);
    ask(3, 3, OFFSET - 60_000);
    expect(clock.offsetMs).toBe(OFFSET - 60_000);
  });

  it('forgets old round trips', () => {
    const { clock, ask, wait } = scene();
    ask(1, 1);
    wait(61_000);
    ask(4, 6, OFFSET + 1);
    expect(clock.offsetMs).toBe(OFFSET);
    wait(61_000);
    ask(1, 1, OFFSET + 3);
    expect(clock.offsetMs).toBe(OFFSET + 3);
  });
});
