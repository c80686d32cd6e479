/** Compensated summation (Kahan–Babuška–Neumaier), as Prometheus sums. Source: https://en.wikipedia.org/wiki/Kahan_summation_algorithm. */
export class KahanSum {
  sum = 0;
  compensation = 0;

  add(value: number): void {
    const total = this.sum + value;
    if (!Number.isFinite(total)) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += this.sum - total + value;
    else this.compensation += value - total + this.sum;
    this.sum = total;
  }

  get total(): number {
    return this.sum + this.compensation;
  }
}

/** The sum of values[lo … hi). */
export function kahanTotal(values: ArrayLike<number>, lo = 0, hi: number = values.length): number {
  const sum = new KahanSum();
  for (let i = lo; i < hi; i++) sum.add(values[i]!);
  return Math.abs(sum.sum) === Number.POSITIVE_INFINITY ? sum.sum : sum.total;
}

/** The mean of values[lo … hi): of the sum, or incrementally from where the sum overflows. */
export function kahanMean(values: ArrayLike<number>, lo = 0, hi: number = values.length): number {
  const sum = new KahanSum();
  sum.sum = values[lo]!;
  for (let i = lo + 1; i < hi; i++) {
    const { sum: before, compensation } = sum;
    sum.add(values[i]!);
    if (Math.abs(sum.sum) === Number.POSITIVE_INFINITY) {
      const n = i - lo;
      return incrementalMean(values, i, hi, n, before / n, compensation / n);
    }
  }
  const count = hi - lo;
  return sum.sum / count + sum.compensation / count;
}

/** Continues a mean of `n` values when their sum overflows. */
function incrementalMean(
  values: ArrayLike<number>,
  from: number,
  hi: number,
  n: number,
  mean: number,
  rest: number,
): number {
  const sum = new KahanSum();
  sum.sum = mean;
  sum.compensation = rest;
  let count = n;
  for (let i = from; i < hi; i++) {
    count++;
    const share = (count - 1) / count;
    sum.sum *= share;
    sum.compensation *= share;
    sum.add(values[i]! / count);
  }
  return sum.sum + sum.compensation;
}
