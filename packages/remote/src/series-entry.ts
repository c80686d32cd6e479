/** What is known of a series between requests. */
import { compareBytes, Labels, METRIC_NAME, type SeriesRef } from '@watchroom/model';

/** One object a name, so that names are compared by identity. */
export interface MetricName {
  readonly name: string;
  /** The last request that wrote the metric. */
  request: number;
}

export interface SeriesEntry {
  /** Kept for as long as the ref is used. */
  readonly labels: Labels;
  readonly name: MetricName;
  /** Why samples of this label set are refused. */
  readonly fault: string | undefined;
  /** 0 until the first sample is appended. */
  ref: SeriesRef;
}

/** Gives each metric name its one object; forgets all when there are too many. */
export class MetricNames {
  readonly #most: number;
  readonly #byName = new Map<string, MetricName>();

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): MetricName {
    const known = this.#byName.get(name);
    if (known) return known;
    if (this.#byName.size >= this.#most) this.#byName.clear();
    const added: MetricName = { name, request: 0 };
    this.#byName.set(name, added);
    return added;
  }
}

/** Bytes that are no UTF-8 come as undefined. */
export type LabelText = string | undefined;

/**
 * Checks a label set as received, in any order, and makes its entry. An empty value is an absent label; a set without
 * __name__, with an empty or repeated name or with bytes that are no UTF-8 is invalid.
 * Source: remote write 2.0, Series Labels; Prometheus storage/remote/write_handler.go.
 */
export function makeEntry(
  names: readonly LabelText[],
  values: readonly LabelText[],
  known: MetricNames,
): SeriesEntry {
  const order = names.map((_, i) => i).sort((a, b) => compareBytes(names[a] ?? '', names[b] ?? ''));
  const kept = order.filter((i) => values[i] !== '');
  const labels = Labels.fromSorted(
    kept.map((i) => names[i] ?? '\ufffd'),
    kept.map((i) => values[i] ?? '\ufffd'),
  ).interned();
  const isText = names.every((name) => name !== undefined) && values.every((value) => value !== undefined);
  return { labels, name: known.get(labels.metricName), fault: faultOf(order, names, labels, isText), ref: 0 };
}

function faultOf(
  order: readonly number[],
  names: readonly LabelText[],
  labels: Labels,
  isText: boolean,
): string | undefined {
  if (!isText || names.includes('') || !labels.has(METRIC_NAME))
    return `invalid metric name or labels, got ${shown(labels)}`;
  const twice = order.find((i, k) => k > 0 && names[i] === names[order[k - 1]!]);
  if (twice === undefined) return undefined;
  return `invalid labels for series, labels ${shown(labels)}, duplicated label ${names[twice]}`;
}

/** A label set for a message, cut when it is long. */
export function shown(labels: Labels): string {
  const text = `{${[...labels.pairs()].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
