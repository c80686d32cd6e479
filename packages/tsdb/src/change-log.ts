/**
 * What a reader must know to use earlier answers again: from which time on the store holds other samples than it held at
 * an earlier moment. A moment is a mark; each mark from now back to the oldest that is remembered has its earliest change.
 */

/** Changes are kept apart by so much time, ms. */
const GRAIN_MS = 1000;
const MOST_ENTRIES = 2048;

export class ChangeLog {
  /** By mark; times ascend too, since a later change of an earlier time stands for all before it. */
  #entries: { mark: number; fromMs: number }[] = [];
  #mark = 0;

  /** This moment. */
  get mark(): number {
    return this.#mark;
  }

  /** Samples at `fromMs` or later came or went; -Infinity when that is not known. */
  note(fromMs: number): void {
    this.#mark++;
    const grain = Math.floor(fromMs / GRAIN_MS) * GRAIN_MS;
    while (this.#entries.length > 0 && this.#entries.at(-1)!.fromMs >= grain) this.#entries.pop();
    this.#entries.push({ mark: this.#mark, fromMs: grain });
    if (this.#entries.length > MOST_ENTRIES) this.#thin();
  }

  /** Every sample before this time is as it was at `mark`; Infinity when nothing has changed. */
  earliestSince(mark: number): number {
    const entries = this.#entries;
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle]!.mark > mark) high = middle;
      else low = middle + 1;
    }
    return entries[low]?.fromMs ?? Number.POSITIVE_INFINITY;
  }

  /** Two neighbours become one that says at least what both said. */
  #thin(): void {
    const kept: { mark: number; fromMs: number }[] = [];
    for (let i = 0; i < this.#entries.length; i += 2) {
      const first = this.#entries[i]!;
      kept.push({ mark: (this.#entries[i + 1] ?? first).mark, fromMs: first.fromMs });
    }
    this.#entries = kept;
  }
}
