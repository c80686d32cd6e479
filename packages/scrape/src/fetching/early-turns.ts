/**
 * Targets that are new are asked at once, few at a time: a start shows everything within seconds, however long the intervals are, and
 * first bodies, by far the dearest, do not come together.
 */
export class EarlyTurns {
  /** How urgent each of those is that wait. */
  readonly #waiting = new Map<() => void, number>();
  readonly #most: number;
  /** Those that wait, the one that goes next at the end; with some that have left. */
  #order: (() => void)[] = [];
  #isSorted = true;
  #free: number;
  #isCalling = false;

  /** @param most how many have their turn at a time; with 0 nobody ever has. */
  constructor(most: number) {
    this.#most = most;
    this.#free = most;
  }

  /**
   * `go` is called at once or later, unless it leaves before, that of the highest urgency first; it is to be followed by `done`.
   */
  wait(go: () => void, urgency: number): void {
    if (this.#most === 0) return;
    this.#waiting.set(go, urgency);
    this.#order.push(go);
    this.#isSorted = false;
    this.#call();
  }

  /** Whether anyone has, or waits for, such a turn. */
  get isBusy(): boolean {
    return this.#free < this.#most || this.#waiting.size > 0;
  }

  isWaiting(go: () => void): boolean {
    return this.#waiting.has(go);
  }

  leave(go: () => void): void {
    this.#waiting.delete(go);
    if (this.#waiting.size === 0) this.#order = [];
  }

  done(): void {
    this.#free++;
    this.#call();
  }

  #call(): void {
    // One whose turn is over at once makes room while the others are called.
    if (this.#isCalling) return;
    this.#isCalling = true;
    while (this.#free > 0) {
      const go = this.#next();
      if (!go) break;
      this.#free--;
      go();
    }
    this.#isCalling = false;
  }

  #next(): (() => void) | undefined {
    const urgency = (go: () => void): number => this.#waiting.get(go) ?? 0;
    if (!this.#isSorted) this.#order.sort((a, b) => urgency(a) - urgency(b));
    this.#isSorted = true;
    for (;;) {
      const go = this.#order.pop();
      if (!go || this.#waiting.delete(go)) return go;
    }
  }
}
