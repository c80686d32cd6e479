import {
  type Appendable,
  type Appender,
  type AppendOutcome,
  compareBytes,
  type Labels,
  type Matcher,
  matchesAll,
  type Querier,
  type SelectHints,
  type SeriesData,
  type SeriesRef,
  type TimeRange,
} from '@watchroom/model';

interface MemorySeries {
  readonly labels: Labels;
  readonly times: number[];
  /** Typed, since plain arrays of numbers do not keep the staleness marker's bits. */
  values: Float64Array;
}

function push(series: MemorySeries, timeMs: number, value: number): void {
  const at = series.times.push(timeMs) - 1;
  if (at === series.values.length) {
    const grown = new Float64Array(Math.max(16, at * 2));
    grown.set(series.values);
    series.values = grown;
  }
  series.values[at] = value;
}

/** The storage ports on plain arrays, for tests of what reads or writes through them. */
export class MemoryStore implements Appendable, Querier {
  readonly #series: MemorySeries[] = [];
  readonly #byKey = new Map<string, SeriesRef>();

  appender(): Appender {
    const queued: { ref: SeriesRef; timeMs: number; value: number }[] = [];
    return {
      series: (labels) => this.#ref(labels),
      append: (ref, timeMs, value): AppendOutcome => {
        const lastMs = this.#series[ref - 1]!.times.at(-1) ?? Number.NEGATIVE_INFINITY;
        if (timeMs < lastMs) return 'out_of_order';
        if (timeMs === lastMs) return 'duplicate';
        queued.push({ ref, timeMs, value });
        return 'ok';
      },
      commit: () => {
        for (const { ref, timeMs, value } of queued) {
          push(this.#series[ref - 1]!, timeMs, value);
        }
        queued.length = 0;
      },
      rollback: () => {
        queued.length = 0;
      },
    };
  }

  /** Adds samples to one series at once. */
  add(labels: Labels, samples: Iterable<readonly [timeMs: number, value: number]>): void {
    const series = this.#series[this.#ref(labels) - 1]!;
    for (const [timeMs, value] of samples) {
      push(series, timeMs, value);
    }
  }

  select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    return this.#matching(matchers, hints).map(({ labels, times, values }) => {
      const from = times.findIndex((timeMs) => timeMs >= hints.startMs);
      const end = times.findLastIndex((timeMs) => timeMs <= hints.endMs) + 1;
      return {
        labels,
        timestamps: Float64Array.from(times.slice(from, end)),
        values: values.slice(from, end),
      };
    });
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
      ref = this.#series.push({ labels, times: [], values: new Float64Array(0) });
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
