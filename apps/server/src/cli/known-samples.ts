/** What a store has had of the series that are imported into it, read a stretch of time at a time. */
import { type Labels, Matcher, type SeriesRef } from '@watchroom/model';
import { lowerBound, type TimeSeriesStore } from '@watchroom/tsdb';

/** Read at once of a series, from the sample on that is asked for. */
const STRETCH_MS = 6 * 3_600_000;
/** Samples that are kept for the next question. */
const MOST_SAMPLES = 4_000_000;
/** What a stretch takes beside its samples, in samples. */
const STRETCH_COST = 20;

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly timestamps: Float64Array;
  /** Of the values, as a plain number may lose those of a NaN. */
  readonly bits: BigUint64Array;
}

export class KnownSamples {
  readonly #store: TimeSeriesStore;
  readonly #minMs: number;
  readonly #maxMs: number;
  #stretches = new Map<SeriesRef, Stretch>();
  #cost = 0;

  /** Of what is there now; what comes later may be told as well. */
  constructor(store: TimeSeriesStore) {
    this.#store = store;
    const { minTimeMs, maxTimeMs } = store.stats();
    this.#minMs = minTimeMs ?? Number.POSITIVE_INFINITY;
    this.#maxMs = maxTimeMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The bits of the value at a time; undefined when there is none. */
  at(ref: SeriesRef, labels: Labels, timeMs: number): bigint | undefined {
    if (timeMs < this.#minMs || timeMs > this.#maxMs) return undefined;
    let stretch = this.#stretches.get(ref);
    if (!stretch || timeMs < stretch.fromMs || timeMs > stretch.toMs)
      stretch = this.#read(ref, labels, timeMs);
    const { timestamps, bits } = stretch;
    const from = lowerBound(timestamps, timestamps.length, timeMs);
    return timestamps[from] === timeMs ? bits[from] : undefined;
  }

  #read(ref: SeriesRef, labels: Labels, fromMs: number): Stretch {
    if (this.#cost > MOST_SAMPLES) {
      this.#stretches = new Map();
      this.#cost = 0;
    }
    const toMs = Math.min(fromMs + STRETCH_MS, this.#maxMs);
    const matchers = Array.from(labels.pairs(), ([name, value]) => new Matcher(name, '=', value));
    const hints = { startMs: fromMs, endMs: toMs, stepMs: 0, rangeMs: 1, func: '' };
    const found = this.#store.select(matchers, hints).find((data) => data.labels.key === labels.key);
    const timestamps = found?.timestamps.slice() ?? new Float64Array(0);
    const bits = new BigUint64Array(found?.values.slice().buffer ?? new ArrayBuffer(0));
    const stretch = { fromMs, toMs, timestamps, bits };
    this.#stretches.set(ref, stretch);
    this.#cost += timestamps.length + STRETCH_COST;
    return stretch;
  }
}
