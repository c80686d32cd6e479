/** changes and resets over floats and histograms together; sums and means of histograms. */
import type { NativeHistogram } from '@watchroom/model';
import type { Window } from '../eval/window.ts';
import { detectReset, equalHistograms } from '../histogram/arithmetic.ts';
import { HistogramSum } from '../histogram/sum.ts';
import { mixedSchemasMessage, reconciledMessage, resetCollisionMessage } from './messages.ts';
import { isStartReset } from './start-timestamps.ts';

function summed(window: Window, mean: boolean): number {
  const sum = new HistogramSum();
  for (let i = window.histogramLo; i < window.histogramHi; i++) sum.add(window.histograms[i]!);
  if (sum.incompatible) {
    window.warn(mixedSchemasMessage(window.metricName));
    return window.none();
  }
  const result = mean ? sum.mean() : sum.total();
  if (sum.hintsCollide) window.warn(resetCollisionMessage('aggregation'));
  if (sum.boundsReconciled) window.info(reconciledMessage('aggregation'));
  return window.answer(result);
}

export function sumHistograms(window: Window): number {
  return summed(window, false);
}

export function averageHistograms(window: Window): number {
  return summed(window, true);
}

/** Calls `visit` for each sample with the one before it, floats and histograms in order of time. */
function pairs(window: Window, visit: (now: Sample, before: Sample) => void): void {
  const { times, values, histogramTimes, histograms, startTimes, histogramStartTimes } = window;
  let i = window.lo;
  let j = window.histogramLo;
  let before: Sample | undefined;
  while (i < window.hi || j < window.histogramHi) {
    const floatFirst = j >= window.histogramHi || (i < window.hi && times[i]! < histogramTimes[j]!);
    const at = floatFirst ? i : j;
    const now: Sample = floatFirst
      ? { value: values[i++]!, timeMs: times[at]!, startMs: startTimes?.[at] ?? 0 }
      : {
          value: 0,
          histogram: histograms[j++]!,
          timeMs: histogramTimes[at]!,
          startMs: histogramStartTimes?.[at] ?? 0,
        };
    if (before) visit(now, before);
    before = now;
  }
}

interface Sample {
  readonly value: number;
  readonly histogram?: NativeHistogram;
  readonly timeMs: number;
  /** 0: not known. */
  readonly startMs: number;
}

function counter(differs: (now: Sample, before: Sample) => boolean): (window: Window) => number {
  return (window) => {
    if (window.floats + window.histogramCount === 0) return window.none();
    let count = 0;
    pairs(window, (now, before) => {
      if (differs(now, before)) count++;
    });
    return count;
  };
}

export const countChanges = counter((now, before) => {
  if (now.histogram && before.histogram) return !equalHistograms(now.histogram, before.histogram);
  if (now.histogram || before.histogram) return true;
  return now.value !== before.value && !(Number.isNaN(now.value) && Number.isNaN(before.value));
});

export const countResets = counter((now, before) => {
  if (isStartReset(before.startMs, before.timeMs, now.startMs, now.timeMs)) return true;
  if (now.histogram && before.histogram) return detectReset(now.histogram, before.histogram);
  if (now.histogram || before.histogram) return true;
  return now.value < before.value;
});
