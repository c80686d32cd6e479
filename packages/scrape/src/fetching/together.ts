/**
 * Lets answers of targets that are asked together be read together. Waking the thread costs a tenth of a millisecond, and each
 * answer that comes by itself wakes it. So after an answer, while others are about to come, the thread rests a little; then it
 * reads all that came meanwhile.
 */
import type { Clock } from '@watchroom/model';

/** What an answer waits at most before it is read. A scrape's duration may be longer by as much. */
export const REST_MS = 5;
/** Answers that are to come, for which it is worth it. */
const FEWEST = 2;
/** So many came together without a rest. */
const MANY = 8;
/** What has not answered by then, after the last was asked, is not about to. */
const SOON_MS = 100;

export interface RestOptions {
  /** Halts the thread for so many ms. */
  readonly rest: (ms: number) => void;
  /** Calls when what has come by now has been read, before the thread looks for more. */
  readonly soon: (call: () => void) => void;
}

export class Together {
  readonly #clock: Clock;
  readonly #options: RestOptions;
  readonly #isBusy: () => boolean;
  #underWay = 0;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** In this task and those behind it, before the thread looks for more. */
  #came = 0;
  #isAwaited = false;
  readonly #look = (): void => this.#restIfWorth();

  /** `isBusy`: whether the thread has something better to do. */
  constructor(clock: Clock, options: RestOptions, isBusy: () => boolean) {
    this.#clock = clock;
    this.#options = options;
    this.#isBusy = isBusy;
  }

  /** A target is being asked; `came` follows. */
  asked(): void {
    this.#underWay++;
    this.#askedMs = this.#clock.monotonic();
  }

  /** An answer has come whole, or will not come any more. */
  came(): void {
    this.#underWay--;
    if (!this.#isAwaited && this.#underWay >= FEWEST) {
      this.#isAwaited = true;
      this.#came = 0;
      this.#options.soon(this.#look);
    }
    this.#came++;
  }

  /** What had come has been read. */
  #restIfWorth(): void {
    this.#isAwaited = false;
    if (this.#came >= MANY || this.#underWay < FEWEST || this.#isBusy()) return;
    if (this.#clock.monotonic() - this.#askedMs <= SOON_MS) this.#options.rest(REST_MS);
  }
}
