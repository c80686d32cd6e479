/** All shared queries by spec, within bounds. A query that nobody holds is kept for a while: reloads and short cuts find it warm. */
import { MAX_POINTS, type QuerySpec } from '@watchroom/contract';
import type { Clock, FeedEvent, Timer } from '@watchroom/model';
import { type Evaluate, type FeedFilter, LiveProblem } from './evaluate.ts';
import { SharedQuery } from './shared-query.ts';
import type { LiveObserver, LiveStats } from './stats.ts';

export interface LiveLimits {
  /** Different queries at once. */
  readonly queries: number;
  /** Series × grid points of one query. */
  readonly cellsPerQuery: number;
  /** Series × grid points of all; 16 bytes each. */
  readonly cells: number;
}

export const DEFAULT_LIMITS: LiveLimits = { queries: 2000, cellsPerQuery: 1_000_000, cells: 20_000_000 };

const LINGER_MS = 15_000;

interface Entry {
  readonly shared: SharedQuery;
  holders: number;
  linger: Timer | undefined;
}

export interface SharedQueriesOptions {
  readonly clock: Clock;
  readonly evaluate: Evaluate;
  readonly feeds: (query: string) => FeedFilter;
  readonly limits: LiveLimits;
  readonly stats: LiveStats;
  readonly observer: LiveObserver;
}

export class SharedQueries {
  readonly #options: SharedQueriesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new Map<SharedQuery, string>();

  constructor(options: SharedQueriesOptions) {
    this.#options = options;
  }

  /** The query for a spec, started when it is new. Throws LiveProblem. */
  take(spec: QuerySpec): SharedQuery {
    const key = JSON.stringify([spec.query, spec.windowMs, spec.stepMs, spec.head]);
    const entry = this.#entries.get(key) ?? this.#add(key, spec);
    entry.holders++;
    entry.linger?.cancel();
    return entry.shared;
  }

  giveBack(shared: SharedQuery): void {
    const key = this.#keys.get(shared);
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (!entry || key === undefined || --entry.holders > 0) return;
    const failed = shared.problem !== undefined && shared.problem.code !== 'execution';
    if (failed) this.#drop(key, entry);
    else entry.linger = this.#options.clock.after(LINGER_MS, () => this.#drop(key, entry));
  }

  feed(event: FeedEvent): void {
    for (const { shared } of this.#entries.values()) shared.feed(event);
  }

  close(): void {
    for (const [key, entry] of [...this.#entries]) this.#drop(key, entry);
  }

  #add(key: string, spec: QuerySpec): Entry {
    const { clock, evaluate, stats, observer, limits } = this.#options;
    if (spec.windowMs / spec.stepMs > MAX_POINTS)
      throw new LiveProblem('limit', `A window may have ${MAX_POINTS} points; choose a longer step.`);
    if (this.#entries.size >= limits.queries && !this.#dropOneUnused())
      throw new LiveProblem('limit', `The server keeps ${limits.queries} different live queries at most.`);
    const filter = this.#options.feeds(spec.query);
    const allowCells = (cells: number, before: number) => this.#allowCells(cells, before);
    const roundCostMs = () => this.#roundCostMs();
    const shared = new SharedQuery({
      spec,
      filter,
      clock,
      evaluate,
      stats,
      observer,
      roundCostMs,
      allowCells,
    });
    const entry: Entry = { shared, holders: 0, linger: undefined };
    this.#entries.set(key, entry);
    this.#keys.set(shared, key);
    stats.sharedQueries++;
    shared.start();
    return entry;
  }

  #roundCostMs(): number {
    let costMs = 0;
    for (const { shared } of this.#entries.values()) costMs += shared.costMs;
    return costMs;
  }

  #allowCells(cells: number, before: number): boolean {
    const { stats, limits } = this.#options;
    if (cells > before && (cells > limits.cellsPerQuery || stats.cells - before + cells > limits.cells))
      return false;
    stats.cells += cells - before;
    return true;
  }

  #dropOneUnused(): boolean {
    for (const [key, entry] of this.#entries) {
      if (entry.holders > 0) continue;
      this.#drop(key, entry);
      return true;
    }
    return false;
  }

  #drop(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    entry.linger?.cancel();
    this.#entries.delete(key);
    this.#keys.delete(entry.shared);
    entry.shared.close();
    this.#options.stats.sharedQueries--;
  }
}
