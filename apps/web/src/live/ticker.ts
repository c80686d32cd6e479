import type { Clock, Timer } from '@watchroom/model';
import { Listeners } from './listeners.ts';

/** One timer per period for everybody on the page who counts ages; it runs only while somebody listens. */
export class Ticker {
  readonly #clock: Clock;
  readonly #periods = new Map<number, { listeners: Listeners; timer: Timer }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `listener` every `everyMs`; returns the way to stop. */
  every(everyMs: number, listener: () => void): () => void {
    let period = this.#periods.get(everyMs);
    if (!period) {
      period = { listeners: new Listeners(), timer: this.#next(everyMs) };
      this.#periods.set(everyMs, period);
    }
    const { listeners } = period;
    const stop = listeners.add(listener);
    return () => {
      stop();
      const current = this.#periods.get(everyMs);
      if (listeners.size > 0 || current?.listeners !== listeners) return;
      current.timer.cancel();
      this.#periods.delete(everyMs);
    };
  }

  #next(everyMs: number): Timer {
    return this.#clock.after(everyMs, () => {
      const period = this.#periods.get(everyMs);
      if (!period) return;
      period.timer = this.#next(everyMs);
      period.listeners.call();
    });
  }
}
