/**
 * The protobuf exposition format as Prometheus 3 reads it: MetricFamily messages, each behind its length as a varint
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format). A family that cannot be read is reported
 * and left out; a length that leads beyond the body ends the reading.
 *
 * Summaries and classic histograms come out as the series that the text format has (_count, _sum, then parts, +Inf added
 * where it is missing), with `le` and `quantile` written as OpenMetrics does. Whether a family's histograms are native is
 * said by its first one. Created timestamps are read over: Prometheus uses them only behind a feature flag.
 */
import { compareBytes, Labels, METRIC_NAME, type MetricMetadata, type MetricType } from '@watchroom/model';
import { isUtf8, quoteText } from '../go-quote.ts';
import { formatFloat } from '../series-labels.ts';
import type { BeforeFatal, LineError, SampleSink, SeriesHandle } from '../sink.ts';
import { decode } from '../unescape.ts';
import { compareExemplars, type Exemplar, readExemplar } from './exemplars.ts';
import { equalBytes, KnownFamily, KnownMetric, Remembered } from './known.ts';
import { FamilyType, Metric, type Place } from './metric.ts';
import { nativeHistogram } from './native.ts';
import { Wire } from './wire.ts';

export interface ProtobufOptions {
  /** Without it, every histogram is taken as a classic one. */
  readonly nativeHistograms: boolean;
  /** Reads the classic buckets of native histograms too. */
  readonly classicToo: boolean;
  readonly maxErrors: number;
}

export interface ProtobufResult {
  readonly samples: number;
  readonly duplicates: number;
  readonly errors: readonly LineError[];
  readonly errorCount: number;
  readonly beforeFatal: BeforeFatal | undefined;
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
  readonly sameSeries: boolean;
}

const TYPES: readonly MetricType[] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];

/** Metrics of a step, times two. */
const STEP = 512;

/** The head of a family message: where its parts lie. */
interface Head {
  name: [number, number];
  help: [number, number];
  unit: [number, number];
  type: number;
}

export class ProtobufParser {
  readonly #options: ProtobufOptions;
  readonly #wire = new Wire();
  readonly #metric = new Metric();
  readonly #families = new Remembered<KnownFamily>((family) => family.nameBytes);
  #metadata: ReadonlyMap<string, MetricMetadata> = new Map();
  #parse = 0;

  // The parse that is under way.
  #sink: SampleSink | undefined;
  #family: KnownFamily | undefined;
  #messages = 0;
  #samples = 0;
  #duplicates = 0;
  #errors: LineError[] = [];
  #errorCount = 0;
  #beforeFatal: BeforeFatal | undefined;
  #seen: KnownFamily[] = [];
  #said = false;
  #changed = false;
  #seriesBefore = 0;

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  /** Hands the body's samples to the sink, in steps as ScrapeParser does. Never throws on input; what the sink throws passes through. */
  *steps(body: Uint8Array, sink: SampleSink): Generator<void, ProtobufResult, void> {
    this.#begin(sink);
    const wire = this.#wire;
    wire.open(body);
    let pos = 0;
    while (pos < body.length) {
      this.#messages++;
      this.#family = undefined;
      wire.seek(pos, body.length);
      const length = wire.delimiter();
      if (length < 0 || length > body.length - wire.pos) {
        const short = `insufficient length of buffer, expected at least ${length} bytes, got ${body.length - wire.pos} bytes`;
        this.#error(length < 0 ? wire.fault : short);
        break;
      }
      const end = wire.pos + length;
      yield* this.#readFamily(wire.pos, end);
      pos = end;
    }
    wire.release();
    this.#sink = undefined;
    return this.#finish();
  }

  #begin(sink: SampleSink): void {
    this.#parse++;
    this.#sink = sink;
    this.#messages = 0;
    this.#samples = 0;
    this.#duplicates = 0;
    this.#errors = [];
    this.#errorCount = 0;
    this.#beforeFatal = undefined;
    this.#seen = [];
    this.#said = false;
    this.#changed = false;
    this.#families.begin(this.#parse);
  }

  #finish(): ProtobufResult {
    const { size } = this.#metadata;
    if (this.#said || this.#seen.length !== size)
      this.#metadata = new Map(this.#seen.map(({ name, metadata }) => [name, metadata]));
    const series = this.#samples - this.#duplicates;
    const sameSeries = !this.#changed && series === this.#seriesBefore;
    this.#seriesBefore = series;
    return {
      samples: this.#samples,
      duplicates: this.#duplicates,
      errors: this.#errors,
      errorCount: this.#errorCount,
      beforeFatal: this.#beforeFatal,
      metadata: this.#metadata,
      sameSeries,
    };
  }

  #error(problem: string): void {
    this.#errorCount++;
    const [samples, duplicates] = [this.#samples, this.#duplicates];
    this.#beforeFatal ??= { samples, duplicates, handed: samples - duplicates };
    if (this.#errors.length >= this.#options.maxErrors) return;
    const name = this.#family?.name ?? '';
    const where = name === '' ? `message ${this.#messages}` : `metric family ${quoteText(name)}`;
    this.#errors.push({ line: 0, message: `${where}: ${problem}`, text: name });
  }

  /** Head first: type and unit may stand behind the metrics. */
  *#readFamily(from: number, to: number): Generator<void, void, void> {
    const wire = this.#wire;
    const head: Head = { name: [from, from], help: [from, from], unit: [from, from], type: 0 };
    const metrics: number[] = [];
    wire.seek(from, to);
    while (wire.next()) {
      if (wire.field === 1) head.name = [wire.span(), wire.pos];
      else if (wire.field === 2) head.help = [wire.span(), wire.pos];
      else if (wire.field === 3) head.type = wire.int();
      else if (wire.field === 4) metrics.push(wire.span(), wire.pos);
      else if (wire.field === 5) head.unit = [wire.span(), wire.pos];
      else wire.skip();
    }
    if (wire.fault !== '') {
      this.#error(wire.fault);
      return;
    }
    if (metrics.length === 0) return;
    const family = this.#knownFamily(head);
    if (family === undefined) return;
    this.#families.came(family);
    family.metrics.begin(this.#parse);
    this.#sink!.family?.(family.name, family.metadata.type);
    let native: boolean | undefined;
    for (let i = 0; i < metrics.length; i += 2) {
      if (i > 0 && i % STEP === 0) yield;
      wire.seek(metrics[i]!, metrics[i + 1]!);
      this.#metric.read(wire);
      if (wire.fault !== '') {
        this.#error(wire.fault);
        return;
      }
      native ??= this.#isNative(family.type);
      if (!this.#emit(family, native)) return;
      if (!native) native = this.#isNative(family.type);
    }
  }

  #isNative(type: number): boolean {
    const isHistogram = type === FamilyType.histogram || type === FamilyType.gaugeHistogram;
    return isHistogram && this.#options.nativeHistograms && this.#metric.isNative;
  }

  /** The family of a head, checked when it is new or says something else than before. */
  #knownFamily(head: Head): KnownFamily | undefined {
    const { bytes } = this.#wire;
    const [from, to] = head.name;
    const known = this.#families.find(bytes, from, to);
    const family = known ?? new KnownFamily(decode(bytes, from, to), bytes.slice(from, to));
    this.#family = family;
    const isSame =
      known !== undefined &&
      known.type === head.type &&
      equalBytes(known.help, bytes, ...head.help) &&
      equalBytes(known.unit, bytes, ...head.unit);
    if (!isSame) {
      const problem = this.#headProblem(head, family.name);
      if (problem !== undefined) {
        this.#error(problem);
        return undefined;
      }
      family.retype(head.type);
      family.help = bytes.slice(...head.help);
      family.unit = bytes.slice(...head.unit);
      const help = decode(bytes, ...head.help);
      family.metadata = { type: TYPES[head.type]!, help, unit: decode(bytes, ...head.unit) };
      this.#said = true;
      if (known === undefined) this.#families.add(family);
    }
    if (family.seen !== this.#parse) {
      family.seen = this.#parse;
      this.#seen.push(family);
    }
    return family;
  }

  #headProblem(head: Head, name: string): string | undefined {
    const { bytes } = this.#wire;
    if (name === '' || !isUtf8(bytes, ...head.name)) return `invalid metric name: ${name}`;
    if (!isUtf8(bytes, ...head.help)) return 'invalid help: not UTF-8';
    if (TYPES[head.type] === undefined) return `unknown metric type ${head.type}`;
    const unit = decode(bytes, ...head.unit);
    if (unit === '') return undefined;
    const isTotal = head.type === FamilyType.counter && name.endsWith('_total');
    if ((isTotal ? name.slice(0, -'_total'.length) : name).endsWith(`_${unit}`)) return undefined;
    return `unit ${quoteText(unit)} not a suffix of ${isTotal ? 'counter' : 'metric'} ${quoteText(name)}`;
  }

  /** Hands one metric over; false when the rest of the family is not read. */
  #emit(family: KnownFamily, native: boolean): boolean {
    const known = this.#knownMetric(family);
    if (known === undefined) return false;
    const metric = this.#metric;
    switch (family.type) {
      case FamilyType.counter:
        return this.#value(known, 0, '', metric.counter, undefined, metric.counterExemplar);
      case FamilyType.gauge:
        return this.#value(known, 0, '', metric.gauge);
      case FamilyType.untyped:
        return this.#value(known, 0, '', metric.untyped);
      case FamilyType.summary:
        return this.#summary(known);
      default:
    }
    if (!native) return this.#classic(known);
    if (!this.#native(known, family.type === FamilyType.gaugeHistogram)) return false;
    return !this.#options.classicToo || metric.bounds.length === 0 || this.#classic(known);
  }

  #knownMetric(family: KnownFamily): KnownMetric | undefined {
    const { labels } = this.#metric;
    const { bytes } = this.#wire;
    let from = labels[0] ?? 0;
    let to = labels.at(-1) ?? 0;
    let source = bytes;
    // Tag and length stand between two labels; anything else means that other fields do.
    for (let i = 2; i < labels.length; i += 2) {
      if (labels[i]! - labels[i - 1]! <= 6) continue;
      source = gathered(bytes, labels);
      from = 0;
      to = source.length;
      break;
    }
    const known = family.metrics.find(source, from, to);
    if (known !== undefined) {
      family.metrics.came(known);
      return known;
    }
    const pairs = this.#pairs();
    if (typeof pairs === 'string') {
      this.#error(pairs);
      return undefined;
    }
    const added = new KnownMetric(source.slice(from, to), pairs);
    family.metrics.add(added);
    family.metrics.came(added);
    return added;
  }

  /** The metric's labels, or why they are refused. */
  #pairs(): [string, string][] | string {
    const wire = this.#wire;
    const pairs: [string, string][] = [];
    for (let i = 0; i < this.#metric.labels.length; i += 2) {
      wire.seek(this.#metric.labels[i]!, this.#metric.labels[i + 1]!);
      let name: Place = { from: 0, to: 0 };
      let value = name;
      while (wire.next()) {
        if (wire.field === 1) name = { from: wire.span(), to: wire.pos };
        else if (wire.field === 2) value = { from: wire.span(), to: wire.pos };
        else wire.skip();
      }
      if (wire.fault !== '') return wire.fault;
      const text = decode(wire.bytes, name.from, name.to);
      if (text === '' || !isUtf8(wire.bytes, name.from, name.to)) return `invalid label name: ${text}`;
      const said = decode(wire.bytes, value.from, value.to);
      if (!isUtf8(wire.bytes, value.from, value.to)) return `invalid label value: ${said}`;
      pairs.push([text, said]);
    }
    return pairs;
  }

  #summary(known: KnownMetric): boolean {
    const { summaryCount, summarySum, quantiles, quantileValues } = this.#metric;
    if (!this.#value(known, 0, '_count', summaryCount) || !this.#value(known, 1, '_sum', summarySum))
      return false;
    return quantiles.every((quantile, i) =>
      this.#value(known, known.slotOf(quantile, i), '', quantileValues[i]!, ['quantile', quantile]),
    );
  }

  #classic(known: KnownMetric): boolean {
    const { bounds, counts, bucketExemplars, histogramCount, sampleSum } = this.#metric;
    const hasTotals =
      this.#value(known, 0, '_count', histogramCount) && this.#value(known, 1, '_sum', sampleSum);
    if (!hasTotals) return false;
    for (let i = 0; i <= bounds.length; i++) {
      const bound = bounds[i] ?? Number.POSITIVE_INFINITY;
      const count = counts[i] ?? histogramCount;
      const slot = known.slotOf(bound, i);
      if (!this.#value(known, slot, '_bucket', count, ['le', bound], bucketExemplars[i])) return false;
      if (bound === Number.POSITIVE_INFINITY) break;
    }
    return true;
  }

  /** One float sample; `part` is the label that tells it from the others of its metric. */
  #value(
    known: KnownMetric,
    slot: number,
    suffix: string,
    value: number,
    part?: readonly [string, number],
    exemplar?: Place,
  ): boolean {
    let handle = known.handles[slot];
    if (handle === undefined) {
      handle = this.#resolve(known, suffix, part);
      if (handle === undefined) return false;
      known.handles[slot] = handle;
    }
    const { timeMs } = this.#metric;
    this.#samples++;
    if (!this.#comes(known.seen[slot], timeMs)) this.#duplicates++;
    else {
      known.seen[slot] = this.#parse;
      if (handle !== 0) this.#sink!.sample(handle, timeMs, value);
    }
    if (exemplar === undefined || handle === 0) return true;
    const read = this.#exemplar(exemplar);
    if (read !== undefined) this.#sink!.exemplar?.(handle, read.labels, read.value, read.timeMs);
    return read !== undefined;
  }

  /** Notes a series that was last seen in parse `seen`; false when it stood above already. */
  #comes(seen: number | undefined, timeMs: number | undefined): boolean {
    if (seen === this.#parse) return timeMs !== undefined;
    if (seen !== this.#parse - 1) this.#changed = true;
    return true;
  }

  #native(known: KnownMetric, isGauge: boolean): boolean {
    known.nativeHandle ??= this.#resolve(known, '', undefined);
    const handle = known.nativeHandle;
    if (handle === undefined) return false;
    const { timeMs } = this.#metric;
    this.#samples++;
    if (!this.#comes(known.nativeSeen, timeMs)) this.#duplicates++;
    else if (handle !== 0) {
      const histogram = nativeHistogram(this.#metric, isGauge);
      if (typeof histogram === 'string') {
        this.#error(histogram);
        return false;
      }
      this.#sink!.histogram?.(handle, timeMs, histogram);
    }
    known.nativeSeen = this.#parse;
    return handle === 0 || this.#nativeExemplars(handle);
  }

  /** The histogram's own exemplars, else those of its classic buckets; only with a time. */
  #nativeExemplars(handle: SeriesHandle): boolean {
    const { exemplars, bucketExemplars } = this.#metric;
    const places = exemplars.length > 0 ? exemplars : bucketExemplars;
    const found: Exemplar[] = [];
    for (const place of places) {
      if (place === undefined) continue;
      const exemplar = this.#exemplar(place);
      if (exemplar === undefined) return false;
      if (exemplar.timeMs !== undefined) found.push(exemplar);
    }
    found.sort(compareExemplars);
    for (const { labels, value, timeMs } of found) this.#sink!.exemplar?.(handle, labels, value, timeMs);
    return true;
  }

  #exemplar(place: Place): Exemplar | undefined {
    const exemplar = readExemplar(this.#wire, place);
    if (exemplar === undefined) this.#error(this.#wire.fault);
    return exemplar;
  }

  #resolve(
    known: KnownMetric,
    suffix: string,
    part: readonly [string, number] | undefined,
  ): SeriesHandle | undefined {
    const pairs: [string, string][] = [[METRIC_NAME, this.#family!.name + suffix]];
    for (const [name, value] of known.pairs) pairs.push([name, value]);
    if (part !== undefined) pairs.push([part[0], formatFloat(part[1])]);
    pairs.sort((a, b) => compareBytes(a[0], b[0]));
    for (let i = 1; i < pairs.length; i++) {
      if (pairs[i]![0] !== pairs[i - 1]![0]) continue;
      this.#error(`label name ${quoteText(pairs[i]![0])} is not unique: invalid sample`);
      return undefined;
    }
    const kept = pairs.filter(([, value]) => value !== '');
    return this.#sink!.resolve(
      Labels.fromSorted(
        kept.map(([name]) => name),
        kept.map(([, value]) => value),
      ),
    );
  }
}

/** The labels' bytes behind one another, each with its length in front. */
function gathered(bytes: Uint8Array, labels: readonly number[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const label = bytes.subarray(labels[i]!, labels[i + 1]!);
    parts.push(Uint8Array.of(255, label.length & 255, (label.length >> 8) & 255, label.length >> 16), label);
  }
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
