/** One decoded request in columns: what belongs to a series lies together, series after series. */

import { RequestTooLargeError } from './errors.ts';
import type { SeriesEntry } from './series-entry.ts';

const START = 1024;
/** Larger columns are not kept for the next request. */
const KEPT = 256 << 10;

export class WriteBatch {
  readonly #mostSamples: number;
  readonly #mostSeries: number;
  /** The batch's series; only the first `seriesCount` count. */
  readonly entries: SeriesEntry[] = [];
  /** Where the samples of a series end. */
  sampleEnds: Int32Array = new Int32Array(START);
  times: Float64Array = new Float64Array(START);
  values: Float64Array = new Float64Array(START);
  seriesCount = 0;
  sampleCount = 0;

  constructor(mostSamples: number, mostSeries: number) {
    this.#mostSamples = mostSamples;
    this.#mostSeries = mostSeries;
  }

  clear(): void {
    if (this.times.length > KEPT) {
      this.times = new Float64Array(START);
      this.values = new Float64Array(START);
    }
    if (this.sampleEnds.length > KEPT) this.sampleEnds = new Int32Array(START);
    this.entries.length = 0;
    this.seriesCount = 0;
    this.sampleCount = 0;
  }

  add(timeMs: number, value: number): void {
    const at = this.sampleCount;
    if (at === this.times.length) this.#growSamples();
    this.times[at] = timeMs;
    this.values[at] = value;
    this.sampleCount = at + 1;
  }

  /** The samples added since the last call belong to this series. */
  endSeries(entry: SeriesEntry): void {
    if (this.seriesCount === this.sampleEnds.length) this.#growSeries();
    this.sampleEnds[this.seriesCount++] = this.sampleCount;
    this.entries.push(entry);
  }

  #growSamples(): void {
    if (this.times.length >= this.#mostSamples)
      throw new RequestTooLargeError(`more than ${this.#mostSamples} samples in one request`);
    const capacity = Math.min(this.times.length * 2, this.#mostSamples);
    const times = new Float64Array(capacity);
    times.set(this.times);
    this.times = times;
    const values = new Float64Array(capacity);
    values.set(this.values);
    this.values = values;
  }

  #growSeries(): void {
    if (this.sampleEnds.length >= this.#mostSeries)
      throw new RequestTooLargeError(`more than ${this.#mostSeries} series in one request`);
    const ends = new Int32Array(Math.min(this.sampleEnds.length * 2, this.#mostSeries));
    ends.set(this.sampleEnds);
    this.sampleEnds = ends;
  }
}
