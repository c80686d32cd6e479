/** The rate family on native histograms. */
import type { NativeHistogram } from '@watchroom/model';
import type { Window } from '../eval/window.ts';

export function histogramDelta(_window: Window, _isCounter: boolean): NativeHistogram | undefined {
  return undefined;
}

export function instantHistogram(window: Window, _isRate: boolean): number {
  return window.none();
}

export function scaleHistogram(histogram: NativeHistogram, _factor: number): NativeHistogram {
  return histogram;
}
