/** The parser alone: no evaluation, no Node modules; the web app imports this. */
export type {
  Aggregate,
  AggregateOperator,
  Binary,
  BinaryOperator,
  Call,
  DurationExpr,
  Expr,
  MatrixSelector,
  NumberLiteral,
  Paren,
  Span,
  StringLiteral,
  Subquery,
  TimeShift,
  Unary,
  ValueType,
  VectorMatching,
  VectorSelector,
} from './ast.ts';
export { COMPARISONS, SET_OPERATORS, unwrapParens, valueTypeOf } from './ast.ts';
export { lineAndColumn, ParseError, type Problem } from './errors.ts';
export { formatExpr } from './format.ts';
export { AGGREGATES, FUNCTIONS, type FunctionSignature } from './function-table.ts';
export { parseMetricSelector } from './metric-selector.ts';
export { type ParseOptions, parseExpr } from './parse.ts';
export { formatPretty } from './pretty.ts';
export { childrenOf, type SelectorInfo, selectorsOf, walk } from './walk.ts';
