/** What a store has of the series that are imported into it, from before or from the same file, read a stretch of time at a time. */
import { type Labels, Matcher, type SeriesRef } from '@watchroom/model';
import { lowerBound, type TimeSeriesStore } from '@watchroom/tsdb';
import { bitsOf } from './openmetrics-text.ts';

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

/** Of one series: the times of its imported samples, ms, and the value of the last one. */
interface Imported {
  oldestMs: number;
  newestMs: number;
  lastMs: number;
  lastValue: number;
  /** All of them from the last one's time on were committed before the stretch was read that is kept. */
  isInSight: boolean;
}

export class KnownSamples {
  readonly #store: TimeSeriesStore;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #imported = new Map<SeriesRef, Imported>();
  #stretches = new Map<SeriesRef, Stretch>();
  #cost = 0;

  /** Of what is there now, and of what is imported from now on. */
  constructor(store: TimeSeriesStore) {
    this.#store = store;
    const { minTimeMs, maxTimeMs } = store.stats();
    this.#minMs = minTimeMs ?? Number.POSITIVE_INFINITY;
    this.#maxMs = maxTimeMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Imported ones. */
  get series(): number {
    return this.#imported.size;
  }

  /**
   * The bits of the value at a time that there is already; undefined when there is none: `given` is imported then. What was
   * imported is looked at where the file goes back in time; `commit` is called when it must be seen for that.
   */
  at(ref: SeriesRef, labels: Labels, timeMs: number, given: number, commit: () => void): bigint | undefined {
    const imported = this.#importedOf(ref);
    const { oldestMs, newestMs, lastMs } = imported;
    if (timeMs === lastMs) return bitsOf(imported.lastValue);
    if (timeMs < lastMs) imported.isInSight = false;
    const isAmong = timeMs >= oldestMs && timeMs <= newestMs;
    if (isAmong && !imported.isInSight) {
      commit();
      this.#stretches.delete(ref);
      imported.isInSight = true;
    }
    imported.oldestMs = Math.min(oldestMs, timeMs);
    imported.newestMs = Math.max(newestMs, timeMs);
    imported.lastMs = timeMs;
    imported.lastValue = given;
    const isInStore = timeMs >= this.#minMs && timeMs <= this.#maxMs;
    if (!isAmong && !isInStore) return undefined;
    let stretch = this.#stretches.get(ref);
    if (!stretch || timeMs < stretch.fromMs || timeMs > stretch.toMs)
      stretch = this.#read(ref, labels, timeMs, newestMs);
    const { timestamps, bits } = stretch;
    const from = lowerBound(timestamps, timestamps.length, timeMs);
    return timestamps[from] === timeMs ? bits[from] : undefined;
  }

  #importedOf(ref: SeriesRef): Imported {
    let imported = this.#imported.get(ref);
    if (!imported) {
      const lastMs = Number.NEGATIVE_INFINITY;
      imported = {
        oldestMs: Number.POSITIVE_INFINITY,
        newestMs: lastMs,
        lastMs,
        lastValue: 0,
        isInSight: false,
      };
      this.#imported.set(ref, imported);
    }
    return imported;
  }

  #read(ref: SeriesRef, labels: Labels, fromMs: number, newestMs: number): Stretch {
    if (this.#cost > MOST_SAMPLES) {
      this.#stretches = new Map();
      this.#cost = 0;
    }
    const toMs = Math.min(fromMs + STRETCH_MS, Math.max(this.#maxMs, newestMs));
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
