/** Judges samples one by one and hands the accepted ones to the head in one commit. */
import {
  type Appender,
  type AppendOutcome,
  type Exemplar,
  type ExemplarOutcome,
  isStale,
  type Labels,
  type NativeHistogram,
  NO_SERIES,
  type SeriesRef,
  STALE,
} from '@watchroom/model';
import { cleaned, HISTOGRAM, isAbsent, isHistogram, sameBits } from '../chunk/absent.ts';
import type { ExemplarBuffer } from '../exemplars/exemplar-buffer.ts';
import { encodeHistogram } from '../histogram/codec.ts';
import type { Batch } from './head.ts';
import { judgeLate, LateSamples } from './late-samples.ts';
import type { SeriesTable } from './series-table.ts';
import type { UndoNotes, UndoPool } from './undo-pool.ts';
import type { ValuesPool } from './values-pool.ts';

/** Clocks of targets may be ahead of ours by this much. */
export const MAX_AHEAD_MS = 10 * 60_000;

export interface AppendLimits {
  /** Older samples are `too_old`. */
  readonly oldestMs: number;
  /** Later samples are `too_far_ahead`. */
  readonly newestMs: number;
  /** Samples before their series' newest are taken from here on; undefined: none are. */
  readonly lateSinceMs: number | undefined;
}

export interface AppenderPort {
  readonly series: SeriesTable;
  /** Whether a series may be there. */
  admits(labels: Labels): boolean;
  commit(batch: Batch): void;
  reject(outcome: Exclude<AppendOutcome, 'ok'>): void;
  /** A guess at the number of samples to come. */
  readonly expected: number;
  readonly exemplars: ExemplarBuffer;
  readonly undo: UndoPool;
  readonly values: ValuesPool;
  /** Makes the table know the newest sample of a series and gives its time; the mark of no sample stands for a deleted one. */
  ensureNewest(ref: SeriesRef): number;
  rejectExemplar(outcome: Exclude<ExemplarOutcome, 'ok'>): void;
}

interface NewExemplars {
  readonly list: { readonly series: Labels; readonly exemplar: Exemplar }[];
  readonly newest: Map<SeriesRef, Exemplar>;
}

/** There are dozens a second: what most of them do not need is made when it is needed. */
export class HeadAppender implements Appender {
  readonly #port: AppenderPort;
  readonly #limits: AppendLimits;
  #values: Float64Array;
  #times: Float64Array | undefined;
  #timeMs = 0;
  #count = 0;
  /** The series of the samples, and what their newest samples were before, for `rollback`. */
  readonly #undo: UndoNotes;
  #histograms: Map<SeriesRef, Map<number, Uint8Array>> | undefined;
  /** By place in the batch: the bytes of the series' newest histogram before. */
  #undoHistograms: Map<number, Uint8Array | undefined> | undefined;
  #exemplars: NewExemplars | undefined;
  #late: LateSamples | undefined;
  #spent = false;

  constructor(port: AppenderPort, limits: AppendLimits) {
    this.#port = port;
    this.#limits = limits;
    const capacity = port.expected + 8;
    this.#values = port.values.take(capacity);
    this.#undo = port.undo.take(capacity);
  }

  series(labels: Labels): SeriesRef {
    return this.#port.admits(labels) ? this.#port.series.ensure(labels) : NO_SERIES;
  }

  append(given: SeriesRef, timeMs: number, value: number): AppendOutcome {
    return this.#add(given, timeMs, cleaned(value), undefined);
  }

  appendRow(refs: Uint32Array, timeMs: number, values: Float64Array): boolean {
    const { labels, lastTime, lastValue, risingSince } = this.#port.series;
    const { length } = refs;
    const isFirst = this.#count === 0 && !this.#times;
    if (this.#spent || !isFirst || this.#inLimits(timeMs) !== 'ok') return false;
    for (let i = 0; i < length; i++)
      if (labels[refs[i]!] === undefined || !(lastTime[refs[i]!]! < timeMs)) return false;
    if (length > this.#values.length) this.#grow(length);
    this.#port.series.appends++;
    const undo = this.#undo;
    const own = this.#values;
    this.#timeMs = timeMs;
    this.#count = length;
    undo.refs.set(refs);
    for (let i = 0; i < length; i++) {
      const ref = refs[i]!;
      const value = cleaned(values[i]!);
      const before = lastValue[ref]!;
      undo.times[i] = lastTime[ref]!;
      undo.values[i] = before;
      own[i] = value;
      if (!(value >= before)) risingSince[ref] = timeMs;
      lastTime[ref] = timeMs;
      lastValue[ref] = value;
    }
    return true;
  }

  appendHistogram(given: SeriesRef, timeMs: number, histogram: NativeHistogram): AppendOutcome {
    if (isStale(histogram.sum)) return this.#add(given, timeMs, STALE, undefined);
    return this.#add(given, timeMs, HISTOGRAM, encodeHistogram(histogram));
  }

  appendExemplar(given: SeriesRef, exemplar: Exemplar): ExemplarOutcome {
    const ref = this.#known(given);
    const { exemplars, series, rejectExemplar } = this.#port;
    const labels = series.labels[ref]!;
    const outcome = exemplars.judge(labels, exemplar, this.#exemplars?.newest.get(ref));
    if (outcome !== 'ok') {
      rejectExemplar(outcome);
      return outcome;
    }
    this.#exemplars ??= { list: [], newest: new Map() };
    this.#exemplars.newest.set(ref, exemplar);
    this.#exemplars.list.push({ series: labels, exemplar });
    return 'ok';
  }

  #add(given: SeriesRef, timeMs: number, value: number, bytes: Uint8Array | undefined): AppendOutcome {
    const table = this.#port.series;
    if (given === NO_SERIES && !this.#spent) {
      this.#port.reject('too_many_series');
      return 'too_many_series';
    }
    const ref = this.#known(given);
    let lastMs = table.lastTime[ref]!;
    if (timeMs <= lastMs) lastMs = this.#port.ensureNewest(ref);
    const outcome =
      timeMs > lastMs ? this.#inLimits(timeMs) : this.#notNewer(ref, timeMs, lastMs, value, bytes);
    if (outcome !== 'ok') {
      this.#port.reject(outcome);
      return outcome;
    }
    if (timeMs <= lastMs) {
      this.#late ??= new LateSamples();
      this.#late.add(ref, timeMs, value);
      table.risingSince[ref] = lastMs;
      if (bytes) this.#keepBytes(ref, timeMs, bytes);
      return 'ok';
    }
    const at = this.#count;
    if (at === this.#values.length) this.#grow(at + 1);
    if (at === 0) this.#timeMs = timeMs;
    else if (timeMs !== this.#timeMs && !this.#times)
      this.#times = this.#port.values.take(this.#values.length).fill(this.#timeMs, 0, at);
    if (this.#times) this.#times[at] = timeMs;
    this.#undo.refs[at] = ref;
    this.#values[at] = value;
    this.#undo.times[at] = lastMs;
    this.#undo.values[at] = table.lastValue[ref]!;
    if (!(value >= table.lastValue[ref]!)) table.risingSince[ref] = timeMs;
    if (bytes) this.#keep(at, ref, timeMs, bytes);
    table.appends++;
    table.lastTime[ref] = timeMs;
    table.lastValue[ref] = value;
    this.#count++;
    return 'ok';
  }

  #keepBytes(ref: SeriesRef, timeMs: number, bytes: Uint8Array): void {
    this.#histograms ??= new Map();
    const known = this.#histograms.get(ref);
    if (known) known.set(timeMs, bytes);
    else this.#histograms.set(ref, new Map([[timeMs, bytes]]));
  }

  #keep(at: number, ref: SeriesRef, timeMs: number, bytes: Uint8Array): void {
    this.#keepBytes(ref, timeMs, bytes);
    const { lastHistogram } = this.#port.series;
    this.#undoHistograms ??= new Map();
    this.#undoHistograms.set(at, lastHistogram.get(ref));
    lastHistogram.set(ref, bytes);
  }

  #known(given: SeriesRef): SeriesRef {
    const table = this.#port.series;
    const ref = table.labels[given] === undefined ? table.current(given) : given;
    if (ref === 0 || this.#spent) throw this.#misuse(given);
    return ref;
  }

  commit(): void {
    if (this.#spent) return;
    this.#spent = true;
    this.#port.commit({
      refs: this.#undo.refs,
      values: this.#values,
      times: this.#times,
      timeMs: this.#timeMs,
      count: this.#count,
      histograms: this.#histograms,
      late: this.#late,
    });
    this.#port.undo.give(this.#undo);
    if (this.#times) this.#giveArrays();
    if (!this.#exemplars) return;
    for (const { series, exemplar } of this.#exemplars.list) this.#port.exemplars.add(series, exemplar);
  }

  rollback(): void {
    if (this.#spent) return;
    this.#spent = true;
    const table = this.#port.series;
    table.appends++;
    for (let i = this.#count - 1; i >= 0; i--) {
      const ref = this.#undo.refs[i]!;
      if (table.lastTime[ref] !== (this.#times?.[i] ?? this.#timeMs)) continue;
      table.lastTime[ref] = this.#undo.times[i]!;
      table.lastValue[ref] = this.#undo.values[i]!;
      const histogram = this.#undoHistograms?.get(i);
      if (histogram) table.lastHistogram.set(ref, histogram);
    }
    this.#port.undo.give(this.#undo);
    this.#giveArrays();
  }

  /** Those of a commit at one time stand in its record; of one at several times, in none. */
  #giveArrays(): void {
    this.#port.values.give(this.#values);
    if (this.#times) this.#port.values.give(this.#times);
  }

  #inLimits(timeMs: number): AppendOutcome {
    if (timeMs > this.#limits.newestMs) return 'too_far_ahead';
    return timeMs < this.#limits.oldestMs ? 'too_old' : 'ok';
  }

  #notNewer(
    ref: SeriesRef,
    timeMs: number,
    lastMs: number,
    value: number,
    bytes: Uint8Array | undefined,
  ): AppendOutcome {
    if (timeMs < this.#limits.oldestMs) return 'too_old';
    if (timeMs < lastMs) return judgeLate(timeMs, this.#limits.lateSinceMs);
    if (timeMs !== lastMs) throw new RangeError(`not a time: ${timeMs}`);
    const { lastValue, lastHistogram } = this.#port.series;
    const newest = lastValue[ref]!;
    if (isAbsent(newest)) return judgeLate(timeMs, this.#limits.lateSinceMs);
    const same = bytes
      ? isHistogram(newest) && sameBytes(bytes, lastHistogram.get(ref))
      : sameBits(value, newest);
    return same ? 'duplicate' : 'conflict';
  }

  #misuse(ref: SeriesRef): Error {
    return new Error(this.#spent ? 'the appender is spent' : `no series has the ref ${ref}`);
  }

  #grow(least: number): void {
    const capacity = Math.max(least, this.#values.length * 2);
    this.#values = larger(this.#values, capacity);
    const undo = this.#undo;
    if (undo.times.length < capacity) {
      const refs = new Uint32Array(capacity);
      refs.set(undo.refs);
      undo.refs = refs;
      undo.times = larger(undo.times, capacity);
      undo.values = larger(undo.values, capacity);
    }
    if (this.#times && this.#times.length < capacity) this.#times = larger(this.#times, capacity);
  }
}

function larger(array: Float64Array, capacity: number): Float64Array {
  const copy = new Float64Array(capacity);
  copy.set(array);
  return copy;
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
