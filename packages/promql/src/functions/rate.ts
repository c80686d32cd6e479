/**
 * rate, increase, delta, irate, idelta on floats.
 * Extrapolation: https://prometheus.io/docs/prometheus/latest/querying/functions/#increase. To the window's border when
 * the first (last) sample is nearer than 1.1 average distances, else by half a distance; a counter never below zero.
 */

import type { RangeFunction, Window } from '../eval/window.ts';
import { multiplyHistogram } from '../histogram/arithmetic.ts';
import { quote } from '../parser/go-strings.ts';
import { histogramDelta, instantHistogram } from './histogram-rate.ts';
import { mixedMessage } from './messages.ts';

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
    if (histogramCount > 1) return extrapolatedHistogram(window, isCounter, isRate);
    if (isCounter && floats > 0) noteNonCounter(window);
    if (floats < 2) return window.none();
    const { times, values, lo, hi } = window;
    const first = values[lo]!;
    let delta = values[hi - 1]! - first;
    if (isCounter && window.resetAt < hi) {
      for (let i = window.resetAt; i < hi; i++) {
        if (values[i]! < values[i - 1]!) delta += values[i - 1]!;
      }
    }
    return delta * factorOf(window, times[lo]!, times[hi - 1]!, floats, isCounter, isRate, first, delta);
  };
}

function extrapolatedHistogram(window: Window, isCounter: boolean, isRate: boolean): number {
  const delta = histogramDelta(window, isCounter);
  if (!delta) return window.none();
  const { histogramTimes: times, histogramLo: lo, histogramHi: hi } = window;
  const first = window.histograms[lo]!.count;
  const factor = factorOf(window, times[lo]!, times[hi - 1]!, hi - lo, isCounter, isRate, first, delta.count);
  return window.answer(multiplyHistogram(delta, factor));
}

function factorOf(
  window: Window,
  firstMs: number,
  lastMs: number,
  count: number,
  isCounter: boolean,
  isRate: boolean,
  first: number,
  delta: number,
): number {
  const sampled = (lastMs - firstMs) / 1000;
  const average = sampled / (count - 1);
  const threshold = average * 1.1;
  let toStart = (firstMs - window.startMs) / 1000;
  let toEnd = (window.endMs - lastMs) / 1000;
  if (toStart >= threshold) toStart = average / 2;
  if (isCounter) {
    const toZero = delta > 0 && first >= 0 ? sampled * (first / delta) : toStart;
    if (toZero < toStart) toStart = toZero;
  }
  if (toEnd >= threshold) toEnd = average / 2;
  const factor = (sampled + toStart + toEnd) / sampled;
  return isRate ? factor / (window.rangeMs / 1000) : factor;
}

function instant(isRate: boolean): RangeFunction {
  return (window) => {
    const { floats, histogramCount, times, values, hi } = window;
    if (isRate && floats > 0) noteNonCounter(window);
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
    return (last < previous ? last : last - previous) / seconds;
  };
}

export const rateFunctions: Readonly<Record<string, RangeFunction>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: instant(true),
  idelta: instant(false),
};
