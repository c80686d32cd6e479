import {
  type Appendable,
  type Appender,
  type AppendOutcome,
  compareBytes,
  type Exemplar,
  type ExemplarOutcome,
  type ExemplarQuerier,
  isStale,
  judgeExemplar,
  type Labels,
  type Matcher,
  METRIC_NAME,
  matchesAll,
  type NativeHistogram,
  type Querier,
  type SelectHints,
  type SeriesData,
  type SeriesExemplars,
  type SeriesRef,
  STALE,
  type TimeRange,
} from '@watchroom/model';

interface MemorySeries {
  readonly labels: Labels;
  readonly times: number[];
  /** Typed, since plain arrays of numbers do not keep the staleness marker's bits. */
  values: Float64Array;
  /** By the sample's place. */
  readonly histograms: Map<number, NativeHistogram>;
  readonly exemplars: Exemplar[];
}

interface Sample {
  readonly timeMs: number;
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
}

function push(series: MemorySeries, { timeMs, value, histogram }: Sample): void {
  const at = series.times.push(timeMs) - 1;
  if (at === series.values.length) {
    const grown = new Float64Array(Math.max(16, at * 2));
    grown.set(series.values);
    series.values = grown;
  }
  series.values[at] = value;
  if (histogram) series.histograms.set(at, histogram);
}

/** The samples of one commit, judged against what the store held before and what came with them. */
class MemoryAppender implements Appender {
  readonly #of: (ref: SeriesRef) => MemorySeries;
  readonly #ref: (labels: Labels) => SeriesRef;
  #samples: (Sample & { readonly ref: SeriesRef })[] = [];
  readonly #newest = new Map<SeriesRef, Sample>();
  #exemplars: { readonly ref: SeriesRef; readonly exemplar: Exemplar }[] = [];

  constructor(of: (ref: SeriesRef) => MemorySeries, ref: (labels: Labels) => SeriesRef) {
    this.#of = of;
    this.#ref = ref;
  }

  series(labels: Labels): SeriesRef {
    return this.#ref(labels);
  }

  append(ref: SeriesRef, timeMs: number, value: number): AppendOutcome {
    return this.#add(ref, { timeMs, value });
  }

  appendRow(refs: Uint32Array, timeMs: number, values: Float64Array): boolean {
    const isNewer = (ref: SeriesRef): boolean => {
      const newest = this.#newest.get(ref) ?? newestOf(this.#of(ref));
      return !newest || timeMs > newest.timeMs;
    };
    if (!refs.every(isNewer)) return false;
    refs.forEach((ref, i) => {
      this.#add(ref, { timeMs, value: values[i]! });
    });
    return true;
  }

  appendHistogram(ref: SeriesRef, timeMs: number, histogram: NativeHistogram): AppendOutcome {
    if (isStale(histogram.sum)) return this.#add(ref, { timeMs, value: STALE });
    return this.#add(ref, { timeMs, value: Number.NaN, histogram });
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): ExemplarOutcome {
    const own = this.#exemplars.findLast((queued) => queued.ref === ref)?.exemplar;
    const outcome = judgeExemplar(own ?? this.#of(ref).exemplars.at(-1), exemplar);
    if (outcome === 'ok') this.#exemplars.push({ ref, exemplar });
    return outcome;
  }

  commit(): void {
    for (const sample of this.#samples) push(this.#of(sample.ref), sample);
    for (const { ref, exemplar } of this.#exemplars) this.#of(ref).exemplars.push(exemplar);
    this.rollback();
  }

  rollback(): void {
    this.#samples = [];
    this.#newest.clear();
    this.#exemplars = [];
  }

  #add(ref: SeriesRef, sample: Sample): AppendOutcome {
    const newest = this.#newest.get(ref) ?? newestOf(this.#of(ref));
    if (newest && sample.timeMs < newest.timeMs) return 'out_of_order';
    if (newest && sample.timeMs === newest.timeMs) return isSame(newest, sample) ? 'duplicate' : 'conflict';
    this.#samples.push({ ref, ...sample });
    this.#newest.set(ref, sample);
    return 'ok';
  }
}

function newestOf({ times, values, histograms }: MemorySeries): Sample | undefined {
  const at = times.length - 1;
  return at < 0 ? undefined : { timeMs: times[at]!, value: values[at]!, histogram: histograms.get(at) };
}

function isSame(a: Sample, b: Sample): boolean {
  if (a.histogram || b.histogram) return JSON.stringify(a.histogram) === JSON.stringify(b.histogram);
  return Object.is(a.value, b.value) && isStale(a.value) === isStale(b.value);
}

/** The storage ports on plain arrays, for tests of what reads or writes through them. */
export class MemoryStore implements Appendable, Querier, ExemplarQuerier {
  readonly #series: MemorySeries[] = [];
  readonly #byKey = new Map<string, SeriesRef>();

  appender(): Appender {
    return new MemoryAppender(
      (ref) => this.#series[ref - 1]!,
      (labels) => this.#ref(labels),
    );
  }

  /** Adds samples to one series at once. */
  add(labels: Labels, samples: Iterable<readonly [timeMs: number, value: number]>): void {
    const series = this.#series[this.#ref(labels) - 1]!;
    for (const [timeMs, value] of samples) {
      push(series, { timeMs, value });
    }
  }

  lacks(metricName: string): boolean {
    return !this.#series.some(({ labels }) => labels.get(METRIC_NAME) === metricName);
  }

  select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    return this.#matching(matchers, hints).map(({ labels, times, values, histograms }) => {
      const from = times.findIndex((timeMs) => timeMs >= hints.startMs);
      const end = times.findLastIndex((timeMs) => timeMs <= hints.endMs) + 1;
      return {
        labels,
        timestamps: Float64Array.from(times.slice(from, end)),
        values: values.slice(from, end),
        histograms:
          histograms.size === 0
            ? undefined
            : Array.from({ length: end - from }, (_, i) => histograms.get(from + i)),
      };
    });
  }

  exemplars(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): readonly SeriesExemplars[] {
    return this.#series
      .filter(({ labels }) => matcherSets.some((matchers) => matchesAll(matchers, labels)))
      .map(({ labels, exemplars }) => ({
        labels,
        exemplars: exemplars.filter(({ timeMs }) => timeMs >= range.startMs && timeMs <= range.endMs),
      }))
      .filter(({ exemplars }) => exemplars.length > 0)
      .sort((a, b) => a.labels.compare(b.labels));
  }

  series(matchers: readonly Matcher[], range: TimeRange): readonly Labels[] {
    return this.#matching(matchers, range).map((series) => series.labels);
  }

  labelNames(matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return sorted(this.#matching(matchers, range).flatMap((series) => series.labels.names));
  }

  labelValues(name: string, matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return sorted(this.#matching(matchers, range).map((series) => series.labels.get(name)));
  }

  #ref(labels: Labels): SeriesRef {
    let ref = this.#byKey.get(labels.key);
    if (ref === undefined) {
      ref = this.#series.push({
        labels,
        times: [],
        values: new Float64Array(0),
        histograms: new Map(),
        exemplars: [],
      });
      this.#byKey.set(labels.key, ref);
    }
    return ref;
  }

  #matching(matchers: readonly Matcher[], range: TimeRange): MemorySeries[] {
    return this.#series.filter(
      ({ labels, times }) =>
        matchesAll(matchers, labels) &&
        times.some((timeMs) => timeMs >= range.startMs && timeMs <= range.endMs),
    );
  }
}

function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].filter((value) => value !== '').sort(compareBytes);
}
