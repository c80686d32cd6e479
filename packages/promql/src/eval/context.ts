/** What one running query shares: its times, settings, budget, and the pauses that let the event loop breathe. */
import type { Clock, Querier, SeriesSet, StoreCut } from '@watchroom/model';
import type { AnnotationCollector } from '../annotations.ts';
import { QueryCanceledError, QueryTimeoutError, TooManySamplesError } from '../errors.ts';
import type { EvalObserver } from '../explain.ts';
import type { SharedResults } from './shared.ts';
import { nextTurn } from './turns.ts';

export interface ContextOptions {
  readonly querier: Querier;
  readonly annotations: AnnotationCollector;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly lookbackMs: number;
  readonly delayedNameRemoval: boolean;
  readonly metadataLabels: boolean;
  readonly startTimestamps: boolean;
  readonly maxSamples: number;
  /** On the clock's monotonic time. */
  readonly deadlineMs: number;
  readonly defaultSubqueryStepMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly observer: EvalObserver | undefined;
  readonly shared: SharedResults | undefined;
  /** Its pauses are shorter than those of queries that can wait. */
  readonly inAHurry: boolean;
}

/** Work between two pauses, ms. */
const SLICE_MS = 5;
/** Steps and samples between two looks at the clock. */
const LOOK_EVERY = 8_192;
/** What a series costs beside its samples, in samples. */
const SERIES_WORK = 32;
/** Steps of columns, most of them without a value, per sample of the budget. */
const HELD_PER_SAMPLE = 4;

export class EvalContext {
  readonly querier: Querier;
  readonly annotations: AnnotationCollector;
  readonly signal: AbortSignal | undefined;
  readonly lookbackMs: number;
  readonly delayed: boolean;
  readonly metadataLabels: boolean;
  readonly startTimestamps: boolean;
  readonly defaultSubqueryStepMs: number;
  /** The query's own times, also inside subqueries. */
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  /** Set while a query is explained: sees each node's evaluation. */
  readonly observer: EvalObserver | undefined;
  /** Set when other queries of this time have parts in common with this one. */
  readonly shared: SharedResults | undefined;
  /** Set under histogram_count and the like: resets are found on the fly. */
  detectsResets = false;
  samples = 0;
  series = 0;
  readonly #clock: Clock;
  readonly #inAHurry: boolean;
  readonly #maxSamples: number;
  readonly #deadlineMs: number;
  #sliceEndMs: number;
  #work = 0;
  #cut: StoreCut | undefined;
  /** Steps of all columns so far. */
  #held = 0;

  constructor(options: ContextOptions) {
    this.querier = options.querier;
    this.annotations = options.annotations;
    this.signal = options.signal;
    this.lookbackMs = options.lookbackMs;
    this.delayed = options.delayedNameRemoval;
    this.metadataLabels = options.metadataLabels;
    this.startTimestamps = options.startTimestamps;
    this.defaultSubqueryStepMs = options.defaultSubqueryStepMs;
    this.startMs = options.startMs;
    this.endMs = options.endMs;
    this.stepMs = options.stepMs;
    this.observer = options.observer;
    this.shared = options.shared;
    this.#clock = options.clock;
    this.#inAHurry = options.inAHurry;
    this.#maxSamples = options.maxSamples;
    this.#deadlineMs = options.deadlineMs;
    this.#sliceEndMs = options.clock.monotonic() + SLICE_MS;
  }

  /** Counts samples against the budget. */
  spend(samples: number): void {
    this.samples += samples;
    this.#work += samples;
    if (this.samples > this.#maxSamples) throw new TooManySamplesError();
  }

  /**
   * Counts the room of a column, before it is made: its steps, with values or not. Throws when the query is past its deadline
   * or would take more room than fits the budget of samples.
   */
  hold(steps: number): void {
    this.#held += steps;
    if (this.#held > this.#maxSamples * HELD_PER_SAMPLE) throw new TooManySamplesError();
    if (this.isDueAfter(1, steps)) this.check();
  }

  /** What the store held when the query gave up the thread for the first time. */
  get cut(): StoreCut | undefined {
    return this.#cut;
  }

  /** To be called when nothing is read any more. */
  end(): void {
    this.#cut?.release();
    this.#cut = undefined;
  }

  /** As `due`, after the work on some series and `steps` beside the samples that have been counted: cheap in loops. */
  isDueAfter(series: number, steps = 0): boolean {
    this.#work += series * SERIES_WORK + steps;
    return this.#work >= LOOK_EVERY && this.due;
  }

  /** Whether it is time to call `pause`. */
  get due(): boolean {
    this.#work = 0;
    return this.#clock.monotonic() >= this.#sliceEndMs;
  }

  /** Lets other work run; throws when the query has been cancelled or is past its deadline. `reading` goes on afterwards. */
  async pause(reading?: SeriesSet): Promise<void> {
    this.#cut ??= this.querier.cut?.();
    reading?.hold(this.#cut);
    await nextTurn(this.#inAHurry);
    this.check();
    this.#sliceEndMs = this.#clock.monotonic() + SLICE_MS;
  }

  check(): void {
    if (this.signal?.aborted) throw new QueryCanceledError();
    if (this.#clock.monotonic() > this.#deadlineMs) throw new QueryTimeoutError();
  }
}
