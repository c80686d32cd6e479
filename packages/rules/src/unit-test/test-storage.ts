/**
 * The storage of one rule test: the input series arrive as the test's time moves on, rules write beside them. A sample
 * that is older than its series' newest, or another one of the same time, is refused as the server's store does.
 */
import {
  type Appendable,
  type Appender,
  type AppendOutcome,
  Labels,
  type Matcher,
  type NativeHistogram,
  type Querier,
  type SelectHints,
  type SeriesData,
  type SeriesRef,
  STALE,
  type TimeRange,
} from '@watchroom/model';
import {
  type LoadCommand,
  ScriptStorage,
  type ScriptValue,
  writeHistogram,
} from '@watchroom/promql/test-script';

interface Waiting {
  readonly ref: SeriesRef;
  readonly values: readonly ScriptValue[];
  next: number;
}

interface Pending {
  readonly ref: SeriesRef;
  readonly timeMs: number;
  readonly value: number | NativeHistogram;
}

export class TestStorage implements Querier, Appendable {
  readonly #stored = new ScriptStorage();
  readonly #refs = new Map<string, SeriesRef>();
  readonly #labels: Labels[] = [Labels.EMPTY];
  readonly #newest = new Map<SeriesRef, Pending>();
  readonly #waiting: readonly Waiting[];
  readonly #stepMs: number;
  readonly #startMs: number;

  /** The series of a `load`; value i becomes visible at startMs + i × step. */
  constructor(load: LoadCommand, startMs: number) {
    this.#stepMs = load.stepMs;
    this.#startMs = startMs;
    this.#waiting = load.series.map(({ labels, values }) => ({ ref: this.#ref(labels), values, next: 0 }));
  }

  /** Lets the input series go on to `timeMs`; gives what was refused, as an error's text. */
  advance(timeMs: number): string | undefined {
    const appender = this.appender();
    for (const series of this.#waiting) {
      for (; series.next < series.values.length; series.next++) {
        const atMs = this.#startMs + series.next * this.#stepMs;
        if (atMs > timeMs) break;
        const value = series.values[series.next];
        if (value === undefined) continue;
        const outcome =
          typeof value === 'object'
            ? appender.appendHistogram(series.ref, atMs, value)
            : appender.append(series.ref, atMs, value === 'stale' ? STALE : value);
        if (outcome !== 'ok' && outcome !== 'duplicate')
          return `input series ${this.#labels[series.ref]}: ${outcome.replaceAll('_', ' ')} at ${atMs / 1000} s; a rule writes this series too`;
      }
    }
    appender.commit();
    return undefined;
  }

  appender(): Appender {
    const pending: Pending[] = [];
    const append = (ref: SeriesRef, timeMs: number, value: number | NativeHistogram): AppendOutcome => {
      const newest = this.#newest.get(ref);
      if (newest && newest.timeMs > timeMs) return 'out_of_order';
      if (newest && newest.timeMs === timeMs) return same(newest.value, value) ? 'duplicate' : 'conflict';
      const sample = { ref, timeMs, value };
      this.#newest.set(ref, sample);
      pending.push(sample);
      return 'ok';
    };
    return {
      series: (labels) => this.#ref(labels),
      append,
      appendHistogram: append,
      appendExemplar: () => 'disabled',
      commit: () => {
        for (const { ref, timeMs, value } of pending) this.#stored.append(this.#labels[ref]!, timeMs, value);
      },
      rollback: () => void pending.splice(0),
    };
  }

  select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    return this.#stored.select(matchers, hints);
  }

  series(matchers: readonly Matcher[], range: TimeRange): readonly Labels[] {
    return this.#stored.series(matchers, range);
  }

  labelNames(matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return this.#stored.labelNames(matchers, range);
  }

  labelValues(name: string, matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return this.#stored.labelValues(name, matchers, range);
  }

  #ref(labels: Labels): SeriesRef {
    const known = this.#refs.get(labels.key);
    if (known !== undefined) return known;
    this.#labels.push(labels);
    this.#refs.set(labels.key, this.#labels.length - 1);
    return this.#labels.length - 1;
  }
}

function same(a: number | NativeHistogram, b: number | NativeHistogram): boolean {
  if (typeof a === 'number' || typeof b === 'number') return Object.is(a, b);
  return writeHistogram(a) === writeHistogram(b);
}
