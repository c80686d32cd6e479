/** Runs a range function over all windows of a series; the inner loop of most queries, so it stays synchronous. */
import type { Labels, SeriesEnds } from '@watchroom/model';
import { noteNonCounter } from '../functions/rate.ts';
import { RateSteps } from '../functions/rate-column.ts';
import { ABSENT, type Column, FLOAT, type Grid, setHistogram } from './column.ts';
import { extendedWindow, type Mode } from './extended.ts';
import type { RangeSeries } from './select.ts';
import type { RangeFunction, Window } from './window.ts';

export interface WindowPlan {
  readonly grid: Grid;
  readonly run: RangeFunction;
  readonly func: string;
  readonly mode: Mode | undefined;
  /** Whether the series have one metric name. */
  readonly hasOneName: boolean;
  readonly lookbackMs: number;
  readonly rangeMs: number;
  /** End of the first window, and the way from one to the next (0 when `@` holds it). */
  readonly firstEndMs: number;
  readonly advanceMs: number;
  readonly params: readonly Float64Array[];
  /** Throws when the query is past its deadline. */
  readonly check: () => void;
}

/** Samples in the windows looked at between two looks at the deadline. */
const CHECK_EVERY = 100_000;

const RATES: ReadonlySet<string> = new Set(['rate', 'increase', 'delta']);

export class Windows {
  readonly #plan: WindowPlan;
  readonly #window: Window;
  /** What has been told of one series holds for all: they have one name, or nothing is told. */
  #isNoted = false;
  readonly #fast: RateSteps | undefined;

  constructor(plan: WindowPlan, window: Window) {
    this.#plan = plan;
    this.#window = window;
    this.#fast = fastOf(plan);
  }

  /** Fills a column that is absent everywhere; gives how many windows have a value. */
  fill(column: Column, series: RangeSeries): number {
    if (!this.#fast || series.histograms || series.startTimes) return this.#each(column, series);
    const found = this.#fast.fill(column, series.times, series.values);
    if (found > 0 && !this.#isNoted) this.#note(series.labels);
    return found;
  }

  /** Whether the ends of a counter without resets are enough. */
  get takesEnds(): boolean {
    return this.#fast !== undefined && this.#plan.grid.count === 1;
  }

  /** The value of each of some counters without resets; undefined when none has one. Good until the next call. */
  ofEnds(ends: SeriesEnds): Float64Array | undefined {
    const values = this.#fast!.ofEnds(ends);
    for (let k = 0; values && k < ends.count && !this.#isNoted; k++) this.#note(ends.labelsOf(k));
    return values;
  }

  #note({ metricName }: Labels): void {
    const window = this.#window;
    this.#isNoted = this.#plan.func === 'delta' || this.#plan.hasOneName;
    if (this.#plan.func === 'delta') return;
    window.metricName = metricName;
    window.noted = false;
    noteNonCounter(window);
  }

  #each(column: Column, series: RangeSeries): number {
    const { grid, mode, rangeMs, firstEndMs, advanceMs, params } = this.#plan;
    const plan = this.#plan;
    const window = this.#window;
    const { kinds, values } = column;
    const [param, param2] = params;
    window.open(series);
    let found = 0;
    let seen = 0;
    for (let i = 0; i < kinds.length; i++) {
      const endMs = firstEndMs + i * advanceMs;
      window.move(endMs - rangeMs, endMs);
      if (!mode && window.hi === window.lo && window.histogramHi === window.histogramLo) continue;
      seen += window.hi - window.lo + window.histogramHi - window.histogramLo;
      if (seen > CHECK_EVERY) {
        plan.check();
        seen = 0;
      }
      window.evalMs = grid.startMs + i * grid.stepMs;
      if (param) window.param = param[i]!;
      if (param2) window.param2 = param2[i]!;
      window.kind = FLOAT;
      const value = mode
        ? extendedWindow(window, series, mode, plan.func, plan.lookbackMs)
        : plan.run(window);
      if (window.kind === ABSENT) continue;
      found++;
      if (window.kind === FLOAT) {
        kinds[i] = FLOAT;
        values[i] = value;
      } else setHistogram(column, i, window.histogram!);
    }
    return found;
  }
}

function fastOf({ grid, func, mode, rangeMs, firstEndMs, advanceMs }: WindowPlan): RateSteps | undefined {
  if (mode || !RATES.has(func)) return undefined;
  const isCounter = func !== 'delta';
  return new RateSteps({
    count: grid.count,
    rangeMs,
    firstEndMs,
    advanceMs,
    isCounter,
    isRate: func === 'rate',
  });
}
