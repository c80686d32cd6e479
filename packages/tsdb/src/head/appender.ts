/** Judges samples one by one and hands the accepted ones to the head in one commit. */
import type { Appender, AppendOutcome, Labels, SeriesRef } from '@watchroom/model';
import { isAbsent, sameBits } from '../chunk/absent.ts';
import type { Batch } from './head.ts';
import type { SeriesTable } from './series-table.ts';

/** Clocks of targets may be ahead of ours by this much. */
export const MAX_AHEAD_MS = 10 * 60_000;

export interface AppendLimits {
  /** Older samples are `too_old`. */
  readonly oldestMs: number;
  /** Later samples are `too_far_ahead`. */
  readonly newestMs: number;
}

export interface AppenderPort {
  readonly series: SeriesTable;
  commit(batch: Batch): void;
  reject(outcome: Exclude<AppendOutcome, 'ok'>): void;
  /** A guess at the number of samples to come. */
  readonly expected: number;
}

export class HeadAppender implements Appender {
  readonly #port: AppenderPort;
  readonly #limits: AppendLimits;
  #refs: Uint32Array;
  #values: Float64Array;
  #times: Float64Array | undefined;
  #timeMs = 0;
  #count = 0;
  /** What the series' newest samples were before, for `rollback`. */
  #undoTimes: Float64Array;
  #undoValues: Float64Array;
  #spent = false;

  constructor(port: AppenderPort, limits: AppendLimits) {
    this.#port = port;
    this.#limits = limits;
    const capacity = port.expected + 8;
    this.#refs = new Uint32Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#undoTimes = new Float64Array(capacity);
    this.#undoValues = new Float64Array(capacity);
  }

  series(labels: Labels): SeriesRef {
    return this.#port.series.ensure(labels);
  }

  append(given: SeriesRef, timeMs: number, value: number): AppendOutcome {
    const table = this.#port.series;
    const ref = table.labels[given] === undefined ? table.current(given) : given;
    if (ref === 0 || this.#spent) throw this.#misuse(given);
    const lastMs = table.lastTime[ref]!;
    const outcome = timeMs > lastMs ? this.#inLimits(timeMs) : this.#notNewer(ref, timeMs, lastMs, value);
    if (outcome !== 'ok') {
      this.#port.reject(outcome);
      return outcome;
    }
    const at = this.#count;
    if (at === this.#refs.length) this.#grow();
    if (at === 0) this.#timeMs = timeMs;
    else if (timeMs !== this.#timeMs && !this.#times)
      this.#times = new Float64Array(this.#refs.length).fill(this.#timeMs, 0, at);
    if (this.#times) this.#times[at] = timeMs;
    this.#refs[at] = ref;
    this.#values[at] = value;
    if (isAbsent(value)) this.#values[at] = Number.NaN;
    this.#undoTimes[at] = lastMs;
    this.#undoValues[at] = table.lastValue[ref]!;
    table.lastTime[ref] = timeMs;
    table.lastValue[ref] = value;
    this.#count++;
    return 'ok';
  }

  commit(): void {
    if (this.#spent) return;
    this.#spent = true;
    this.#port.commit({
      refs: this.#refs,
      values: this.#values,
      times: this.#times,
      timeMs: this.#timeMs,
      count: this.#count,
    });
  }

  rollback(): void {
    if (this.#spent) return;
    this.#spent = true;
    const table = this.#port.series;
    for (let i = this.#count - 1; i >= 0; i--) {
      const ref = this.#refs[i]!;
      if (table.lastTime[ref] !== (this.#times?.[i] ?? this.#timeMs)) continue;
      table.lastTime[ref] = this.#undoTimes[i]!;
      table.lastValue[ref] = this.#undoValues[i]!;
    }
  }

  #inLimits(timeMs: number): AppendOutcome {
    if (timeMs > this.#limits.newestMs) return 'too_far_ahead';
    return timeMs < this.#limits.oldestMs ? 'too_old' : 'ok';
  }

  #notNewer(ref: SeriesRef, timeMs: number, lastMs: number, value: number): AppendOutcome {
    if (timeMs < this.#limits.oldestMs) return 'too_old';
    if (timeMs < lastMs) return 'out_of_order';
    if (timeMs !== lastMs) throw new RangeError(`not a time: ${timeMs}`);
    return sameBits(value, this.#port.series.lastValue[ref]!) ? 'duplicate' : 'conflict';
  }

  #misuse(ref: SeriesRef): Error {
    return new Error(this.#spent ? 'the appender is spent' : `no series has the ref ${ref}`);
  }

  #grow(): void {
    const capacity = this.#refs.length * 2;
    const refs = new Uint32Array(capacity);
    refs.set(this.#refs);
    this.#refs = refs;
    this.#values = larger(this.#values, capacity);
    this.#undoTimes = larger(this.#undoTimes, capacity);
    this.#undoValues = larger(this.#undoValues, capacity);
    if (this.#times) this.#times = larger(this.#times, capacity);
  }
}

function larger(array: Float64Array, capacity: number): Float64Array {
  const copy = new Float64Array(capacity);
  copy.set(array);
  return copy;
}
