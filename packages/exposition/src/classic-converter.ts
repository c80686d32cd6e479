/**
 * Classic histograms to native ones with custom buckets, between a parser and its sink: the lines of one histogram (equal but
 * for suffix and `le`) are gathered and handed on as one histogram when something else comes. What does not add up as a
 * histogram is left out, as Prometheus does with `convert_classic_histograms_to_nhcb`
 * (https://prometheus.io/docs/specs/native_histograms/#scrape-configuration).
 */
import {
  CUSTOM_BOUNDS_SCHEMA,
  compactHistogram,
  histogramFault,
  type Labels,
  METRIC_NAME,
  type MetricType,
  type NativeHistogram,
} from '@watchroom/model';
import { parseToken } from './decimal.ts';
import type { SampleSink, SeriesHandle } from './sink.ts';

/** A histogram that comes line by line. */
interface Group {
  readonly key: string;
  /** Without suffix and `le`. */
  readonly labels: Labels;
  /** The sink's handle; asked for when the first histogram is complete. */
  handle: SeriesHandle | undefined;
}

/** A series of the parser's. */
interface Line {
  readonly labels: Labels;
  /** The sink's handle; asked for when the series itself is handed on. */
  handle: SeriesHandle | undefined;
  /** Undefined for a series that can be no part of a classic histogram. */
  readonly part: Part | undefined;
}

interface Part {
  readonly group: Group;
  readonly family: string;
  readonly suffix: 'bucket' | 'count' | 'sum';
  readonly bound: number;
}

interface HeldExemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number | undefined;
}

export class ClassicConverter implements SampleSink {
  readonly #sink: SampleSink;
  readonly #keepClassic: boolean;
  readonly #lines: Line[] = [];
  readonly #groups = new Map<string, Group>();
  #family = '';
  #type: MetricType = 'unknown';
  #entries = 0;
  /** The group of the native histogram just handed on: classic lines behind it repeat it. */
  #native: string | undefined;

  // The histogram that is gathered.
  #group: Group | undefined;
  #timeMs: number | undefined;
  #bounds: number[] = [];
  #counts: number[] = [];
  #count: number | undefined;
  #sum = 0;
  #exemplars: HeldExemplar[] = [];
  /** Where exemplars of the line before go; those of another line, one that is repeated, are left out. */
  #lastHandle: SeriesHandle = 0;
  #lastGathered = false;
  #lastHanded: SeriesHandle = 0;

  constructor(sink: SampleSink, keepClassic: boolean) {
    this.#sink = sink;
    this.#keepClassic = keepClassic;
  }

  resolve(labels: Labels): SeriesHandle {
    return this.#lines.push({ labels, handle: undefined, part: this.#partOf(labels) });
  }

  family(name: string, type: MetricType): void {
    this.#flush();
    this.#family = name;
    this.#type = type;
    this.#native = undefined;
  }

  sample(handle: SeriesHandle, timeMs: number | undefined, value: number): void {
    const line = this.#lines[handle - 1]!;
    const { part } = line;
    if (this.#group !== undefined && part?.group !== this.#group) this.#flush();
    const converts =
      part !== undefined &&
      this.#type === 'histogram' &&
      part.family === this.#family &&
      part.group.key !== this.#native;
    this.#lastHandle = handle;
    this.#lastGathered = converts;
    this.#lastHanded = 0;
    if (converts) this.#gather(part, timeMs, value);
    if (converts && !this.#keepClassic) return;
    this.#entries++;
    line.handle ??= this.#sink.resolve(line.labels);
    this.#lastHanded = line.handle;
    if (line.handle !== 0) this.#sink.sample(line.handle, timeMs, value);
  }

  histogram(handle: SeriesHandle, timeMs: number | undefined, histogram: NativeHistogram): void {
    this.#flush();
    const line = this.#lines[handle - 1]!;
    this.#native = line.labels.key;
    this.#entries++;
    this.#lastHandle = handle;
    this.#lastGathered = false;
    line.handle ??= this.#sink.resolve(line.labels);
    this.#lastHanded = line.handle;
    if (line.handle !== 0) this.#sink.histogram?.(line.handle, timeMs, histogram);
  }

  exemplar(handle: SeriesHandle, labels: Labels, value: number, timeMs: number | undefined): void {
    if (handle !== this.#lastHandle) return;
    if (this.#lastGathered) this.#exemplars.push({ labels, value, timeMs });
    if (this.#lastHanded !== 0) this.#sink.exemplar?.(this.#lastHanded, labels, value, timeMs);
  }

  /** Ends a body; gives the number of samples and histograms that came out. */
  finish(): number {
    this.#flush();
    this.#family = '';
    this.#type = 'unknown';
    this.#native = undefined;
    const entries = this.#entries;
    this.#entries = 0;
    return entries;
  }

  #partOf(labels: Labels): Part | undefined {
    const match = /^(.*)_(bucket|count|sum)$/s.exec(labels.metricName);
    if (match === null) return undefined;
    const suffix = match[2] as Part['suffix'];
    const bound = suffix === 'bucket' ? parseToken(labels.get('le')) : 0;
    if (typeof bound !== 'number' || Number.isNaN(bound)) return undefined;
    const base = labels.without(new Set(['le'])).with(METRIC_NAME, match[1]!);
    let group = this.#groups.get(base.key);
    if (group === undefined) {
      group = { key: base.key, labels: base, handle: undefined };
      this.#groups.set(base.key, group);
    }
    return { group, family: match[1]!, suffix, bound };
  }

  #gather(part: Part, timeMs: number | undefined, value: number): void {
    this.#group = part.group;
    this.#timeMs = timeMs;
    if (part.suffix === 'bucket') {
      this.#bounds.push(part.bound);
      this.#counts.push(value);
    } else if (part.suffix === 'count') this.#count = value;
    else this.#sum = value;
  }

  #flush(): void {
    const group = this.#group;
    if (group === undefined) return;
    const histogram = customHistogram(this.#bounds, this.#counts, this.#count, this.#sum);
    const exemplars = this.#exemplars;
    this.#group = undefined;
    this.#bounds = [];
    this.#counts = [];
    this.#count = undefined;
    this.#sum = 0;
    this.#exemplars = [];
    if (histogram === undefined) return;
    this.#entries++;
    group.handle ??= this.#sink.resolve(group.labels);
    const { handle } = group;
    if (handle === 0) return;
    this.#sink.histogram?.(handle, this.#timeMs, histogram);
    // A native histogram's exemplars count only with a time of their own.
    const timed = exemplars.filter(({ timeMs }) => timeMs !== undefined);
    timed.sort((a, b) => a.timeMs! - b.timeMs! || a.value - b.value || a.labels.compare(b.labels));
    for (const { labels, value, timeMs } of timed) this.#sink.exemplar?.(handle, labels, value, timeMs);
  }
}

/** The histogram of cumulative buckets in any order, or undefined when they do not fit together. */
function customHistogram(
  givenBounds: readonly number[],
  givenCounts: readonly number[],
  givenCount: number | undefined,
  sum: number,
): NativeHistogram | undefined {
  const order = [...givenBounds.keys()].sort((a, b) => givenBounds[a]! - givenBounds[b]! || a - b);
  const distinct = order.filter((at, i) => i === 0 || givenBounds[at] !== givenBounds[order[i - 1]!]);
  const bounds = distinct.map((at) => givenBounds[at]!);
  const counts = distinct.map((at) => givenCounts[at]!);
  const count = givenCount ?? counts.at(-1);
  if (count === undefined) return undefined;
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) counts.push(count);
  else bounds.pop();
  if (counts.at(-1) !== count || counts.some((n, i) => n < 0 || n < (counts[i - 1] ?? 0))) return undefined;
  const histogram: NativeHistogram = {
    schema: CUSTOM_BOUNDS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum,
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveBuckets: counts.map((n, i) => n - (counts[i - 1] ?? 0)),
    negativeSpans: [],
    negativeBuckets: [],
    customBounds: bounds,
    resetHint: 'unknown',
  };
  const integers = Number.isInteger(count) && counts.every(Number.isInteger);
  return histogramFault(histogram, integers) === undefined ? compactHistogram(histogram) : undefined;
}
