/**
 * One Metric message, read into fields that are reused from metric to metric.
 * Source: https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
import type { HistogramSpan } from '@watchroom/model';
import type { Wire } from './wire.ts';

/** Values of the enum MetricType. */
export const FamilyType = {
  counter: 0,
  gauge: 1,
  summary: 2,
  untyped: 3,
  histogram: 4,
  gaugeHistogram: 5,
} as const;

/** An exemplar's bytes are [from, to). */
export interface Place {
  readonly from: number;
  readonly to: number;
}

export class Metric {
  /** Two positions a label: from, to. */
  readonly labels: number[] = [];
  timeMs: number | undefined = undefined;
  counter = 0;
  counterExemplar: Place | undefined = undefined;
  gauge = 0;
  untyped = 0;
  /** Of a summary: count, sum, and the quantiles with their values. */
  summaryCount = 0;
  summarySum = 0;
  readonly quantiles: number[] = [];
  readonly quantileValues: number[] = [];

  sampleCount = 0;
  sampleCountFloat = 0;
  sampleSum = 0;
  /** Classic buckets: upper bounds, cumulative counts, exemplars. */
  readonly bounds: number[] = [];
  readonly counts: number[] = [];
  readonly bucketExemplars: (Place | undefined)[] = [];
  schema = 0;
  zeroThreshold = 0;
  zeroCount = 0;
  zeroCountFloat = 0;
  readonly positiveSpans: HistogramSpan[] = [];
  readonly negativeSpans: HistogramSpan[] = [];
  readonly positiveDeltas: number[] = [];
  readonly negativeDeltas: number[] = [];
  readonly positiveCounts: number[] = [];
  readonly negativeCounts: number[] = [];
  readonly exemplars: Place[] = [];

  /** Whether the histogram is to be taken as a native one. A native one without observations has an empty span. */
  get isNative(): boolean {
    return (
      this.positiveSpans.length > 0 ||
      this.negativeSpans.length > 0 ||
      this.zeroThreshold > 0 ||
      this.zeroCount > 0
    );
  }

  /** The float count where it is set, else the integer. */
  get histogramCount(): number {
    return this.sampleCountFloat === 0 ? this.sampleCount : this.sampleCountFloat;
  }

  /** Reads the message that the wire is open on; look at the wire's fault afterwards. */
  read(wire: Wire): void {
    this.#clear();
    while (wire.next()) {
      switch (wire.field) {
        case 1: {
          const from = wire.span();
          this.labels.push(from, wire.pos);
          break;
        }
        case 2:
          this.gauge = onlyValue(wire);
          break;
        case 3:
          this.#readCounter(wire);
          break;
        case 4:
          this.#readSummary(wire);
          break;
        case 5:
          this.untyped = onlyValue(wire);
          break;
        case 6:
          // Zero cannot be told from absent in Prometheus' reading.
          this.timeMs = wire.int() || undefined;
          break;
        case 7:
          this.#readHistogram(wire);
          break;
        default:
          wire.skip();
      }
    }
  }

  #clear(): void {
    this.labels.length = 0;
    this.timeMs = undefined;
    this.counter = 0;
    this.counterExemplar = undefined;
    this.gauge = 0;
    this.untyped = 0;
    this.summaryCount = 0;
    this.summarySum = 0;
    this.quantiles.length = 0;
    this.quantileValues.length = 0;
    this.sampleCount = 0;
    this.sampleCountFloat = 0;
    this.sampleSum = 0;
    this.bounds.length = 0;
    this.counts.length = 0;
    this.bucketExemplars.length = 0;
    this.schema = 0;
    this.zeroThreshold = 0;
    this.zeroCount = 0;
    this.zeroCountFloat = 0;
    this.positiveSpans.length = 0;
    this.negativeSpans.length = 0;
    this.positiveDeltas.length = 0;
    this.negativeDeltas.length = 0;
    this.positiveCounts.length = 0;
    this.negativeCounts.length = 0;
    this.exemplars.length = 0;
  }

  #readCounter(wire: Wire): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.counter = wire.double();
      else if (wire.field === 2) this.counterExemplar = place(wire);
      else wire.skip();
    }
    wire.leave(outer);
  }

  #readSummary(wire: Wire): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.summaryCount = wire.uint();
      else if (wire.field === 2) this.summarySum = wire.double();
      else if (wire.field === 3) this.#readQuantile(wire);
      else wire.skip();
    }
    wire.leave(outer);
  }

  #readQuantile(wire: Wire): void {
    const outer = wire.enter();
    let quantile = 0;
    let value = 0;
    while (wire.next()) {
      if (wire.field === 1) quantile = wire.double();
      else if (wire.field === 2) value = wire.double();
      else wire.skip();
    }
    wire.leave(outer);
    this.quantiles.push(quantile);
    this.quantileValues.push(value);
  }

  #readHistogram(wire: Wire): void {
    const outer = wire.enter();
    while (wire.next()) this.#readHistogramField(wire);
    wire.leave(outer);
  }

  #readHistogramField(wire: Wire): void {
    switch (wire.field) {
      case 1:
        this.sampleCount = wire.uint();
        break;
      case 2:
        this.sampleSum = wire.double();
        break;
      case 3:
        this.#readBucket(wire);
        break;
      case 4:
        this.sampleCountFloat = wire.double();
        break;
      case 5:
        this.schema = wire.sint();
        break;
      case 6:
        this.zeroThreshold = wire.double();
        break;
      case 7:
        this.zeroCount = wire.uint();
        break;
      case 8:
        this.zeroCountFloat = wire.double();
        break;
      case 9:
        this.negativeSpans.push(readSpan(wire));
        break;
      case 10:
        wire.sints(this.negativeDeltas);
        break;
      case 11:
        wire.doubles(this.negativeCounts);
        break;
      case 12:
        this.positiveSpans.push(readSpan(wire));
        break;
      case 13:
        wire.sints(this.positiveDeltas);
        break;
      case 14:
        wire.doubles(this.positiveCounts);
        break;
      case 16:
        this.exemplars.push(place(wire));
        break;
      default:
        wire.skip();
    }
  }

  #readBucket(wire: Wire): void {
    const outer = wire.enter();
    let count = 0;
    let floatCount = 0;
    let bound = 0;
    let exemplar: Place | undefined;
    while (wire.next()) {
      if (wire.field === 1) count = wire.uint();
      else if (wire.field === 2) bound = wire.double();
      else if (wire.field === 3) exemplar = place(wire);
      else if (wire.field === 4) floatCount = wire.double();
      else wire.skip();
    }
    wire.leave(outer);
    this.bounds.push(bound);
    this.counts.push(floatCount === 0 ? count : floatCount);
    this.bucketExemplars.push(exemplar);
  }
}

function onlyValue(wire: Wire): number {
  const outer = wire.enter();
  let value = 0;
  while (wire.next()) {
    if (wire.field === 1) value = wire.double();
    else wire.skip();
  }
  wire.leave(outer);
  return value;
}

function readSpan(wire: Wire): HistogramSpan {
  const outer = wire.enter();
  let offset = 0;
  let length = 0;
  while (wire.next()) {
    if (wire.field === 1) offset = wire.sint();
    else if (wire.field === 2) length = wire.uint();
    else wire.skip();
  }
  wire.leave(outer);
  return { offset, length };
}

function place(wire: Wire): Place {
  const from = wire.span();
  return { from, to: wire.pos };
}
