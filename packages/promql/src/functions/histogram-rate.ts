/**
 * The rate family on native histograms: like counters, bucket by bucket; a reset adds what stood before it.
 * Source: https://prometheus.io/docs/specs/native_histograms/#promql.
 */
import type { NativeHistogram } from '@watchroom/model';
import type { Window } from '../eval/window.ts';
import {
  addHistograms,
  compatible,
  detectReset,
  divideHistogram,
  subtractHistograms,
  withHint,
} from '../histogram/arithmetic.ts';
import { isCustom } from '../histogram/buckets.ts';
import { quote } from '../parser/go-strings.ts';
import { mixedMessage, mixedSchemasMessage, reconciledMessage } from './messages.ts';
import { noteOverlap, startedAnew } from './start-timestamps.ts';

/** An empty histogram of another's layout. */
function emptyLike(h: NativeHistogram): NativeHistogram {
  const empty = { positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [] };
  return { ...h, ...empty, count: 0, sum: 0, zeroCount: 0, zeroThreshold: 0, resetHint: 'unknown' };
}

function warnNotCounter(window: Window): void {
  window.warn(`this native histogram metric is not a counter: ${quote(window.metricName)}`);
}

function warnNotGauge(window: Window): void {
  window.warn(`this native histogram metric is not a gauge: ${quote(window.metricName)}`);
}

/** Last minus first with resets undone; undefined when they cannot be combined (told about). */
export function histogramDelta(window: Window, isCounter: boolean): NativeHistogram | undefined {
  const { histogramLo: lo, histogramHi: hi } = window;
  const points = window.histograms.slice(lo, hi);
  const starts = { times: window.histogramTimes, starts: window.histogramStartTimes };
  const isReset = (i: number, previous: NativeHistogram): boolean =>
    startedAnew(starts, lo + i) || detectReset(points[i]!, previous);
  const last = points.at(-1)!;
  let first = points[0]!;
  if (isCounter && (first.resetHint === 'gauge' || last.resetHint === 'gauge')) warnNotCounter(window);
  if (isCounter && isReset(1, first)) first = emptyLike(points[1]!);
  if (!compatible(first, last)) {
    window.warn(mixedSchemasMessage(window.metricName));
    return undefined;
  }
  if (isCounter) {
    for (const point of points.slice(1, -1)) {
      if (point.resetHint === 'gauge') warnNotCounter(window);
      if (isCustom(point) === isCustom(first)) continue;
      window.warn(mixedSchemasMessage(window.metricName));
      return undefined;
    }
  }
  const difference = subtractHistograms(last, first);
  let { histogram } = difference;
  if (difference.boundsReconciled) window.info(reconciledMessage('subtraction'));
  if (isCounter) {
    noteOverlap(window, starts, lo, hi);
    let previous = first;
    for (let i = 1; i < points.length; i++) {
      if (isReset(i, previous)) {
        const sum = addHistograms(histogram, previous);
        if (sum.boundsReconciled) window.info(reconciledMessage('addition'));
        histogram = sum.histogram;
      }
      previous = points[i]!;
    }
  } else if (points[0]!.resetHint !== 'gauge' || last.resetHint !== 'gauge') warnNotGauge(window);
  return withHint(histogram, 'gauge');
}

/** irate and idelta when the newest two samples are not both floats. */
export function instantHistogram(window: Window, isRate: boolean): number {
  const { histogramTimes, histograms, histogramLo: lo, histogramHi: hi } = window;
  if (window.floats >= 2) {
    const newestFloats = window.times[window.hi - 2]!;
    if (hi === lo || histogramTimes[hi - 1]! < newestFloats) return Number.NaN;
  }
  const newestFloat = window.floats > 0 ? window.times[window.hi - 1]! : Number.NEGATIVE_INFINITY;
  if (hi - lo < 2 || histogramTimes[hi - 2]! < newestFloat) {
    window.warn(mixedMessage(window.metricName));
    return window.none();
  }
  const [before, last] = [histograms[hi - 2]!, histograms[hi - 1]!];
  const seconds = (histogramTimes[hi - 1]! - histogramTimes[hi - 2]!) / 1000;
  if (isRate && (last.resetHint === 'gauge' || before.resetHint === 'gauge')) warnNotCounter(window);
  if (!isRate && (last.resetHint !== 'gauge' || before.resetHint !== 'gauge')) warnNotGauge(window);
  let result = last;
  const starts = { times: histogramTimes, starts: window.histogramStartTimes };
  if (!isRate || !(startedAnew(starts, hi - 1) || detectReset(last, before))) {
    if (!compatible(last, before)) {
      window.warn(mixedSchemasMessage(window.metricName));
      return window.none();
    }
    const difference = subtractHistograms(last, before);
    if (difference.boundsReconciled) window.info(reconciledMessage('subtraction'));
    result = difference.histogram;
  }
  result = withHint(result, 'gauge');
  return window.answer(isRate ? divideHistogram(result, seconds) : result);
}
