/**
 * One query for all who subscribed to it.
 *
 * A feed that may reach the query asks for an evaluation: the first one within FIRST_MS, later ones no closer than
 * max(MIN_GAP_MS, 10 × the cost of the last), and, where many queries are evaluated, so far apart that all of them
 * together take LOAD_SHARE of a core (but at most MAX_LOAD_GAP_MS). Without any feed, one comes after the step (1–15 s), so that gaps and the
 * end of the lookback appear.
 *
 * Which grid points are evaluated again: those from the earliest sample fed since the last time (a scrape that began
 * before a grid time may land after it: its event says when it began), those not evaluated yet, and those younger than
 * the settle time, for samples that carry times of their own. All others are final.
 */
import type { QuerySpec, WireBlock, WireHead, WireSeries } from '@watchroom/contract';
import type { Clock, FeedEvent, Timer } from '@watchroom/model';
import { type Evaluate, type Evaluated, type FeedFilter, feedsQuery, LiveProblem } from './evaluate.ts';
import { type Changes, GridColumns } from './grid-columns.ts';
import { LateChanges } from './late-changes.ts';
import type { LiveObserver, LiveStats } from './stats.ts';

const FIRST_MS = 20;
const MIN_GAP_MS = 100;
const COST_FACTOR = 10;
const LOAD_SHARE = 0.3;
const MAX_LOAD_GAP_MS = 700;
const MIN_IDLE_MS = 1000;
const MAX_IDLE_MS = 15_000;
const RETRY_FAILED_MS = 2000;

/** Points younger than this are evaluated again. */
export const SETTLE_MS = 2000;
/** After a restart: what the killed server may have shown and not have stored (2 s), with a margin. */
const RESTART_OVERLAP_MS = 10_000;

/** What one evaluation brought, ready to be sent. */
export interface Update {
  /** All that was held before is void: the next frame must be a snapshot. */
  readonly reset: boolean;
  /** Earliest changed grid time; Infinity when none changed. */
  readonly changedFromMs: number;
  readonly series: readonly WireSeries[];
  readonly removed: readonly number[];
  readonly block: WireBlock | undefined;
  readonly head: WireHead | undefined;
  readonly fedAtMs: number | undefined;
  readonly warnings: readonly string[] | undefined;
}

export interface QueryListener {
  updated(update: Update): void;
  failed(problem: LiveProblem): void;
}

export interface SharedQueryOptions {
  readonly spec: QuerySpec;
  readonly filter: FeedFilter;
  readonly clock: Clock;
  readonly evaluate: Evaluate;
  readonly stats: LiveStats;
  readonly observer: LiveObserver;
  /** What one evaluation of each shared query costs, all together, in ms. */
  readonly roundCostMs: () => number;
  /** Whether the window may grow to so many cells. */
  readonly allowCells: (cells: number, before: number) => boolean;
}

export class SharedQuery {
  readonly spec: QuerySpec;
  readonly columns: GridColumns;
  readonly listeners = new Set<QueryListener>();
  /** Whether a first evaluation has succeeded. */
  ready = false;
  warnings: readonly string[] = [];
  fedAtMs: number | undefined;
  /** The last evaluation's failure; undefined when it succeeded. */
  problem: LiveProblem | undefined;
  cells = 0;
  /** Of the last evaluation, in ms. */
  costMs = 0;
  readonly #options: SharedQueryOptions;
  readonly #late = new LateChanges();
  #timer: Timer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #running = false;
  #closed = false;
  #lastStartAt = Number.NEGATIVE_INFINITY;
  #gapMs = MIN_GAP_MS;
  #fed: { fromMs: number; endedAtMs: number; sampleTimeMs: number } | undefined;
  #openFromMs = Number.NEGATIVE_INFINITY;
  #newestSampleMs = Number.NEGATIVE_INFINITY;
  #headMs = Number.NEGATIVE_INFINITY;

  constructor(options: SharedQueryOptions) {
    this.#options = options;
    this.spec = options.spec;
    const { windowMs, stepMs } = options.spec;
    this.columns = new GridColumns(windowMs > 0 ? Math.floor(windowMs / stepMs) + 1 : 0, stepMs);
  }

  start(): void {
    this.#schedule(0);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#options.allowCells(0, this.cells);
    this.cells = 0;
  }

  feed(event: FeedEvent): void {
    if (this.#closed || !feedsQuery(this.#options.filter, event)) return;
    const oldestMs = Math.min(event.sampleTimeMs, event.oldestTimeMs ?? event.sampleTimeMs);
    const fromMs = oldestMs - (this.#options.filter.aheadMs ?? 0);
    const { endedAtMs, sampleTimeMs } = event;
    this.#addFed({ fromMs, endedAtMs, sampleTimeMs });
    const clock = this.#options.clock.monotonic();
    this.#schedule(Math.max(FIRST_MS, this.#lastStartAt + this.#gapMs - clock));
  }

  /**
   * The first grid time that a client lacks who holds everything up to `toMs` as it was then; undefined when it is
   * better off with a snapshot.
   */
  fillFrom(toMs: number, sameEpoch: boolean): number | undefined {
    const { fromMs, stepMs, capacity } = this.columns;
    if (capacity === 0 || toMs < fromMs || toMs > this.columns.toMs) return undefined;
    const aheadMs = this.#options.filter.aheadMs ?? 0;
    const overlapMs = (sameEpoch ? SETTLE_MS : RESTART_OVERLAP_MS) + stepMs + aheadMs;
    const wantedMs = Math.min(toMs - overlapMs, this.#late.since(toMs));
    return Math.max(fromMs, Math.floor(wantedMs / stepMs) * stepMs);
  }

  #addFed(fed: { fromMs: number; endedAtMs: number; sampleTimeMs: number }): void {
    const known = this.#fed;
    this.#fed = known
      ? {
          fromMs: Math.min(known.fromMs, fed.fromMs),
          endedAtMs: Math.max(known.endedAtMs, fed.endedAtMs),
          sampleTimeMs: Math.max(known.sampleTimeMs, fed.sampleTimeMs),
        }
      : fed;
  }

  #schedule(inMs: number): void {
    const at = this.#options.clock.monotonic() + inMs;
    if (this.#closed || this.#running || at >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = at;
    this.#timer = this.#options.clock.after(inMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    const { clock, stats, observer } = this.#options;
    const fed = this.#fed;
    this.#fed = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#running = true;
    this.#lastStartAt = clock.monotonic();
    stats.evaluations++;
    if (!fed && this.ready) stats.idleEvaluations++;
    let failure: LiveProblem | undefined;
    let reportedMs: number | undefined;
    try {
      reportedMs = await this.#evaluate(fed);
    } catch (error) {
      failure = this.#toProblem(error);
      if (fed) this.#addFed(fed);
    }
    const tookMs = clock.monotonic() - this.#lastStartAt;
    this.costMs = reportedMs ?? tookMs;
    stats.evaluationSeconds += this.costMs / 1000;
    observer.evaluated?.(this.costMs / 1000, !failure);
    const loadGapMs = Math.min(MAX_LOAD_GAP_MS, this.#options.roundCostMs() / LOAD_SHARE);
    this.#gapMs = Math.max(MIN_GAP_MS, this.costMs * COST_FACTOR, loadGapMs);
    this.#running = false;
    if (this.#closed) return;
    this.#settleFailure(failure);
    this.#next(failure, tookMs);
  }

  #next(failure: LiveProblem | undefined, costMs: number): void {
    const idleMs = Math.min(MAX_IDLE_MS, Math.max(MIN_IDLE_MS, this.spec.stepMs)) + FIRST_MS;
    if (failure) this.#schedule(Math.max(RETRY_FAILED_MS, this.#gapMs - costMs));
    else if (this.#fed) this.#schedule(Math.max(FIRST_MS, this.#gapMs - costMs));
    else this.#schedule(Math.max(idleMs, this.#gapMs) - costMs);
  }

  #settleFailure(failure: LiveProblem | undefined): void {
    this.problem = failure;
    if (!failure) return;
    this.#options.stats.evaluationFailures++;
    for (const listener of [...this.listeners]) listener.failed(failure);
  }

  #toProblem(error: unknown): LiveProblem {
    if (error instanceof LiveProblem) return error;
    this.#options.observer.unexpected?.(error);
    return new LiveProblem('execution', 'The query could not be evaluated; the server log says why.');
  }

  async #evaluate(
    fed: { fromMs: number; endedAtMs: number; sampleTimeMs: number } | undefined,
  ): Promise<number | undefined> {
    const { spec, columns } = this;
    const { stepMs } = spec;
    const nowMs = this.#options.clock.now();
    const gridMs = Math.floor(nowMs / stepMs) * stepMs;
    const reset = columns.toMs > gridMs + stepMs + MAX_IDLE_MS;
    if (reset) this.#startAnew();
    const newestSampleMs = Math.max(this.#newestSampleMs, fed?.sampleTimeMs ?? Number.NEGATIVE_INFINITY);
    const headMs =
      spec.head === 'cell' ? gridMs + stepMs : this.#headTime(nowMs, newestSampleMs, fed !== undefined);
    const fromMs = this.#firstToEvaluate(gridMs, fed?.fromMs);
    const [range, instant] = await this.#ask(fromMs, gridMs, headMs);
    if (this.#closed) return undefined;
    this.#ensureRoom(range, instant);
    columns.slideTo(gridMs);
    const changes = range ? columns.write(fromMs, gridMs, range.series) : NO_CHANGES;
    const broughtByHead = columns.setHead(headMs, instant.series);
    const removed = columns.dropEmpty();
    const settled = Math.floor((nowMs - SETTLE_MS - (this.#options.filter.aheadMs ?? 0)) / stepMs) * stepMs;
    this.#openFromMs = settled + stepMs;
    this.#newestSampleMs = newestSampleMs;
    this.#headMs = headMs;
    this.fedAtMs = fed?.endedAtMs ?? this.fedAtMs;
    const changedFromMs = changes.times[0] ?? Number.POSITIVE_INFINITY;
    if (this.ready && changedFromMs < gridMs - SETTLE_MS - stepMs) this.#late.add(nowMs, changedFromMs);
    this.ready = true;
    const warnings = this.#newWarnings(range, instant);
    this.#tell({ reset, changes, broughtByHead, removed, changedFromMs, fedAtMs: fed?.endedAtMs, warnings });
    return reportedCost(range, instant);
  }

  /** The server's clock was set back by more than a little: the grid times held lie in the future. */
  #startAnew(): void {
    this.columns.clear();
    this.ready = false;
    this.#openFromMs = Number.NEGATIVE_INFINITY;
    this.#newestSampleMs = Number.NEGATIVE_INFINITY;
    this.#headMs = Number.NEGATIVE_INFINITY;
  }

  /** At the newest sample that feeds the query; without a feed, now, so that what ended is seen to end. */
  #headTime(nowMs: number, newestSampleMs: number, isFed: boolean): number {
    const wantedMs = isFed ? Math.min(nowMs, newestSampleMs) : nowMs;
    return Math.max(wantedMs, this.#headMs);
  }

  #firstToEvaluate(gridMs: number, fedFromMs: number | undefined): number {
    const { stepMs, capacity } = this.columns;
    const oldestMs = gridMs - Math.max(0, capacity - 1) * stepMs;
    if (!this.ready) return oldestMs;
    const fedGridMs =
      fedFromMs === undefined ? Number.POSITIVE_INFINITY : Math.ceil(fedFromMs / stepMs) * stepMs;
    return Math.max(oldestMs, Math.min(this.#openFromMs, this.columns.toMs + stepMs, fedGridMs));
  }

  /** The grid points in [fromMs, gridMs], if any, and the head; for cells the head is the last of one range. */
  async #ask(fromMs: number, gridMs: number, headMs: number): Promise<[Evaluated | undefined, Evaluated]> {
    const { spec } = this;
    const { evaluate } = this.#options;
    const { stepMs } = spec;
    if (this.columns.capacity === 0 || fromMs > gridMs)
      return [undefined, await evaluate(spec, { timeMs: headMs })];
    if (spec.head === 'cell') {
      const range = await evaluate(spec, { startMs: fromMs, endMs: headMs, stepMs });
      return [range, range];
    }
    return await Promise.all([
      evaluate(spec, { startMs: fromMs, endMs: gridMs, stepMs }),
      evaluate(spec, { timeMs: headMs }),
    ]);
  }

  #ensureRoom(range: Evaluated | undefined, instant: Evaluated): void {
    const most = Math.max(range?.series.length ?? 0, instant.series.length, this.columns.seriesCount);
    const cells = most * Math.max(1, this.columns.capacity);
    if (!this.#options.allowCells(cells, this.cells)) {
      const advice = 'Aggregate, narrow the selector, or choose a shorter window.';
      throw new LiveProblem(
        'limit',
        `The query gives ${most} series × ${this.columns.capacity} points. ${advice}`,
      );
    }
    this.cells = cells;
  }

  #newWarnings(range: Evaluated | undefined, instant: Evaluated): readonly string[] | undefined {
    const warnings = [...new Set([...(range?.warnings ?? []), ...(instant.warnings ?? [])])];
    if (warnings.length === this.warnings.length && warnings.every((text, i) => text === this.warnings[i]))
      return undefined;
    this.warnings = warnings;
    return warnings;
  }

  #tell(brought: {
    reset: boolean;
    changes: Changes;
    broughtByHead: readonly WireSeries[];
    removed: readonly number[];
    changedFromMs: number;
    fedAtMs: number | undefined;
    warnings: readonly string[] | undefined;
  }): void {
    const { changes, removed } = brought;
    const gone = new Set(removed);
    const created = [...changes.created, ...brought.broughtByHead];
    const update: Update = {
      reset: brought.reset,
      changedFromMs: brought.changedFromMs,
      series: created.filter(({ key }) => !gone.has(key)),
      removed,
      block: this.columns.changedBlock(changes),
      head: this.columns.head(),
      fedAtMs: brought.fedAtMs,
      warnings: brought.warnings,
    };
    for (const listener of [...this.listeners]) listener.updated(update);
  }
}

/** Undefined when the engine did not say. A range that also holds the head counts once. */
function reportedCost(range: Evaluated | undefined, instant: Evaluated): number | undefined {
  if (instant.costMs === undefined) return undefined;
  return instant.costMs + (range && range !== instant ? (range.costMs ?? 0) : 0);
}

const NO_CHANGES: Changes = { times: [], keys: [], created: [] };
