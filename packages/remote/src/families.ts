/** Types, helps and units that came with remote writes, by metric family; bounded. */
import type { MetricMetadata, MetricType } from '@watchroom/model';
import type { Counter } from './counter.ts';

/** By number, in both messages. Source: Prometheus prompb/types.proto, MetricMetadata.MetricType. */
const TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];
const SUFFIXES: Partial<Record<MetricType, RegExp>> = {
  histogram: /_(bucket|count|sum)$/,
  gaugehistogram: /_(bucket|gcount|gsum)$/,
  summary: /_(count|sum)$/,
};

export function typeOf(number: number): MetricType {
  return TYPES[number] ?? 'unknown';
}

/** The family that a series of this type belongs to. */
export function familyOf(metricName: string, type: MetricType): string {
  const suffix = SUFFIXES[type];
  return suffix ? metricName.replace(suffix, '') : metricName;
}

export class Families {
  readonly #most: number;
  readonly #refused: Counter;
  readonly #byName = new Map<string, MetricMetadata>();

  /** `refused` counts the families beyond `most`. */
  constructor(most: number, refused: Counter) {
    this.#most = most;
    this.#refused = refused;
  }

  get all(): ReadonlyMap<string, MetricMetadata> {
    return this.#byName;
  }

  /** The newest word counts. */
  set(family: string, metadata: MetricMetadata): void {
    const known = this.#byName.get(family);
    if (known === undefined && this.#byName.size >= this.#most) {
      this.#refused.count++;
      return;
    }
    const same =
      known?.type === metadata.type && known.help === metadata.help && known.unit === metadata.unit;
    if (!same) this.#byName.set(family, metadata);
  }
}
