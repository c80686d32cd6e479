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
import type { HistogramCell } from './metrics/cell-histogram.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { CacheCounts, RangeCache } from './range-cache/range-cache.ts';

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
/** Of subqueries that name no step; Prometheus takes the evaluation interval, by default. */
const SUBQUERY_STEP_MS = 60_000;
/** Each live query waits at most once, so that this is far above what all pages of a server ask for at a time. */
const LIVE_QUEUE = 20_000;

export class QueryEngine {
  readonly #clock: Clock;
  readonly #seconds: Readonly<Record<QueryPurpose, HistogramCell>>;
  #samples = 0;
  readonly #failures;
  readonly #cache: RangeCache | undefined;
  #settings: Settings;
  #engines: Readonly<Record<QueryPurpose, Engine>>;
  readonly #queries: Readonly<Record<QueryPurpose, Queries>> = {
    api: this.#queriesFor('api'),
    live: this.#queriesFor('live'),
    own: this.#queriesFor('own'),
  };
  readonly #anew = this.#queriesFor('api', true);
  /** By engines of settings that are no longer in force. */
  #refusedBefore = 0;

  /** `cache` is for range queries of the HTTP API. */
  constructor(settings: Settings, clock: Clock, metrics: ServerMetrics, cache?: RangeCache) {
    this.#clock = clock;
    this.#cache = cache;
    this.#settings = settings;
    this.#engines = build(settings, clock);
    const help = 'One query, the wait for its turn included.';
    const seconds = metrics.cellHistogram('watchroom_query_seconds', help, SECONDS, ['purpose']);
    const cell = (purpose: QueryPurpose): HistogramCell => seconds.cell({ purpose });
    this.#seconds = { api: cell('api'), live: cell('live'), own: cell('own') };
    metrics.readFigure('watchroom_query_samples_total', 'Samples that queries read.', () => this.#samples);
    this.#failures = metrics.counter('watchroom_query_failures_total', 'Queries that failed.', ['purpose']);
    metrics.readFigure('watchroom_queries_running', 'Queries running now.', () => this.#load('running'));
    metrics.readFigure('watchroom_queries_waiting', 'Queries waiting for a turn.', () =>
      this.#load('waiting'),
    );
    metrics.readFigure(
      'watchroom_queries_refused_total',
      'Queries turned away because too many were waiting.',
      () => this.#refusedBefore + this.#load('refused'),
    );
    if (cache) observeCache(metrics, cache);
  }

  /** Queries that run already end with the settings they began with. */
  configure(settings: Settings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#refusedBefore += this.#load('refused');
    this.#engines = build(settings, this.#clock);
    this.#cache?.clear();
  }

  /** Parses with the settings in force; the tree is shared and must not be changed. Throws ParseError. */
  parse(query: string): Expr {
    return this.#engines.api.parse(query);
  }

  for(purpose: QueryPurpose): Queries {
    return this.#queries[purpose];
  }

  /** Of the HTTP API: no answer is made from earlier ones, nor kept for later ones. */
  get anew(): Queries {
    return this.#anew;
  }

  #queriesFor(purpose: QueryPurpose, isAnew = false): Queries {
    return {
      instant: (request) => this.#measured(purpose, this.#engines[purpose].instant(request)),
      range: (request) =>
        this.#measured(
          purpose,
          isAnew ? this.#engines[purpose].range(request) : this.#range(purpose, request),
        ),
    };
  }

  #range(purpose: QueryPurpose, request: RangeRequest): Promise<QueryResult> {
    const engine = this.#engines[purpose];
    const { query } = request;
    if (purpose !== 'api' || !this.#cache || typeof query !== 'string') return engine.range(request);
    const defaults = { lookbackMs: this.#settings.lookbackDeltaMs, subqueryStepMs: SUBQUERY_STEP_MS };
    return this.#cache.range(request, engine.parse(query), defaults, (part) => engine.range(part));
  }

  #load(what: 'running' | 'waiting' | 'refused'): number {
    return PURPOSES.reduce((sum, purpose) => sum + this.#engines[purpose].load[what], 0);
  }

  async #measured(purpose: QueryPurpose, query: Promise<QueryResult>): Promise<QueryResult> {
    const startedAtMs = this.#clock.monotonic();
    try {
      const result = await query;
      this.#samples += result.stats.samples;
      return result;
    } catch (error) {
      this.#failures.inc({ purpose });
      throw error;
    } finally {
      this.#seconds[purpose].observe((this.#clock.monotonic() - startedAtMs) / 1000);
    }
  }
}

function observeCache(metrics: ServerMetrics, cache: RangeCache): void {
  const figures: readonly (readonly [keyof CacheCounts, string, string])[] = [
    ['hits', 'hits', 'Range queries answered from earlier answers alone.'],
    ['extended', 'extensions', 'Range queries of which only the new steps were computed.'],
    ['misses', 'misses', 'Range queries of which no step was known.'],
    ['declined', 'declined', 'Range queries whose answers are not kept.'],
    ['evicted', 'evicted', 'Answers that went for lack of room or of use.'],
    ['stepsReused', 'steps_reused', 'Steps that were not computed again.'],
  ];
  for (const [count, name, help] of figures)
    metrics.readFigure(`watchroom_range_cache_${name}_total`, help, () => cache.counts[count]);
  metrics.readFigure(
    'watchroom_range_cache_bytes',
    'Memory of the answers that are kept.',
    () => cache.bytes,
  );
  metrics.readFigure('watchroom_range_cache_answers', 'Answers that are kept.', () => cache.size);
}

function build(settings: Settings, clock: Clock): Record<QueryPurpose, Engine> {
  const options = {
    clock,
    experimental: settings.experimental,
    timeoutMs: settings.timeoutMs,
    maxSamples: settings.maxSamples,
    maxConcurrent: settings.maxConcurrency,
    lookbackMs: settings.lookbackDeltaMs,
    defaultSubqueryStepMs: SUBQUERY_STEP_MS,
  };
  return {
    api: new Engine(options),
    live: new Engine({ ...options, maxQueued: LIVE_QUEUE, inAHurry: true }),
    // Its queries are those of the configuration, and the same again and again.
    own: new Engine({ ...options, inAHurry: true, mostKeptSeries: Number.POSITIVE_INFINITY }),
  };
}
