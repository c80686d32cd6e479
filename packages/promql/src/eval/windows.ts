/** Runs a range function over all windows of a series; the inner loop of most queries, so it stays synchronous. */
import { noteNonCounter } from '../functions/rate.ts';
import { fillRate } from '../functions/rate-column.ts';
import { ABSENT, type Column, FLOAT, type Grid, newColumn, setHistogram } from './column.ts';
import { extendedWindow, type Mode } from './extended.ts';
import type { RangeSeries } from './select.ts';
import type { RangeFunction, Window } from './window.ts';

export interface WindowPlan {
  readonly grid: Grid;
  readonly run: RangeFunction;
  readonly func: string;
  readonly mode: Mode | undefined;
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

/** Undefined when no window gives a value. */
export function overWindows(plan: WindowPlan, window: Window, series: RangeSeries): Column | undefined {
  const { grid, mode, rangeMs, firstEndMs, advanceMs, params } = plan;
  const column = newColumn(series.labels, grid.count, series.dropName);
  const { kinds, values } = column;
  const [param, param2] = params;
  window.open(series);
  if (!mode && !series.histograms && !series.startTimes && RATES.has(plan.func)) {
    const isCounter = plan.func !== 'delta';
    const windows = { times: series.times, values: series.values, rangeMs, firstEndMs, advanceMs };
    if (fillRate(column, { ...windows, isCounter, isRate: plan.func === 'rate' }) === 0) return undefined;
    if (isCounter) noteNonCounter(window);
    return column;
  }
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
    const value = mode ? extendedWindow(window, series, mode, plan.func, plan.lookbackMs) : plan.run(window);
    if (window.kind === ABSENT) continue;
    found++;
    if (window.kind === FLOAT) {
      kinds[i] = FLOAT;
      values[i] = value;
    } else setHistogram(column, i, window.histogram!);
  }
  return found > 0 ? column : undefined;
}
