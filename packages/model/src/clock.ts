/** Time as a port: pure code and schedules never read the machine's clock themselves. */
export interface Clock {
  /** Wall time in ms since the Unix epoch. May step when the machine's clock is set. */
  now(): number;
  /** Ms from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` from now (a negative delay counts as 0). */
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  /** Stops it; harmless when it has run. */
  cancel(): void;
}

/** The machine's own clock; timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, Math.max(0, delayMs));
    if (typeof handle === 'object' && 'unref' in handle) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
