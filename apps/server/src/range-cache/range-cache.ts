/**
 * Answers of range queries, kept so that the same query over a later or an earlier range computes only the steps that are new. A step is
 * used again when it lies on the same grid, reads nothing that has changed since (samples may come late, be ended by a
 * marker, or go) and does not depend on the other steps (`reachOf`); answers with warnings or infos are not kept, since
 * which steps gave them is not known.
 */
import type { Querier } from '@watchroom/model';
import type { Expr, MatrixSeries, QueryResult, RangeRequest } from '@watchroom/promql';
import type { StoreChanges } from '@watchroom/tsdb';
import { reachOf } from './reach.ts';
import { bytesOf, cut, join, kept } from './splice.ts';

export interface RangeCacheOptions {
  /** The one that `changes` tells about; queries of another are not kept. */
  readonly querier: Querier;
  readonly changes: StoreChanges;
  /** For all answers together; the one used longest ago goes first. An answer of more than a quarter of it is not kept. */
  readonly maxBytes?: number;
  readonly monotonic: () => number;
  /** Answers that nobody has asked for so long go; default 10 min. */
  readonly idleMs?: number;
}

/** The engine's settings that a query without its own takes. */
export interface RangeDefaults {
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
}

export interface CacheCounts {
  /** Answered without computing a step. */
  hits: number;
  /** Answered with steps of both kinds. */
  extended: number;
  misses: number;
  /** Not safe to keep. */
  declined: number;
  evicted: number;
  stepsReused: number;
}

interface Entry {
  /** Of the store, when the steps held. */
  readonly mark: number;
  readonly startMs: number;
  /** The last step. */
  readonly lastMs: number;
  readonly series: readonly MatrixSeries[];
  bytes: number;
  usedAtMs: number;
}

/** The first and the last of the steps. */
interface Known {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Asked {
  readonly startMs: number;
  readonly lastMs: number;
  readonly stepMs: number;
  readonly aheadMs: number;
}

type Run = (request: RangeRequest) => Promise<QueryResult>;

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const DEFAULT_IDLE_MS = 600_000;
const LARGEST_SHARE = 4;
/** What is kept together covers so many times the range that was asked for last. */
const MOST_SPANS = 2;
/** Longer texts are not worth their keys. */
const MAX_QUERY_LENGTH = 20_000;

export class RangeCache {
  readonly #options: Required<RangeCacheOptions>;
  /** By query and grid, used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  readonly counts: CacheCounts = { hits: 0, extended: 0, misses: 0, declined: 0, evicted: 0, stepsReused: 0 };

  constructor(options: RangeCacheOptions) {
    this.#options = { maxBytes: DEFAULT_MAX_BYTES, idleMs: DEFAULT_IDLE_MS, ...options };
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** As `run(request)`, which is called for the steps that are not known; `expr` is the query's tree. */
  async range(request: RangeRequest, expr: Expr, defaults: RangeDefaults, run: Run): Promise<QueryResult> {
    const { querier, explain, query, startMs, stepMs } = request;
    const lastMs = startMs + Math.floor((request.endMs - startMs) / stepMs) * stepMs;
    const lookbackMs = request.lookbackMs ?? defaults.lookbackMs;
    const reach = reachOf(expr, lookbackMs, defaults.subqueryStepMs);
    const declined =
      typeof query !== 'string' || query.length > MAX_QUERY_LENGTH || querier !== this.#options.querier;
    if (declined || explain || !reach || lastMs <= startMs) {
      this.counts.declined++;
      return run(request);
    }
    this.#dropIdle();
    const key = `${stepMs} ${((startMs % stepMs) + stepMs) % stepMs} ${lookbackMs} ${query}`;
    const { changes } = this.#options;
    const mark = changes.mark();
    const entry = this.#entries.get(key);
    const firstReadMs = startMs - reach.backMs;
    const isSeen = firstReadMs >= changes.oldestMs();
    const asked = { startMs, lastMs, stepMs, aheadMs: reach.aheadMs };
    const known = entry && isSeen ? this.#knownOf(entry, asked) : undefined;
    if (!entry || !known) {
      this.counts.misses++;
      const result = await run(request);
      this.#keep(key, result, { mark, startMs, lastMs });
      return result;
    }
    this.counts.stepsReused += Math.round((known.toMs - known.fromMs) / stepMs) + 1;
    const reused = cut(entry.series, known.fromMs, known.toMs);
    if (known.fromMs === startMs && known.toMs === lastMs) {
      this.counts.hits++;
      this.#touch(key, entry);
      return answerOf(reused);
    }
    this.counts.extended++;
    if (known.fromMs === startMs) {
      const fresh = await run({ ...request, startMs: known.toMs + stepMs });
      const result = joined(fresh, join(reused, seriesOf(fresh)));
      this.#keep(key, result, { mark, startMs, lastMs });
      return result;
    }
    const fresh = await run({ ...request, endMs: known.fromMs - stepMs });
    // Someone may go on with the later steps, as long as those are not the most of it.
    const endMs = entry.lastMs - startMs <= MOST_SPANS * (lastMs - startMs) ? entry.lastMs : lastMs;
    const all = join(seriesOf(fresh), cut(entry.series, known.fromMs, endMs));
    this.#keep(key, joined(fresh, all), { mark: entry.mark, startMs, lastMs: endMs });
    return joined(fresh, cut(all, startMs, lastMs));
  }

  /** The steps of `entry` that may be used for what is asked; undefined when there are none, or steps on both sides are wanting. */
  #knownOf(entry: Entry, asked: Asked): Known | undefined {
    const { startMs, lastMs, stepMs, aheadMs } = asked;
    const fromMs = Math.max(startMs, entry.startMs);
    const until = Math.min(entry.lastMs, lastMs);
    if (fromMs > until) return undefined;
    const changedMs = this.#options.changes.earliestSince(entry.mark) - aheadMs;
    if (fromMs >= changedMs) return undefined;
    const toMs = until < changedMs ? until : fromMs + (Math.ceil((changedMs - fromMs) / stepMs) - 1) * stepMs;
    return fromMs > startMs && toMs < lastMs ? undefined : { fromMs, toMs };
  }

  #keep(key: string, result: QueryResult, held: Pick<Entry, 'mark' | 'startMs' | 'lastMs'>): void {
    this.#drop(key);
    if (result.warnings.length > 0 || result.infos.length > 0) return;
    const series = seriesOf(result);
    const bytes = entryBytes(key, series);
    if (bytes > this.#options.maxBytes / LARGEST_SHARE) return;
    this.#entries.set(key, { ...held, series: kept(series), bytes, usedAtMs: this.#options.monotonic() });
    this.#bytes += bytes;
    this.#makeRoom();
  }

  #makeRoom(): void {
    const { maxBytes } = this.#options;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxBytes) break;
      this.#drop(oldest);
      this.counts.evicted++;
    }
  }

  #touch(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    entry.usedAtMs = this.#options.monotonic();
    this.#entries.set(key, entry);
    // Its points may have been written since, and their texts are kept with it.
    const bytes = entryBytes(key, entry.series);
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    this.#makeRoom();
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  #dropIdle(): void {
    const oldestMs = this.#options.monotonic() - this.#options.idleMs;
    for (const [key, { usedAtMs }] of this.#entries) {
      if (usedAtMs >= oldestMs) return;
      this.#drop(key);
      this.counts.evicted++;
    }
  }
}

function entryBytes(key: string, series: readonly MatrixSeries[]): number {
  return bytesOf(series) + key.length * 2;
}

function joined(fresh: QueryResult, series: readonly MatrixSeries[]): QueryResult {
  return { ...fresh, value: { type: 'matrix', series } };
}

function seriesOf({ value }: QueryResult): readonly MatrixSeries[] {
  return value.type === 'matrix' ? value.series : [];
}

function answerOf(series: readonly MatrixSeries[]): QueryResult {
  const stats = { samples: 0, series: 0, queueMs: 0, evalMs: 0 };
  return { value: { type: 'matrix', series }, warnings: [], infos: [], stats };
}
