/** Quantiles, shares and moments of native histograms. */
import type { NativeHistogram } from '@watchroom/model';
import type { Evaluator } from '../eval/evaluator.ts';
import type { Expr } from '../parser/ast.ts';

export function nativeQuantile(
  _evaluator: Evaluator,
  _phi: number,
  _histogram: NativeHistogram,
  _arg: Expr,
  _name: string,
): number {
  return Number.NaN;
}

export function nativeFraction(
  _evaluator: Evaluator,
  _lower: number,
  _upper: number,
  _histogram: NativeHistogram,
  _arg: Expr,
  _name: string,
): number {
  return Number.NaN;
}

export function nativePart(name: string, histogram: NativeHistogram): number {
  if (name === 'histogram_count') return histogram.count;
  if (name === 'histogram_sum') return histogram.sum;
  if (name === 'histogram_avg') return histogram.sum / histogram.count;
  return Number.NaN;
}
