/**
 * watchroom's own metrics by prom-client, one registry for each server. Metric groups for the stages lie beside this
 * file; the standard process_* and nodejs_* metrics and the HTTP server's are here.
 */
import type { Clock } from '@watchroom/model';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { CellHistogram, type Cells } from './cell-histogram.ts';
import { NEVER_MS, observeLoopLag } from './loop-lag.ts';
import { type Observed, RecentSummary } from './recent-summary.ts';
import { RequestMetrics } from './request-metrics.ts';

export class ServerMetrics {
  readonly registry: Registry = new Registry();
  readonly #requests: RequestMetrics;

  constructor(version: string) {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER_MS });
    observeLoopLag(this.registry);
    new Gauge({
      name: 'watchroom_build_info',
      help: 'Constant 1, labelled with the version and the runtime.',
      labelNames: ['version', 'runtime'],
      registers: [this.registry],
    }).set({ version, runtime: process.version }, 1);
    this.#requests = new RequestMetrics(this.registry);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  exposition(): Promise<string> {
    return this.registry.metrics();
  }

  /** Counts and times every request of a Fastify server by its route pattern. */
  instrument(app: FastifyInstance): void {
    this.#requests.instrument(app);
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({
      name,
      help,
      buckets: [...buckets],
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  /** As `histogram`, for what is observed very often. */
  cellHistogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[],
  ): Cells<L> {
    const registers = [this.registry];
    return new CellHistogram({ name, help, buckets: [...buckets], labelNames: [...labelNames], registers });
  }

  /** Quantiles over the last ten minutes, in seconds. */
  summary(name: string, help: string, percentiles: readonly number[], clock: Clock): Observed {
    const registers = [this.registry];
    return new RecentSummary(
      { name, help, percentiles: [...percentiles], maxAgeSeconds: 600, registers },
      clock,
    );
  }

  /** As `readFigure`, one for each value of a label; those that are no longer given are gone. */
  readFigures(
    name: string,
    help: string,
    label: string,
    read: () => readonly (readonly [string, number])[],
  ): void {
    const common = { name, help, labelNames: [label], registers: [this.registry] };
    if (!name.endsWith('_total')) {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          for (const [value, figure] of read()) this.set({ [label]: value }, figure);
        },
      });
      return;
    }
    new Counter({
      ...common,
      collect() {
        this.reset();
        for (const [value, figure] of read()) this.inc({ [label]: value }, figure);
      },
    });
  }

  /** A figure kept elsewhere, read when it is scraped: a counter when its name ends in `_total`, else a gauge. */
  readFigure(name: string, help: string, read: () => number): void {
    const registers = [this.registry];
    if (!name.endsWith('_total')) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
      return;
    }
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
