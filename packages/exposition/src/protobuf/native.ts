/** A protobuf metric's native histogram, with absolute float counts. */
import { compactHistogram, histogramFault, type NativeHistogram } from '@watchroom/model';
import type { Metric } from './metric.ts';

/**
 * The histogram without empty buckets, or why Prometheus' store refuses it. A float histogram is one whose float count or float
 * zero count is positive.
 */
export function nativeHistogram(metric: Metric, isGauge: boolean): NativeHistogram | string {
  const isFloat = metric.sampleCountFloat > 0 || metric.zeroCountFloat > 0;
  const histogram: NativeHistogram = {
    schema: metric.schema,
    zeroThreshold: metric.zeroThreshold,
    zeroCount: isFloat ? metric.zeroCountFloat : metric.zeroCount,
    count: isFloat ? metric.sampleCountFloat : metric.sampleCount,
    sum: metric.sampleSum,
    positiveSpans: [...metric.positiveSpans],
    positiveBuckets: isFloat ? [...metric.positiveCounts] : absolute(metric.positiveDeltas),
    negativeSpans: [...metric.negativeSpans],
    negativeBuckets: isFloat ? [...metric.negativeCounts] : absolute(metric.negativeDeltas),
    customBounds: [],
    resetHint: isGauge ? 'gauge' : 'unknown',
  };
  const fault = histogramFault(histogram, !isFloat);
  return fault === undefined ? compactHistogram(histogram) : fault;
}

function absolute(deltas: readonly number[]): number[] {
  let count = 0;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}
