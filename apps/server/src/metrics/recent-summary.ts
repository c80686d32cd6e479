/**
 * A summary whose observations cost a store into an array, where prom-client's sorts each into the digests of five time windows:
 * that was a fiftieth of all CPU time of a server whose rules run every five seconds.
 */
import type { Clock } from '@watchroom/model';
import { type MetricObjectWithValues, type MetricValueWithName, Summary } from 'prom-client';

/** So many observations are told of at most: the newest. */
const MOST = 2_048;

type Figures = MetricObjectWithValues<MetricValueWithName<'quantile'>>;

/** What one who observes has to know of it. */
export interface Observed {
  observe(value: number): void;
}

export interface RecentSummaryOptions {
  readonly name: string;
  readonly help: string;
  readonly percentiles: number[];
  readonly maxAgeSeconds: number;
  readonly registers: ConstructorParameters<typeof Summary>[0]['registers'];
}

/** Exposed as prom-client's own; quantiles are those of the observations themselves, NaN where there are none, as Prometheus has it. */
export class RecentSummary extends Summary<'quantile'> implements Observed {
  readonly #options: RecentSummaryOptions;
  readonly #clock: Clock;
  readonly #values = new Float64Array(MOST);
  /** On the clock's monotonic time. */
  readonly #times = new Float64Array(MOST);
  #count = 0;
  #sum = 0;

  constructor(options: RecentSummaryOptions, clock: Clock) {
    const { name, help, percentiles, registers } = options;
    super({ name, help, percentiles, registers });
    this.#options = options;
    this.#clock = clock;
  }

  override observe(value: unknown): void {
    const place = this.#count % MOST;
    this.#values[place] = value as number;
    this.#times[place] = this.#clock.monotonic();
    this.#count++;
    this.#sum += value as number;
  }

  override async get(): Promise<Figures> {
    const { name, help, percentiles } = this.#options;
    const recent = this.#recent().sort();
    const values = percentiles.map((quantile) => ({
      labels: { quantile },
      value: quantileOf(recent, quantile),
    }));
    const sum = { metricName: `${name}_sum`, labels: {}, value: this.#sum };
    const count = { metricName: `${name}_count`, labels: {}, value: this.#count };
    return {
      name,
      help,
      type: 'summary',
      values: [...values, sum, count],
      aggregator: 'sum',
    } as unknown as Figures;
  }

  #recent(): Float64Array {
    const sinceMs = this.#clock.monotonic() - this.#options.maxAgeSeconds * 1000;
    const length = Math.min(this.#count, MOST);
    return this.#values.slice(0, length).filter((_, i) => this.#times[i]! > sinceMs);
  }
}

/** The observation of rank ⌈quantile × n⌉. */
function quantileOf(sorted: Float64Array, quantile: number): number {
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}
