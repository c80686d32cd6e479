/**
 * rate, increase and delta of a float series over all windows: the same arithmetic as rate.ts in the same order, in one
 * loop over typed arrays. Most dashboards spend their time here. Where the windows lie and how far they are extrapolated
 * follows from the times alone, so that it is worked out once for series that share them.
 */
import { isSameView, type SeriesEnds } from '@watchroom/model';
import { type Column, FLOAT } from '../eval/column.ts';

export interface RateWindows {
  readonly count: number;
  readonly rangeMs: number;
  readonly firstEndMs: number;
  readonly advanceMs: number;
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

export class RateSteps {
  readonly #windows: RateWindows;
  readonly #divisor: number;
  #times: Float64Array | undefined;
  /** Samples of a step's window are those at low ≤ i ≤ high. */
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** Seconds between the first and last sample, those to the window's start and end, and what a difference counts for. */
  readonly #sampled: Float64Array;
  readonly #toStart: Float64Array;
  readonly #toEnd: Float64Array;
  readonly #factor: Float64Array;
  /** Whether no step is extrapolated to the left by more than what lies between its samples. */
  #tame = false;
  /** Steps with two samples. */
  #found = 0;
  #atEnds = new Float64Array(0);

  constructor(windows: RateWindows) {
    const { count } = windows;
    this.#windows = windows;
    this.#divisor = windows.isRate ? windows.rangeMs / 1000 : 1;
    this.#low = new Int32Array(count);
    this.#high = new Int32Array(count);
    const floats = new Float64Array(count * 4);
    this.#sampled = floats.subarray(0, count);
    this.#toStart = floats.subarray(count, count * 2);
    this.#toEnd = floats.subarray(count * 2, count * 3);
    this.#factor = floats.subarray(count * 3);
  }

  /** Fills a column that is absent everywhere; gives how many steps have a value. */
  fill(column: Column, times: Float64Array, values: Float64Array): number {
    if (!isSameView(this.#times, times)) this.#locate(times);
    if (this.#found === 0) return 0;
    const { count, isCounter } = this.#windows;
    if (this.#found === count) column.kinds.fill(FLOAT, 0, count);
    else for (let step = 0; step < count; step++) if (this.#high[step]! >= 0) column.kinds[step] = FLOAT;
    if (!isCounter) this.#differences(column.values, values);
    else this.#increases(column.values, values, firstReset(values, times.length), times.length);
    return this.#found;
  }

  /** The values at the only step, of counters without resets; undefined when they have none. Good until the next call. */
  ofEnds({ count, timestamps, first, last }: SeriesEnds): Float64Array | undefined {
    if (!isSameView(this.#times, timestamps)) this.#locate(timestamps);
    if (this.#found === 0) return undefined;
    if (this.#atEnds.length < count) this.#atEnds = new Float64Array(count * 2);
    const out = this.#atEnds;
    const factor = this.#factor[0]!;
    const { isCounter } = this.#windows;
    const tame = this.#tame;
    for (let k = 0; k < count; k++) {
      const from = first[k]!;
      const delta = last[k]! - from;
      const plain = !isCounter || (tame && from >= delta);
      out[k] = plain ? delta * factor : this.#aboveZero(0, from, delta);
    }
    return out;
  }

  #differences(out: Float64Array, values: Float64Array): void {
    for (let step = 0; step < this.#windows.count; step++) {
      const high = this.#high[step]!;
      if (high >= 0) out[step] = (values[high]! - values[this.#low[step]!]!) * this.#factor[step]!;
    }
  }

  #increases(out: Float64Array, values: Float64Array, firstResetAt: number, length: number): void {
    const { count } = this.#windows;
    const [low, high, factor] = [this.#low, this.#high, this.#factor];
    const tame = this.#tame;
    let resetAt = firstResetAt;
    for (let step = 0; step < count; step++) {
      const last = high[step]!;
      if (last < 0) continue;
      const from = low[step]!;
      const first = values[from]!;
      let delta = values[last]! - first;
      if (resetAt <= last) {
        if (resetAt <= from) {
          resetAt = from + 1;
          while (resetAt < length && !(values[resetAt]! < values[resetAt - 1]!)) resetAt++;
        }
        for (let i = resetAt; i <= last; i++) if (values[i]! < values[i - 1]!) delta += values[i - 1]!;
      }
      // A counter that has grown by no more than it was before stays above zero to the left.
      if (tame && first >= delta) out[step] = delta * factor[step]!;
      else out[step] = this.#aboveZero(step, first, delta);
    }
  }

  #aboveZero(step: number, first: number, delta: number): number {
    if (!(delta > 0 && first >= 0)) return delta * this.#factor[step]!;
    const sampled = this.#sampled[step]!;
    const toZero = sampled * (first / delta);
    if (!(toZero < this.#toStart[step]!)) return delta * this.#factor[step]!;
    return delta * ((sampled + toZero + this.#toEnd[step]!) / sampled / this.#divisor);
  }

  #locate(times: Float64Array): void {
    const { count, rangeMs, firstEndMs, advanceMs } = this.#windows;
    const length = times.length;
    let lo = 0;
    let hi = 0;
    this.#times = times;
    this.#found = 0;
    this.#tame = true;
    for (let step = 0; step < count; step++) {
      const endMs = firstEndMs + step * advanceMs;
      const startMs = endMs - rangeMs;
      while (hi < length && times[hi]! <= endMs) hi++;
      while (lo < hi && times[lo]! <= startMs) lo++;
      this.#low[step] = lo;
      this.#high[step] = hi - lo < 2 ? -1 : hi - 1;
      if (hi - lo < 2) continue;
      this.#found++;
      const sampled = (times[hi - 1]! - times[lo]!) / 1000;
      const average = sampled / (hi - lo - 1);
      const threshold = average * 1.1;
      let toStart = (times[lo]! - startMs) / 1000;
      let toEnd = (endMs - times[hi - 1]!) / 1000;
      if (toStart >= threshold) toStart = average / 2;
      if (toEnd >= threshold) toEnd = average / 2;
      if (toStart > sampled) this.#tame = false;
      this.#sampled[step] = sampled;
      this.#toStart[step] = toStart;
      this.#toEnd[step] = toEnd;
      this.#factor[step] = (sampled + toStart + toEnd) / sampled / this.#divisor;
    }
  }
}

/** The first index with a value below the one before it; `length` when there is none. */
function firstReset(values: Float64Array, length: number): number {
  for (let i = 1; i < length; i++) if (values[i]! < values[i - 1]!) return i;
  return length;
}
