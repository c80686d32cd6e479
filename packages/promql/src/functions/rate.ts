/**
 * rate, increase, delta, irate, idelta on floats.
 * Extrapolation: https://prometheus.io/docs/prometheus/latest/querying/functions/#increase. To the window's border when
 * the first (last) sample is nearer than 1.1 average distances, else by half a distance; a counter never below zero.
 */

import type { RangeFunction, Window } from '../eval/window.ts';
import { addHistograms, compatible, multiplyHistogram, withHint } from '../histogram/arithmetic.ts';
import { quote } from '../parser/go-strings.ts';
import { histogramDelta, instantHistogram } from './histogram-rate.ts';
import { mixedMessage, mixedSchemasMessage, reconciledMessage } from './messages.ts';
import { noteOverlap, type Starts, startedAnew, startWithin } from './start-timestamps.ts';

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

export function noteNonCounter(window: Window): void {
  if (window.noted) return;
  window.noted = true;
  const name = window.metricName;
  if (name === '' || COUNTER_SUFFIX.test(name)) return;
  window.info(
    `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(name)}`,
  );
}

function extrapolated(isCounter: boolean, isRate: boolean): RangeFunction {
  return (window) => {
    const { floats, histogramCount } = window;
    if (floats > 0 && histogramCount > 0) {
      window.warn(mixedMessage(window.metricName));
      return window.none();
    }
    if (histogramCount > 0) return extrapolatedHistogram(window, isCounter, isRate);
    if (floats === 0) return window.none();
    const { times, values, lo, hi } = window;
    const samples: Starts = { times, starts: window.startTimes };
    const startMs = isCounter ? startWithin(window, samples, lo) : undefined;
    if (floats < 2 && startMs === undefined) return window.none();
    if (isCounter) noteNonCounter(window);
    const first = values[lo]!;
    let delta = values[hi - 1]! - first;
    if (isCounter) {
      noteOverlap(window, samples, lo, hi);
      const from = samples.starts ? lo + 1 : window.resetAt;
      for (let i = from; i < hi; i++) {
        if (values[i]! < values[i - 1]! || startedAnew(samples, i)) delta += values[i - 1]!;
      }
    }
    if (startMs !== undefined) delta += first;
    const ends = { firstMs: times[lo]!, lastMs: times[hi - 1]!, count: floats, startMs };
    return delta * factorOf(window, ends, isCounter, isRate, first, delta);
  };
}

function extrapolatedHistogram(window: Window, isCounter: boolean, isRate: boolean): number {
  const { histogramTimes: times, histogramLo: lo, histogramHi: hi } = window;
  const first = window.histograms[lo]!;
  const starts = { times, starts: window.histogramStartTimes };
  const startMs = isCounter ? startWithin(window, starts, lo) : undefined;
  if (hi - lo < 2 && startMs === undefined) return window.none();
  let delta = hi - lo > 1 ? histogramDelta(window, isCounter) : undefined;
  if (hi - lo > 1 && !delta) return window.none();
  if (startMs !== undefined) {
    if (delta && !compatible(delta, first)) {
      window.warn(mixedSchemasMessage(window.metricName));
      return window.none();
    }
    const sum = delta && addHistograms(delta, first);
    if (sum?.boundsReconciled) window.info(reconciledMessage('addition'));
    delta = sum ? withHint(sum.histogram, 'gauge') : first;
  }
  const ends = { firstMs: times[lo]!, lastMs: times[hi - 1]!, count: hi - lo, startMs };
  const factor = factorOf(window, ends, isCounter, isRate, first.count, delta!.count);
  return window.answer(multiplyHistogram(delta!, factor));
}

interface Ends {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Samples. */
  readonly count: number;
  /** Where the counter stood at zero; then nothing is extrapolated to the left. */
  readonly startMs: number | undefined;
}

function factorOf(
  window: Window,
  { firstMs, lastMs, count, startMs }: Ends,
  isCounter: boolean,
  isRate: boolean,
  first: number,
  delta: number,
): number {
  let sampled = (lastMs - firstMs) / 1000;
  const average = count > 1 ? sampled / (count - 1) : 0;
  const threshold = average * 1.1;
  let toStart = (firstMs - window.startMs) / 1000;
  let toEnd = (window.endMs - lastMs) / 1000;
  if (startMs !== undefined) {
    toStart = 0;
    sampled = (lastMs - startMs) / 1000;
  } else {
    if (toStart >= threshold) toStart = average / 2;
    if (isCounter) {
      const toZero = delta > 0 && first >= 0 ? sampled * (first / delta) : toStart;
      if (toZero < toStart) toStart = toZero;
    }
  }
  if (toEnd >= threshold) toEnd = average / 2;
  const factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  return isRate ? factor / (window.rangeMs / 1000) : factor;
}

function instant(isRate: boolean): RangeFunction {
  return (window) => {
    const { floats, histogramCount, times, values, hi } = window;
    if (floats + histogramCount < 2) return window.none();
    if (histogramCount > 0) {
      const answer = instantHistogram(window, isRate);
      if (!Number.isNaN(answer)) return answer;
    }
    const last = values[hi - 1]!;
    const previous = values[hi - 2]!;
    const seconds = (times[hi - 1]! - times[hi - 2]!) / 1000;
    if (seconds === 0) return window.none();
    if (!isRate) return last - previous;
    const anew = startedAnew({ times, starts: window.startTimes }, hi - 1);
    return (last < previous || anew ? last : last - previous) / seconds;
  };
}

export const rateFunctions: Readonly<Record<string, RangeFunction>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: instant(true),
  idelta: instant(false),
};
