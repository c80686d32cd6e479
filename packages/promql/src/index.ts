/** PromQL: parse, check and evaluate against a querier. */
export { isConstant } from './constant.ts';
export { Engine, type EngineOptions, type InstantRequest, type RangeRequest } from './engine.ts';
export {
  ExecutionError,
  QueryCanceledError,
  QueryQueueFullError,
  QueryTimeoutError,
  TooManySamplesError,
} from './errors.ts';
export { SharedExpressions, type SharedResults } from './eval/shared.ts';
export type { ExplainNode } from './explain.ts';
export { type ApiBucket, histogramBuckets } from './histogram/api-buckets.ts';
export { histogramText } from './histogram/text.ts';
export type {
  Aggregate,
  Binary,
  Call,
  Expr,
  MatrixSelector,
  Span,
  Subquery,
  ValueType,
  VectorSelector,
} from './parser/index.ts';
export {
  FUNCTIONS,
  type FunctionSignature,
  formatExpr,
  formatPretty,
  ParseError,
  type ParseOptions,
  parseExpr,
  parseMetricSelector,
  type SelectorInfo,
  selectorsOf,
  unwrapParens,
  valueTypeOf,
  walk,
} from './parser/index.ts';
export type {
  MatrixSeries,
  QueryResult,
  QueryStats,
  QueryValue,
  VectorSample,
} from './result.ts';
export { isSurelyEmpty } from './surely-empty.ts';
