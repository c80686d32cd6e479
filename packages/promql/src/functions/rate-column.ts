/**
 * rate, increase and delta of a float series over all windows: the same arithmetic as rate.ts in the same order, in one
 * loop over typed arrays. Most dashboards spend their time here.
 */
import { type Column, FLOAT } from '../eval/column.ts';

export interface RateWindows {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly rangeMs: number;
  readonly firstEndMs: number;
  readonly advanceMs: number;
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

/** Fills the column; answers how many steps have a value. */
export function fillRate(column: Column, windows: RateWindows): number {
  const { times, values, rangeMs, firstEndMs, advanceMs, isCounter } = windows;
  const { kinds, values: out } = column;
  const divisor = windows.isRate ? rangeMs / 1000 : 1;
  const length = times.length;
  let lo = 0;
  let hi = 0;
  /** First index above lo with a value below the one before it; known up to here. */
  let resetAt = 0;
  let found = 0;
  for (let step = 0; step < kinds.length; step++) {
    const endMs = firstEndMs + step * advanceMs;
    const startMs = endMs - rangeMs;
    while (hi < length && times[hi]! <= endMs) hi++;
    while (lo < hi && times[lo]! <= startMs) lo++;
    const count = hi - lo;
    if (count < 2) continue;
    const first = values[lo]!;
    let delta = values[hi - 1]! - first;
    if (isCounter) {
      if (resetAt <= lo) {
        resetAt = lo + 1;
        while (resetAt < length && !(values[resetAt]! < values[resetAt - 1]!)) resetAt++;
      }
      for (let i = resetAt; i < hi; i++) if (values[i]! < values[i - 1]!) delta += values[i - 1]!;
    }
    const sampled = (times[hi - 1]! - times[lo]!) / 1000;
    const average = sampled / (count - 1);
    const threshold = average * 1.1;
    let toStart = (times[lo]! - startMs) / 1000;
    let toEnd = (endMs - times[hi - 1]!) / 1000;
    if (toStart >= threshold) toStart = average / 2;
    if (isCounter && delta > 0 && first >= 0) {
      const toZero = sampled * (first / delta);
      if (toZero < toStart) toStart = toZero;
    }
    if (toEnd >= threshold) toEnd = average / 2;
    out[step] = delta * ((sampled + toStart + toEnd) / sampled / divisor);
    kinds[step] = FLOAT;
    found++;
  }
  return found;
}
