/**
 * The query engines in force: built anew when a reload changes their settings, and measured. The HTTP API, the live
 * pages and the server itself (rules, topics, explanations) each have a gate of their own: whatever clients ask for,
 * rules are evaluated and alerts fire.
 */
import type { WatchroomConfig } from '@watchroom/config';
import type { Clock } from '@watchroom/model';
import {
  Engine,
  type Expr,
  type InstantRequest,
  type QueryResult,
  type RangeRequest,
} from '@watchroom/promql';
import type { ServerMetrics } from './metrics/server-metrics.ts';

type Settings = WatchroomConfig['watchroom']['promql'];

const PURPOSES = ['api', 'live', 'own'] as const;
/** For whom: the HTTP API, live subscriptions, or the server's own rules, topics and explanations. */
export type QueryPurpose = (typeof PURPOSES)[number];

/** Answers queries; fails as the engine of packages/promql does. */
export interface Queries {
  instant(request: InstantRequest): Promise<QueryResult>;
  range(request: RangeRequest): Promise<QueryResult>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Each live query waits at most once, so that this is far above what all pages of a server ask for at a time. */
const LIVE_QUEUE = 20_000;

export class QueryEngine {
  readonly #clock: Clock;
  readonly #seconds;
  readonly #samples;
  readonly #failures;
  #settings: Settings;
  #engines: Readonly<Record<QueryPurpose, Engine>>;

  constructor(settings: Settings, clock: Clock, metrics: ServerMetrics) {
    this.#clock = clock;
    this.#settings = settings;
    this.#engines = build(settings, clock);
    this.#seconds = metrics.histogram(
      'watchroom_query_seconds',
      'One query, the wait for its turn included.',
      SECONDS,
      ['purpose'],
    );
    this.#samples = metrics.counter('watchroom_query_samples_total', 'Samples that queries read.');
    this.#failures = metrics.counter('watchroom_query_failures_total', 'Queries that failed.', ['purpose']);
    metrics.readFigure('watchroom_queries_running', 'Queries running now.', () => this.#load('running'));
    metrics.readFigure('watchroom_queries_waiting', 'Queries waiting for a turn.', () =>
      this.#load('waiting'),
    );
  }

  /** Queries that run already end with the settings they began with. */
  configure(settings: Settings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#engines = build(settings, this.#clock);
  }

  /** Parses with the settings in force; the tree is shared and must not be changed. Throws ParseError. */
  parse(query: string): Expr {
    return this.#engines.api.parse(query);
  }

  for(purpose: QueryPurpose): Queries {
    return {
      instant: (request) => this.#measured(purpose, this.#engines[purpose].instant(request)),
      range: (request) => this.#measured(purpose, this.#engines[purpose].range(request)),
    };
  }

  #load(what: 'running' | 'waiting'): number {
    return PURPOSES.reduce((sum, purpose) => sum + this.#engines[purpose].load[what], 0);
  }

  async #measured(purpose: QueryPurpose, query: Promise<QueryResult>): Promise<QueryResult> {
    const startedAtMs = this.#clock.monotonic();
    try {
      const result = await query;
      this.#samples.inc(result.stats.samples);
      return result;
    } catch (error) {
      this.#failures.inc({ purpose });
      throw error;
    } finally {
      this.#seconds.observe({ purpose }, (this.#clock.monotonic() - startedAtMs) / 1000);
    }
  }
}

function build(settings: Settings, clock: Clock): Record<QueryPurpose, Engine> {
  const options = {
    clock,
    experimental: settings.experimental,
    timeoutMs: settings.timeoutMs,
    maxSamples: settings.maxSamples,
    maxConcurrent: settings.maxConcurrency,
    lookbackMs: settings.lookbackDeltaMs,
  };
  return {
    api: new Engine(options),
    live: new Engine({ ...options, maxQueued: LIVE_QUEUE }),
    own: new Engine(options),
  };
}
