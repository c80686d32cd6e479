/** Adds up histograms with compensated sums, remembering what has to be told. */
import type { NativeHistogram, ResetHint } from '@watchroom/model';
import { kahanMean, kahanTotal } from '../eval/kahan.ts';
import { combineHints, compatible, reconcile } from './arithmetic.ts';
import { type Buckets, build, type HistogramParts, partsOf } from './buckets.ts';

export class HistogramSum {
  readonly #parts: HistogramParts[] = [];
  #first: NativeHistogram | undefined;
  /** Exponential and custom buckets met; there is no total. */
  incompatible = false;
  boundsReconciled = false;
  #hint: ResetHint | undefined;
  #reset = false;
  #notReset = false;

  add(histogram: NativeHistogram): void {
    if (histogram.resetHint === 'reset') this.#reset = true;
    if (histogram.resetHint === 'not_reset') this.#notReset = true;
    this.#first ??= histogram;
    if (!compatible(this.#first, histogram)) {
      this.incompatible = true;
      return;
    }
    this.#hint =
      this.#hint === undefined ? histogram.resetHint : combineHints(this.#hint, histogram.resetHint).hint;
    this.#parts.push(partsOf(histogram));
  }

  get hintsCollide(): boolean {
    return this.#reset && this.#notReset;
  }

  total(): NativeHistogram {
    return this.#fold(kahanTotal);
  }

  mean(): NativeHistogram {
    return this.#fold(kahanMean);
  }

  #fold(fold: (values: ArrayLike<number>) => number): NativeHistogram {
    const parts = this.#aligned();
    const first = parts[0]!;
    const of = (read: (part: HistogramParts) => number): number => fold(parts.map(read));
    return build({
      schema: first.schema,
      zeroThreshold: first.zeroThreshold,
      customBounds: first.customBounds,
      resetHint: this.#hint ?? 'unknown',
      zeroCount: of((part) => part.zeroCount),
      count: of((part) => part.count),
      sum: of((part) => part.sum),
      positive: foldBuckets(
        parts.map((part) => part.positive),
        fold,
      ),
      negative: foldBuckets(
        parts.map((part) => part.negative),
        fold,
      ),
    });
  }

  /** All in one layout: twice through, as the last may change what the first needs. */
  #aligned(): readonly HistogramParts[] {
    const parts = [...this.#parts];
    for (let round = 0; round < 2; round++) {
      for (let i = 1; i < parts.length; i++) {
        const { left, right, boundsReconciled } = reconcile(parts[0]!, parts[i]!);
        parts[0] = left;
        parts[i] = right;
        if (boundsReconciled) this.boundsReconciled = true;
      }
    }
    return parts;
  }
}

function foldBuckets(all: readonly Buckets[], fold: (values: ArrayLike<number>) => number): Buckets {
  const rows = new Map<number, Float64Array>();
  all.forEach((buckets, i) => {
    for (const [index, count] of buckets) {
      let row = rows.get(index);
      if (!row) {
        row = new Float64Array(all.length);
        rows.set(index, row);
      }
      row[i] = count;
    }
  });
  return [...rows].sort((a, b) => a[0] - b[0]).map(([index, row]) => [index, fold(row)] as const);
}
