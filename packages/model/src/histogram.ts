/**
 * A native histogram with float counts.
 * Source: https://prometheus.io/docs/specs/native_histograms/ (schemas −4…8 exponential, −53 custom bounds).
 */
export interface HistogramSpan {
  /** Distance from the end of the span before (from bucket 0 for the first). */
  readonly offset: number;
  readonly length: number;
}

export type ResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** The schema of histograms with custom bounds. */
export const CUSTOM_BOUNDS_SCHEMA = -53;

/** Immutable. Bucket counts are absolute, one per position that the spans cover. */
export interface NativeHistogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: readonly HistogramSpan[];
  readonly positiveBuckets: readonly number[];
  readonly negativeSpans: readonly HistogramSpan[];
  readonly negativeBuckets: readonly number[];
  /** Upper bounds without +Inf; only with CUSTOM_BOUNDS_SCHEMA, else empty. */
  readonly customBounds: readonly number[];
  readonly resetHint: ResetHint;
}
