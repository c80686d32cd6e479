/**
 * Targets that are new are asked at once, few at a time: a start shows everything within seconds, however long the intervals are, and
 * first bodies, by far the dearest, do not come together. A target whose own time comes first does not wait any longer.
 */
export class EarlyTurns {
  readonly #waiting = new Set<() => void>();
  #free: number;
  #isCalling = false;

  /** @param most how many have their turn at a time; with 0 nobody ever has. */
  constructor(most: number) {
    this.#free = most;
  }

  /** `go` is called at once or later, unless it leaves before; it is to be followed by `done`. */
  wait(go: () => void): void {
    this.#waiting.add(go);
    this.#call();
  }

  leave(go: () => void): void {
    this.#waiting.delete(go);
  }

  done(): void {
    this.#free++;
    this.#call();
  }

  #call(): void {
    // One whose turn is over at once makes room while the others are called.
    if (this.#isCalling) return;
    this.#isCalling = true;
    for (const go of this.#waiting) {
      if (this.#free === 0) break;
      this.#free--;
      this.#waiting.delete(go);
      go();
    }
    this.#isCalling = false;
  }
}
