/** One piece of work at a time, in the order in which it was asked for: deletions, cleaning and snapshots. */

/** More wait than anyone can mean; the next one is refused. */
const MOST_WAITING = 100;

export class Exclusive {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Rejects as the work does, and when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      throw new Error(`${MOST_WAITING} deletions and snapshots wait already; ask again when they are done`);
    this.#waiting++;
    const before = this.#last;
    const done = before.then(work);
    this.#last = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}
