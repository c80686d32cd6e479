/** The *_over_time family, changes, resets, deriv, predict_linear, double_exponential_smoothing on floats. */

import { ExecutionError } from '../errors.ts';
import { KahanSum, kahanMean, kahanTotal } from '../eval/kahan.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { quote } from '../parser/go-strings.ts';
import { averageHistograms, countChanges, countResets, sumHistograms } from './histogram-over-time.ts';
import { mixedMessage } from './messages.ts';
import { quantileOf, quantileRangeMessage } from './quantile.ts';

/** Runs a float function; histograms beside floats are told about, alone they give nothing. */
function floatsOnly(least: number, run: (window: Window) => number): RangeFunction {
  return (window) => {
    const { floats } = window;
    if (floats > 0 && window.histogramCount > 0) {
      const name = quote(window.metricName);
      window.info(
        `ignored histograms in a range containing both floats and histograms for metric name ${name}`,
      );
    }
    return floats < least ? window.none() : run(window);
  };
}

function average(window: Window): number {
  const { values, weights, lo, hi } = window;
  if (!weights) return kahanMean(values, lo, hi);
  const sum = new KahanSum();
  for (let i = lo; i < hi; i++) sum.add(values[i]! * weights[i]!);
  return sum.total / window.weight;
}

function total({ values, lo, hi }: Window): number {
  return kahanTotal(values, lo, hi);
}

function extreme(better: (a: number, b: number) => boolean): (window: Window) => number {
  return ({ values, lo, hi }) => {
    let best = values[lo]!;
    for (let i = lo; i < hi; i++) if (better(values[i]!, best) || Number.isNaN(best)) best = values[i]!;
    return best;
  };
}

/** The index of the newest best value. */
function extremeTime(better: (a: number, b: number) => boolean): (window: Window) => number {
  return ({ times, values, lo, hi }) => {
    let at = lo;
    for (let i = lo; i < hi; i++) if (better(values[i]!, values[at]!) || Number.isNaN(values[at]!)) at = i;
    return times[at]! / 1000;
  };
}

function variance({ values, lo, hi }: Window): number {
  const mean = new KahanSum();
  const squares = new KahanSum();
  for (let i = lo; i < hi; i++) {
    const delta = values[i]! - mean.total;
    mean.add(delta / (i - lo + 1));
    squares.add(delta * (values[i]! - mean.total));
  }
  return squares.total / (hi - lo);
}

function medianDeviation({ values, lo, hi }: Window): number {
  for (let i = lo; i < hi; i++) if (Number.isNaN(values[i]!)) return Number.NaN;
  const median = quantileOf(0.5, values.slice(lo, hi));
  return quantileOf(
    0.5,
    values.slice(lo, hi).map((value) => Math.abs(value - median)),
  );
}

function regression(
  { times, values, lo, hi }: Window,
  interceptMs: number,
): { slope: number; intercept: number } {
  const first = values[lo]!;
  let constant = true;
  const [x, y, xy, xx] = [new KahanSum(), new KahanSum(), new KahanSum(), new KahanSum()];
  for (let i = lo; i < hi; i++) {
    const value = values[i]!;
    if (value !== first && i > lo) constant = false;
    const seconds = (times[i]! - interceptMs) / 1000;
    x.add(seconds);
    y.add(value);
    xy.add(seconds * value);
    xx.add(seconds * seconds);
  }
  if (constant) {
    const infinite = Math.abs(first) === Number.POSITIVE_INFINITY;
    return infinite ? { slope: Number.NaN, intercept: Number.NaN } : { slope: 0, intercept: first };
  }
  const n = hi - lo;
  const slope = (xy.total - (x.total * y.total) / n) / (xx.total - (x.total * x.total) / n);
  return { slope, intercept: y.total / n - (slope * x.total) / n };
}

function smoothing(window: Window): number {
  const { values, lo, hi, param: level, param2: trendFactor } = window;
  let previous = 0;
  let smoothed = values[lo]!;
  let trend = values[lo + 1]! - values[lo]!;
  for (let i = lo + 1; i < hi; i++) {
    if (i > lo + 1) trend = trendFactor * (smoothed - previous) + (1 - trendFactor) * trend;
    const next = level * values[i]! + (1 - level) * (smoothed + trend);
    previous = smoothed;
    smoothed = next;
  }
  return smoothed;
}

function checkFactor(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  const letter = name === 'smoothing' ? 'sf' : 'tf';
  throw new ExecutionError(`invalid ${name} factor. Expected: 0 <= ${letter} <= 1, got: ${value.toFixed(6)}`);
}

/** The newest or oldest sample of either kind. */
function edge(newest: boolean): RangeFunction {
  return (window) => {
    const { times, values, histogramTimes, histograms } = window;
    const f = newest ? window.hi - 1 : window.lo;
    const h = newest ? window.histogramHi - 1 : window.histogramLo;
    if (window.floats === 0 && window.histogramCount === 0) return window.none();
    const histogramWins =
      window.histogramCount > 0 && (window.floats === 0 || newest === histogramTimes[h]! > times[f]!);
    return histogramWins ? window.answer(histograms[h]!) : values[f]!;
  };
}

function edgeTime(newest: boolean): RangeFunction {
  return (window) => {
    const value = edge(newest)(window);
    if (window.kind === 0) return value;
    const floatMs = window.floats > 0 ? window.times[newest ? window.hi - 1 : window.lo]! : undefined;
    const h = newest ? window.histogramHi - 1 : window.histogramLo;
    const histogramMs = window.histogramCount > 0 ? window.histogramTimes[h]! : undefined;
    const wins = window.kind === 2 ? histogramMs : floatMs;
    window.kind = 1;
    return wins! / 1000;
  };
}

function combined(run: (window: Window) => number, onHistograms: (window: Window) => number): RangeFunction {
  return (window) => {
    if (window.floats > 0 && window.histogramCount > 0) {
      window.warn(mixedMessage(window.metricName));
      return window.none();
    }
    if (window.histogramCount > 0) return onHistograms(window);
    return window.floats === 0 ? window.none() : run(window);
  };
}

const present: RangeFunction = (window) => (window.floats + window.histogramCount > 0 ? 1 : window.none());

const above = (a: number, b: number): boolean => a > b;
const below = (a: number, b: number): boolean => a < b;
const notBelow = (a: number, b: number): boolean => a >= b;
const notAbove = (a: number, b: number): boolean => a <= b;

export const overTimeFunctions: Readonly<Record<string, RangeFunction>> = {
  avg_over_time: combined(average, averageHistograms),
  sum_over_time: combined(total, sumHistograms),
  count_over_time: (window) => (present(window) ? window.weight + window.histogramCount : 0),
  present_over_time: present,
  last_over_time: edge(true),
  first_over_time: edge(false),
  ts_of_last_over_time: edgeTime(true),
  ts_of_first_over_time: edgeTime(false),
  min_over_time: floatsOnly(1, extreme(below)),
  max_over_time: floatsOnly(1, extreme(above)),
  ts_of_min_over_time: floatsOnly(1, extremeTime(notAbove)),
  ts_of_max_over_time: floatsOnly(1, extremeTime(notBelow)),
  stdvar_over_time: floatsOnly(1, variance),
  stddev_over_time: floatsOnly(1, (window) => Math.sqrt(variance(window))),
  mad_over_time: floatsOnly(1, medianDeviation),
  quantile_over_time: floatsOnly(1, (window) => {
    if (!(window.param >= 0 && window.param <= 1))
      window.annotations.warn(quantileRangeMessage(window.param), window.paramSpan);
    return quantileOf(window.param, window.values.slice(window.lo, window.hi));
  }),
  deriv: floatsOnly(2, (window) => regression(window, window.times[window.lo]!).slope),
  predict_linear: floatsOnly(2, (window) => {
    const { slope, intercept } = regression(window, window.evalMs);
    return slope * window.param + intercept;
  }),
  double_exponential_smoothing: (window) => {
    checkFactor('smoothing', window.param);
    checkFactor('trend', window.param2);
    return floatsOnly(2, smoothing)(window);
  },
  changes: countChanges,
  resets: countResets,
};
