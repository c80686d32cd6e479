export type { Alert, AlertState } from './alert.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export { compareBytes } from './compare-bytes.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { type Exemplar, type ExemplarOutcome, judgeExemplar, MAX_EXEMPLAR_CHARACTERS } from './exemplar.ts';
export { formatValue, parseValue } from './format-value.ts';
export {
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramSpan,
  type NativeHistogram,
  type ResetHint,
} from './histogram.ts';
export {
  compactHistogram,
  histogramFault,
  isExponentialSchema,
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  reduceResolution,
} from './histogram-shape.ts';
export { Labels, METRIC_NAME } from './labels.ts';
export { Matcher, type MatchOperator, matchesAll } from './matcher.ts';
export type { MetricMetadata, MetricType } from './metadata.ts';
export { AnchoredPattern, PatternError } from './pattern.ts';
export { isSameView } from './same-view.ts';
export { isStale, STALE } from './stale.ts';
export {
  type Appendable,
  type Appender,
  type AppendOutcome,
  type Awaitable,
  type ExemplarQuerier,
  type FeedEvent,
  type FeedListener,
  NO_SERIES,
  type Querier,
  type SelectHints,
  type SeriesData,
  type SeriesEnds,
  type SeriesExemplars,
  type SeriesRef,
  type SeriesSet,
  type StoreCut,
  type TimeRange,
} from './storage.ts';
