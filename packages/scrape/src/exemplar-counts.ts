/** What became of the exemplars of one scrape. */
import type { ExemplarOutcome, SeriesRef } from '@watchroom/model';

export class ExemplarCounts {
  readonly #counts = new Map<ExemplarOutcome, number>();
  #ref: SeriesRef = 0;
  #late = 0;
  #others = 0;

  clear(): void {
    this.#counts.clear();
    this.#ref = 0;
    this.#late = 0;
    this.#others = 0;
  }

  /** Exemplars of one series follow one another. */
  add(ref: SeriesRef, outcome: ExemplarOutcome): void {
    if (ref !== this.#ref) this.#settle();
    this.#ref = ref;
    if (outcome === 'out_of_order') this.#late++;
    else {
      this.#others++;
      this.#count(outcome, 1);
    }
  }

  totals(): Iterable<readonly [ExemplarOutcome, number]> {
    this.#settle();
    return this.#counts;
  }

  #settle(): void {
    if (this.#late > 0 && this.#others === 0) this.#count('out_of_order', this.#late);
    this.#late = 0;
    this.#others = 0;
  }

  #count(outcome: ExemplarOutcome, by: number): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + by);
  }
}
