/** What of a request was refused, as the text of the answer: the first reasons and how many there were. */
import type { AppendOutcome, Labels } from '@watchroom/model';
import { shown } from './series-entry.ts';

const MOST_REASONS = 10;

/** Prometheus' words where it has some: storage/interface.go. */
const WORDS: Readonly<Record<Exclude<AppendOutcome, 'ok' | 'duplicate'>, string>> = {
  conflict: 'duplicate sample for timestamp',
  out_of_order: 'out of order sample',
  too_old: 'too old sample',
  too_far_ahead: 'out of bounds: timestamp is too far in the future',
  too_many_series: 'the store has as many series as it may have ("watchroom: storage: max_series")',
};

export class Rejections {
  readonly #reasons: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `items` samples, histograms or exemplars are not written; a series without any counts as one. */
  add(reason: string, items: number): void {
    this.#count += Math.max(1, items);
    if (this.#reasons.length < MOST_REASONS) this.#reasons.push(reason);
  }

  sample(outcome: Exclude<AppendOutcome, 'ok' | 'duplicate'>, labels: Labels, timeMs: number): void {
    this.#count++;
    if (this.#reasons.length < MOST_REASONS)
      this.#reasons.push(`${WORDS[outcome]} (timestamp ${timeMs}) for series ${shown(labels)}`);
  }

  /** '' when nothing was refused. */
  message(): string {
    if (this.#count === 0) return '';
    const more = this.#count > this.#reasons.length ? `\n${this.#count} refused in all` : '';
    return this.#reasons.join('\n') + more;
  }
}
