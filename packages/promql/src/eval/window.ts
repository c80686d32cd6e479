/** The view that a range function has: one series' samples in (startMs, endMs], moved along as time goes on. */
import type { NativeHistogram } from '@watchroom/model';
import type { AnnotationCollector } from '../annotations.ts';
import type { Span } from '../parser/ast.ts';
import { ABSENT, FLOAT, HISTOGRAM } from './column.ts';
import type { RangeSeries } from './select.ts';

const NONE = new Float64Array(0);

export class Window {
  times: Float64Array = NONE;
  values: Float64Array = NONE;
  /** Floats are those at lo ≤ i < hi. */
  lo = 0;
  hi = 0;
  histogramTimes: Float64Array = NONE;
  histograms: readonly NativeHistogram[] = [];
  /** Start timestamps of floats and histograms, where they are known. */
  startTimes: Float64Array | undefined;
  histogramStartTimes: Float64Array | undefined;
  /** How many samples each float stands for; undefined: itself. */
  weights: Float64Array | undefined;
  histogramLo = 0;
  histogramHi = 0;
  startMs = 0;
  endMs = 0;
  rangeMs = 0;
  /** The time of the evaluation, before offset and @. */
  evalMs = 0;
  metricName = '';
  /** Scalar arguments at this step. */
  param = 0;
  param2 = 0;
  /** Of the scalar argument, for messages. */
  paramSpan: Span = { start: 0, end: 0 };
  /** What the function answers: FLOAT with its return value, HISTOGRAM with `histogram`, ABSENT. */
  kind = FLOAT;
  histogram: NativeHistogram | undefined;
  /** What is told once per series has been told. */
  noted = false;
  #resetAt = 0;
  readonly annotations: AnnotationCollector;
  /** Of the range argument, for messages. */
  readonly span: Span;

  constructor(annotations: AnnotationCollector, span: Span) {
    this.annotations = annotations;
    this.span = span;
  }

  /** The first index above lo at which a value is lower than the one before it; the length when there is none. */
  get resetAt(): number {
    const { values } = this;
    let at = Math.max(this.#resetAt, this.lo + 1);
    if (at !== this.#resetAt) {
      while (at < values.length && !(values[at]! < values[at - 1]!)) at++;
      this.#resetAt = at;
    }
    return at;
  }

  open(series: RangeSeries): void {
    this.#resetAt = 0;
    this.noted = false;
    this.times = series.times;
    this.values = series.values;
    this.weights = series.weights;
    this.histogramTimes = series.histogramTimes ?? NONE;
    this.histograms = series.histograms ?? [];
    this.startTimes = series.startTimes;
    this.histogramStartTimes = series.histogramStartTimes;
    this.lo = this.hi = this.histogramLo = this.histogramHi = 0;
    this.metricName = series.labels.metricName;
  }

  /** Ends move forwards only. */
  move(startMs: number, endMs: number): void {
    const { times, histogramTimes } = this;
    this.startMs = startMs;
    this.endMs = endMs;
    while (this.hi < times.length && times[this.hi]! <= endMs) this.hi++;
    while (this.lo < this.hi && times[this.lo]! <= startMs) this.lo++;
    if (histogramTimes.length === 0) return;
    while (this.histogramHi < histogramTimes.length && histogramTimes[this.histogramHi]! <= endMs)
      this.histogramHi++;
    while (this.histogramLo < this.histogramHi && histogramTimes[this.histogramLo]! <= startMs)
      this.histogramLo++;
  }

  get floats(): number {
    return this.hi - this.lo;
  }

  /** Samples that the floats stand for. */
  get weight(): number {
    const { weights } = this;
    if (!weights) return this.floats;
    let sum = 0;
    for (let i = this.lo; i < this.hi; i++) sum += weights[i]!;
    return sum;
  }

  get histogramCount(): number {
    return this.histogramHi - this.histogramLo;
  }

  /** Answer "no value". */
  none(): number {
    this.kind = ABSENT;
    return 0;
  }

  /** Answer a histogram. */
  answer(histogram: NativeHistogram): number {
    this.kind = HISTOGRAM;
    this.histogram = histogram;
    return 0;
  }

  warn(message: string): void {
    this.annotations.warn(message, this.span);
  }

  info(message: string): void {
    this.annotations.info(message, this.span);
  }
}

/** Sets `kind`, returns the value when it is a float. `kind` is FLOAT when called. */
export type RangeFunction = (window: Window) => number;
