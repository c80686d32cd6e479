/**
 * Gathers what comes in quick succession, so that a hundred targets do not wake the other thread a hundred times a second: what
 * comes alone goes with what comes just behind it, and what follows that goes together a little later. Where nothing is to come
 * behind it, it goes at once.
 */
import type { Clock, Timer } from '@watchroom/model';

/** Targets of one turn answer within this. */
const TURN_MS = 30;
/** Between two messages, unless there is much to send. A tenth of the time from a scrape to the screen. */
const GATHER_MS = 100;
/** What an item waits at most, with the way to the store. */
export const LONGEST_GATHERED_MS = TURN_MS + GATHER_MS + 20;
/** So many go at once: each takes the other thread a quarter of a millisecond. */
const MOST = 16;

export class Gathered<T> {
  readonly #clock: Clock;
  readonly #give: (items: readonly T[]) => void;
  readonly #expects: (withinMs: number) => boolean;
  #items: T[] = [];
  #sentMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  /** `expects`: whether more may come within so many ms. */
  constructor(clock: Clock, give: (items: readonly T[]) => void, expects: (withinMs: number) => boolean) {
    this.#clock = clock;
    this.#give = give;
    this.#expects = expects;
  }

  add(item: T): void {
    this.#items.push(item);
    const waitMs = this.#sentMs + GATHER_MS - this.#clock.monotonic();
    const isLast = waitMs <= 0 && !this.#expects(TURN_MS);
    if (isLast || this.#items.length >= MOST) this.send();
    else this.#timer ??= this.#clock.after(Math.max(TURN_MS, waitMs), () => this.send());
  }

  /** What has been gathered goes now. */
  send(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#sentMs = this.#clock.monotonic();
    this.#give(items);
  }
}
