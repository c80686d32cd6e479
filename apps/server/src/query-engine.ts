/** The query engine in force: built anew when a reload changes its settings, and measured, whoever asks. */
import type { WatchroomConfig } from '@watchroom/config';
import type { Clock } from '@watchroom/model';
import { Engine, type InstantRequest, type QueryResult, type RangeRequest } from '@watchroom/promql';
import type { ServerMetrics } from './metrics/server-metrics.ts';

type Settings = WatchroomConfig['watchroom']['promql'];
type Kind = 'instant' | 'range';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class QueryEngine {
  readonly #clock: Clock;
  readonly #seconds;
  readonly #samples;
  readonly #failures;
  #settings: Settings;
  #engine: Engine;

  constructor(settings: Settings, clock: Clock, metrics: ServerMetrics) {
    this.#clock = clock;
    this.#settings = settings;
    this.#engine = build(settings, clock);
    this.#seconds = metrics.histogram(
      'watchroom_query_seconds',
      'One query, the wait for its turn included, of the API, the live pages and the rules.',
      SECONDS,
      ['kind'],
    );
    this.#samples = metrics.counter('watchroom_query_samples_total', 'Samples that queries read.');
    this.#failures = metrics.counter('watchroom_query_failures_total', 'Queries that failed.', ['kind']);
    metrics.readFigure('watchroom_queries_running', 'Queries running now.', () => this.#engine.load.running);
    metrics.readFigure(
      'watchroom_queries_waiting',
      'Queries waiting for a turn.',
      () => this.#engine.load.waiting,
    );
  }

  /** Queries that run already end with the settings they began with. */
  configure(settings: Settings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#engine = build(settings, this.#clock);
  }

  instant(request: InstantRequest): Promise<QueryResult> {
    return this.#measured('instant', this.#engine.instant(request));
  }

  range(request: RangeRequest): Promise<QueryResult> {
    return this.#measured('range', this.#engine.range(request));
  }

  async #measured(kind: Kind, query: Promise<QueryResult>): Promise<QueryResult> {
    const startedAtMs = this.#clock.monotonic();
    try {
      const result = await query;
      this.#samples.inc(result.stats.samples);
      return result;
    } catch (error) {
      this.#failures.inc({ kind });
      throw error;
    } finally {
      this.#seconds.observe({ kind }, (this.#clock.monotonic() - startedAtMs) / 1000);
    }
  }
}

function build(settings: Settings, clock: Clock): Engine {
  return new Engine({
    clock,
    experimental: settings.experimental,
    timeoutMs: settings.timeoutMs,
    maxSamples: settings.maxSamples,
    maxConcurrent: settings.maxConcurrency,
    lookbackMs: settings.lookbackDeltaMs,
  });
}
