/** The storage of a script: series in memory, floats and histograms. */
import {
  CUSTOM_BOUNDS_SCHEMA,
  compareBytes,
  type Labels,
  type Matcher,
  METRIC_NAME,
  matchesAll,
  type NativeHistogram,
  parseValue,
  type Querier,
  type SelectHints,
  type SeriesData,
  STALE,
  type TimeRange,
} from '@watchroom/model';
import { detectReset, withHint } from '../histogram/arithmetic.ts';
import { build } from '../histogram/buckets.ts';
import type { LoadCommand } from './script.ts';
import type { ScriptValue } from './values.ts';

interface Point {
  readonly timeMs: number;
  readonly value: Exclude<ScriptValue, undefined>;
  readonly startMs: number | undefined;
}

interface Stored {
  readonly labels: Labels;
  /** Ascending in time, none twice. */
  readonly points: Point[];
  hasHistograms: boolean;
}

export class ScriptStorage implements Querier {
  readonly #series = new Map<string, Stored>();
  readonly #byName = new Map<string, Stored[]>();

  clear(): void {
    this.#series.clear();
    this.#byName.clear();
  }

  load(command: LoadCommand): void {
    for (const { labels, values, startTimes } of command.series) {
      values.forEach((value, i) => {
        if (value !== undefined)
          this.#add(labels, { timeMs: i * command.stepMs, value, startMs: startTimes?.[i] });
      });
    }
    if (command.withCustomBuckets) this.#addCustomBuckets(command);
  }

  /** One sample; another one of that time is replaced. */
  append(labels: Labels, timeMs: number, value: Exclude<ScriptValue, undefined>): void {
    this.#add(labels, { timeMs, value, startMs: undefined });
  }

  #add(labels: Labels, point: Point): void {
    const stored = this.#series.get(labels.key) ?? this.#create(labels);
    const { points } = stored;
    const at = firstFrom(points, point.timeMs);
    if (at === points.length) points.push(point);
    else points.splice(at, points[at]!.timeMs === point.timeMs ? 1 : 0, point);
    if (typeof point.value === 'object') stored.hasHistograms = true;
  }

  #create(labels: Labels): Stored {
    const stored = { labels, points: [], hasHistograms: false };
    this.#series.set(labels.key, stored);
    const named = this.#byName.get(labels.metricName);
    if (named) named.push(stored);
    else this.#byName.set(labels.metricName, [stored]);
    return stored;
  }

  select(matchers: readonly Matcher[], hints: SelectHints): readonly SeriesData[] {
    const found: SeriesData[] = [];
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.operator === '=');
    const candidates = name ? (this.#byName.get(name.value) ?? []) : this.#series.values();
    for (const { labels, points, hasHistograms } of candidates) {
      if (!matchesAll(matchers, labels)) continue;
      const [from, to] = [firstFrom(points, hints.startMs), firstFrom(points, hints.endMs + 1)];
      if (from === to) continue;
      const all = hasHistograms ? withStoredHints(points) : points;
      found.push(columnsOf(labels, all.slice(from, to)));
    }
    return found.sort((a, b) => a.labels.compare(b.labels));
  }

  series(matchers: readonly Matcher[], range: TimeRange): readonly Labels[] {
    return this.select(matchers, { ...range, stepMs: 0, rangeMs: 0, func: '' }).map(({ labels }) => labels);
  }

  labelNames(matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return unique(this.series(matchers, range).flatMap((labels) => labels.names));
  }

  labelValues(name: string, matchers: readonly Matcher[], range: TimeRange): readonly string[] {
    return unique(this.series(matchers, range).map((labels) => labels.get(name)));
  }

  /** From `_bucket`, `_count` and `_sum` series, histograms with custom bounds under the base name. */
  #addCustomBuckets(command: LoadCommand): void {
    const histograms = new Map<string, ClassicSeries>();
    for (const { labels, values } of command.series) {
      const match = /^(.*)_(bucket|count|sum)$/.exec(labels.metricName);
      if (!match) continue;
      const le = parseValue(labels.get('le'));
      if (match[2] === 'bucket' && le === undefined) continue;
      const base = labels.without(new Set(['le'])).with(METRIC_NAME, match[1]!);
      let classic = histograms.get(base.key);
      if (!classic) {
        classic = { labels: base, buckets: [], count: undefined, sum: undefined };
        histograms.set(base.key, classic);
      }
      if (match[2] === 'bucket') classic.buckets.push({ upper: le!, values });
      else classic[match[2] as 'count' | 'sum'] = values;
    }
    for (const classic of histograms.values()) this.#addClassic(classic, command.stepMs);
  }

  #addClassic(classic: ClassicSeries, stepMs: number): void {
    const length = Math.max(
      ...classic.buckets.map(({ values }) => values.length),
      classic.count?.length ?? 0,
      classic.sum?.length ?? 0,
    );
    for (let i = 0; i < length; i++) {
      const histogram = customHistogram(classic, i);
      if (histogram) this.#add(classic.labels, { timeMs: i * stepMs, value: histogram, startMs: undefined });
    }
  }
}

interface ClassicSeries {
  readonly labels: Labels;
  readonly buckets: { upper: number; values: readonly ScriptValue[] }[];
  count: readonly ScriptValue[] | undefined;
  sum: readonly ScriptValue[] | undefined;
}

function customHistogram(classic: ClassicSeries, i: number): NativeHistogram | undefined {
  const at = (values: readonly ScriptValue[] | undefined): number | undefined => {
    const value = values?.[i];
    return typeof value === 'number' ? value : undefined;
  };
  const buckets = classic.buckets
    .map(({ upper, values }) => ({ upper, count: at(values) }))
    .filter((bucket): bucket is { upper: number; count: number } => bucket.count !== undefined)
    .sort((a, b) => a.upper - b.upper);
  if (buckets.length === 0 && at(classic.count) === undefined && at(classic.sum) === undefined)
    return undefined;
  const count = at(classic.count) ?? buckets.at(-1)?.count ?? 0;
  if (buckets.at(-1)?.upper !== Number.POSITIVE_INFINITY)
    buckets.push({ upper: Number.POSITIVE_INFINITY, count });
  let before = 0;
  const positive = buckets.map((bucket, index) => {
    const own = bucket.count - before;
    before = bucket.count;
    return [index, own] as const;
  });
  return build({
    schema: CUSTOM_BOUNDS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: at(classic.sum) ?? 0,
    positive,
    negative: [],
    customBounds: buckets.slice(0, -1).map(({ upper }) => upper),
    resetHint: 'unknown',
  });
}

function columnsOf(labels: Labels, points: readonly Point[]): SeriesData {
  const timestamps = Float64Array.from(points, (point) => point.timeMs);
  const values = new Float64Array(points.length);
  points.forEach(({ value }, i) => {
    values[i] = value === 'stale' ? STALE : typeof value === 'number' ? value : 0;
  });
  const mixed = points.some(({ value }) => typeof value === 'object');
  const histograms = mixed
    ? points.map(({ value }) => (typeof value === 'object' ? value : undefined))
    : undefined;
  const known = points.some(({ startMs }) => startMs !== undefined);
  const startTimestamps = known ? Float64Array.from(points, ({ startMs }) => startMs ?? 0) : undefined;
  return { labels, timestamps, values, histograms, startTimestamps };
}

/**
 * With the hints that Prometheus' store gives back: gauges stay gauges; the first of a run of counters and one after a
 * reset are unknown, the others are not reset.
 */
function withStoredHints(points: readonly Point[]): Point[] {
  let before: NativeHistogram | undefined;
  return points.map((point) => {
    const { value } = point;
    const previous = before;
    before = typeof value === 'object' ? value : undefined;
    if (typeof value !== 'object' || value.resetHint === 'gauge' || value.resetHint === 'not_reset')
      return point;
    const continues = previous && previous.resetHint !== 'gauge' && !detectReset(value, previous);
    return { ...point, value: withHint(value, continues ? 'not_reset' : 'unknown') };
  });
}

/** The place of the first point that is not before `timeMs`. */
function firstFrom(points: readonly Point[], timeMs: number): number {
  let [from, to] = [0, points.length];
  if (to > 0 && points[to - 1]!.timeMs < timeMs) return to;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (points[middle]!.timeMs < timeMs) from = middle + 1;
    else to = middle;
  }
  return from;
}

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)].filter((value) => value !== '').sort(compareBytes);
}
