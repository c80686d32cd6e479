/** One decoded request in columns: what belongs to a series lies together, series after series. */

import type { Exemplar, MetricMetadata } from '@watchroom/model';
import type { DecodedHistogram } from './decode-histogram.ts';
import { RequestTooLargeError } from './errors.ts';
import type { SeriesEntry } from './series-entry.ts';

const START = 1024;
/** Of requests that are taken in turns. */
export const SERIES_PER_STEP = 256;
/** Larger columns are not kept for the next request. */
const KEPT = 256 << 10;

/** Something that comes once in a while; `series` is the place of its series in the batch. */
interface OfSeries {
  readonly series: number;
}

interface BatchExemplar extends OfSeries {
  readonly exemplar: Exemplar;
  /** Why it is refused. */
  readonly fault: string | undefined;
}

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
  /** In order of their series. */
  readonly histograms: (DecodedHistogram & OfSeries)[] = [];
  readonly exemplars: BatchExemplar[] = [];
  /** By metric family. */
  readonly metadata: [family: string, metadata: MetricMetadata][] = [];

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
    this.histograms.length = 0;
    this.exemplars.length = 0;
    this.metadata.length = 0;
    this.seriesCount = 0;
    this.sampleCount = 0;
  }

  /** Of the series that `endSeries` ends next. */
  addHistogram(decoded: DecodedHistogram): void {
    this.#bound(this.histograms.length, 'histograms');
    this.histograms.push({ ...decoded, series: this.seriesCount });
  }

  /** Of the series that `endSeries` ends next. */
  addExemplar(exemplar: Exemplar, fault?: string): void {
    this.#bound(this.exemplars.length, 'exemplars');
    this.exemplars.push({ exemplar, fault, series: this.seriesCount });
  }

  addMetadata(family: string, metadata: MetricMetadata): void {
    this.#bound(this.metadata.length, 'entries of metadata');
    this.metadata.push([family, metadata]);
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

  #bound(count: number, what: string): void {
    if (count >= this.#mostSeries)
      throw new RequestTooLargeError(`more than ${this.#mostSeries} ${what} in one request`);
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
