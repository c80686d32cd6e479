/**
 * Answers that are ready in one turn of the event loop are written together at its end. A write to a client that sleeps wakes
 * it, which costs more than the write; the charts of a dashboard ask at one time, over connections of their own, and their
 * client slept again between two answers.
 */

/** What has waited for so long, ms, waits no longer: neither for a further answer, nor for a further request to be begun. */
const AT_MOST_MS = 2;

export class TurnEnd {
  readonly #now: () => number;
  readonly #later: (run: () => void) => void;
  #waiting: (() => void)[] = [];
  #sinceMs = 0;

  /** `later` runs what it is given when all that has come in this turn has been looked at. */
  constructor(now: () => number = () => performance.now(), later: (run: () => void) => void = setImmediate) {
    this.#now = now;
    this.#later = later;
  }

  /** Calls `write` soon, with the others of this turn and in their order. */
  add(write: () => void): void {
    if (this.#waiting.push(write) === 1) {
      this.#sinceMs = this.#now();
      this.#later(() => this.#flush());
    } else this.look();
  }

  /**
   * To be called before work for a further request begins. What is ready then waits for this one's work at most, and a query
   * pauses after five milliseconds of it.
   */
  look(): void {
    if (this.#waiting.length > 0 && this.#now() - this.#sinceMs >= AT_MOST_MS) this.#flush();
  }

  #flush(): void {
    const writes = this.#waiting;
    this.#waiting = [];
    for (const write of writes) write();
  }
}
