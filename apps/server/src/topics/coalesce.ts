import type { Clock, Timer } from '@watchroom/model';

/** Runs an action soon after it is asked for, once for all that ask meanwhile, and at most every `gapMs`. */
export class Coalesced {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #run: () => void;
  #timer: Timer | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, gapMs: number, run: () => void) {
    this.#clock = clock;
    this.#gapMs = gapMs;
    this.#run = run;
  }

  request(): void {
    if (this.#timer) return;
    const waitMs = Math.max(0, this.#lastAt + this.#gapMs - this.#clock.monotonic());
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#lastAt = this.#clock.monotonic();
      this.#run();
    });
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
