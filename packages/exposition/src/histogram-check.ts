/**
 * One point of a histogram, as OpenMetrics 1.0 wants it: buckets ascend in bound and in count, +Inf is there, count and sum
 * stand together, and the count is that of +Inf
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/#histogram, #gaugehistogram).
 */
import { parseToken } from './decimal.ts';
import { normalFloat } from './series-labels.ts';

export class HistogramCheck {
  readonly #isGauge: boolean;
  #bound: number | undefined;
  #inBucket = 0;
  #count: number | undefined;
  #sum: number | undefined;
  #hasNegativeBound = false;

  constructor(isGauge: boolean) {
    this.#isGauge = isGauge;
  }

  /** Takes a sample of the point; says what is wrong with it. */
  add(suffix: string, le: string, value: number): string | undefined {
    if (suffix === '_count' || suffix === '_gcount') this.#count = value;
    if (suffix === '_sum' || suffix === '_gsum') this.#sum = value;
    if (suffix !== '_bucket') return undefined;
    const bound = parseToken(le);
    if (typeof bound !== 'number') return undefined;
    const [boundBefore, countBefore] = [this.#bound, this.#inBucket];
    this.#bound = bound;
    this.#inBucket = value;
    if (bound < 0) this.#hasNegativeBound = true;
    if (boundBefore === undefined) return undefined;
    if (bound <= boundBefore) return 'buckets are out of order';
    return value < countBefore ? 'a bucket holds less than the one before' : undefined;
  }

  /** What is wrong with the point as a whole. */
  finish(): string | undefined {
    if (this.#bound !== Number.POSITIVE_INFINITY) return 'the +Inf bucket is missing';
    if (this.#count !== undefined && this.#count !== this.#inBucket)
      return 'the count differs from the +Inf bucket';
    if (this.#sum !== undefined && this.#count === undefined) return 'there is a sum but no count';
    if (this.#sum === undefined && this.#count !== undefined) return 'there is a count but no sum';
    if (this.#sum === undefined) return undefined;
    if (!this.#isGauge && this.#hasNegativeBound) return 'there is a sum beside negative buckets';
    if (this.#isGauge && this.#sum < 0 && !this.#hasNegativeBound)
      return 'the sum is negative, and no bucket is';
    return undefined;
  }
}

/** A number, and, where the specification fixes its spelling (tenths to 10, thousandths to 1, powers of ten), spelt so. */
export function isCanonical(le: string): boolean {
  const value = parseToken(le);
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  const isFixed =
    !Number.isFinite(value) ||
    (value >= 0 && value <= 1 && Number.isInteger(value * 1000)) ||
    (value >= 1 && value <= 10 && Number.isInteger(value * 10)) ||
    (value > 0 && Number.isInteger(Math.log10(value)) && Math.abs(Math.log10(value)) <= 10);
  return !isFixed || normalFloat(le) === le;
}
