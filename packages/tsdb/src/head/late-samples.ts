/** Samples of one commit that are older than their series' newest, and whether such a sample is taken. */
import type { AppendOutcome, SeriesRef } from '@watchroom/model';

const FIRST_CAPACITY = 64;

/** As Prometheus decides: memSeries.appendable in tsdb/head_append.go. `sinceMs` undefined: there is no window. */
export function judgeLate(timeMs: number, sinceMs: number | undefined): AppendOutcome {
  if (sinceMs === undefined) return 'out_of_order';
  return timeMs < sinceMs ? 'too_old' : 'ok';
}

export class LateSamples {
  refs: Uint32Array = new Uint32Array(0);
  times: Float64Array = new Float64Array(0);
  /** Typed, as plain arrays of numbers do not keep the bits of a NaN. */
  values: Float64Array = new Float64Array(0);
  count = 0;

  add(ref: SeriesRef, timeMs: number, value: number): void {
    if (this.count === this.refs.length) this.#grow();
    this.refs[this.count] = ref;
    this.times[this.count] = timeMs;
    this.values[this.count++] = value;
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, this.count * 2);
    const { refs, times, values } = this;
    this.refs = new Uint32Array(capacity);
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.refs.set(refs);
    this.times.set(times);
    this.values.set(values);
  }
}

/** Places of the first `count` times by time, ascending. */
export function placesByTime(times: Float64Array, count: number): [timeMs: number, places: number[]][] {
  const byTime = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const same = byTime.get(times[i]!);
    if (same) same.push(i);
    else byTime.set(times[i]!, [i]);
  }
  return [...byTime].sort((a, b) => a[0] - b[0]);
}
