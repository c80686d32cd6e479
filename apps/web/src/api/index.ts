export {
  type Exemplar,
  fetchExemplars,
  fetchExplain,
  fetchFormatted,
  fetchMetadata,
  fetchMetricNames,
  fetchSeries,
  type Metadata,
  type TimeSpan,
} from './explore.ts';
export { fetchHealth } from './health.ts';
export {
  type AnswerNotes,
  fetchInstant,
  fetchRange,
  type InstantAnswer,
  type InstantSample,
  type Labels,
  type RangeAnswer,
  type RangeQuery,
  type RangeSeries,
  sampleValue,
  toColumns,
} from './prometheus.ts';
export { fetchRules, type Rule, type RuleGroup } from './rules.ts';
export {
  type DroppedTarget,
  fetchRelabelTrace,
  fetchTargets,
  type RelabelTrace,
  type Target,
  type Targets,
} from './targets.ts';
