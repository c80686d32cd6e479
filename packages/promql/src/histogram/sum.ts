/** Adds up histograms, remembering what has to be told. */
import type { NativeHistogram } from '@watchroom/model';
import { addHistograms, compatible } from './arithmetic.ts';

export class HistogramSum {
  total: NativeHistogram | undefined;
  count = 0;
  /** Exponential and custom buckets met; the total counts for nothing. */
  incompatible = false;
  boundsReconciled = false;
  #reset = false;
  #notReset = false;

  add(histogram: NativeHistogram): void {
    this.count++;
    if (histogram.resetHint === 'reset') this.#reset = true;
    if (histogram.resetHint === 'not_reset') this.#notReset = true;
    if (!this.total) {
      this.total = histogram;
      return;
    }
    if (!compatible(this.total, histogram)) {
      this.incompatible = true;
      return;
    }
    const sum = addHistograms(this.total, histogram);
    this.total = sum.histogram;
    if (sum.boundsReconciled) this.boundsReconciled = true;
  }

  get hintsCollide(): boolean {
    return this.#reset && this.#notReset;
  }
}
