/**
 * Limits on the buckets of scraped native histograms. Source: Prometheus scrape/target.go (maxSchemaAppender,
 * bucketLimitAppender) and scrape/scrape.go (pickSchema).
 */
import type { ScrapeConfig } from '@watchroom/config';
import {
  isExponentialSchema,
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  type NativeHistogram,
  reduceResolution,
} from '@watchroom/model';

/** The finest schema whose buckets grow by at least `factor` from one to the next. */
export function schemaFor(factor: number): number {
  if (factor <= 1) return MAX_EXPONENTIAL_SCHEMA;
  const finest = Math.floor(-Math.log2(Math.log2(factor)));
  return Math.min(MAX_EXPONENTIAL_SCHEMA, Math.max(MIN_EXPONENTIAL_SCHEMA, finest)) + 0;
}

/** The histogram within the job's limits, or undefined when it cannot be brought there, which fails the scrape. */
export function limited(histogram: NativeHistogram, config: ScrapeConfig): NativeHistogram | undefined {
  let within = histogram;
  if (isExponentialSchema(within.schema))
    within = reduceResolution(within, schemaFor(config.nativeHistogramMinBucketFactor));
  const limit = config.nativeHistogramBucketLimit;
  if (limit === 0) return within;
  while (within.positiveBuckets.length + within.negativeBuckets.length > limit) {
    if (!isExponentialSchema(within.schema) || within.schema === MIN_EXPONENTIAL_SCHEMA) return undefined;
    within = reduceResolution(within, within.schema - 1);
  }
  return within;
}
