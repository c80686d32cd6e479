/**
 * The typed syntax tree of PromQL. Positions are UTF-16 offsets into the query text.
 * Grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/ and …/operators/, …/functions/.
 */
import type { Matcher } from '@watchroom/model';
import type { FunctionSignature } from './function-table.ts';

/** A half-open range of the query text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string' | 'none';

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '>'
  | '<'
  | '>='
  | '<='
  | '</'
  | '>/'
  | 'and'
  | 'or'
  | 'unless';

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio';

export interface NumberLiteral {
  readonly type: 'number';
  value: number;
  /** Written as a duration (`5m`). */
  readonly isDuration: boolean;
  span: Span;
}

export interface StringLiteral {
  readonly type: 'string';
  readonly value: string;
  span: Span;
}

/** Arithmetic on durations inside brackets and after `offset`; seconds. `step`, `range` read the query's own. */
export type DurationExpr =
  | {
      readonly type: 'durationNumber';
      readonly seconds: number;
      readonly isDuration: boolean;
      readonly span: Span;
    }
  | { readonly type: 'durationStep' | 'durationRange'; readonly span: Span }
  | {
      readonly type: 'durationBinary';
      readonly op: '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of';
      readonly lhs: DurationExpr;
      readonly rhs: DurationExpr;
      readonly span: Span;
      readonly opSpan: Span;
    }
  | {
      readonly type: 'durationUnary';
      readonly op: '+' | '-';
      readonly expr: DurationExpr;
      readonly span: Span;
    }
  | { readonly type: 'durationParen'; readonly expr: DurationExpr; readonly span: Span };

/** What `offset` and `@` say about a selector or subquery. */
export interface TimeShift {
  /** Ms; `offset -5m` is negative. 0 when absent or given by offsetExpr. */
  offsetMs: number;
  offsetExpr: DurationExpr | undefined;
  /** `@` with a number; ms. */
  timestampMs: number | undefined;
  /** `@ start()` or `@ end()`. */
  startOrEnd: 'start' | 'end' | undefined;
}

export interface VectorSelector extends TimeShift {
  readonly type: 'vectorSelector';
  /** The name written before the braces, or quoted in them; '' for none. */
  readonly name: string;
  /** All matchers, the name's included. */
  readonly matchers: readonly Matcher[];
  /** Experimental: extended range selectors. */
  mode: 'anchored' | 'smoothed' | undefined;
  span: Span;
}

export interface MatrixSelector {
  readonly type: 'matrixSelector';
  readonly vector: VectorSelector;
  /** Ms; 0 when given by rangeExpr. */
  rangeMs: number;
  rangeExpr: DurationExpr | undefined;
  span: Span;
}

export interface Subquery extends TimeShift {
  readonly type: 'subquery';
  readonly expr: Expr;
  rangeMs: number;
  rangeExpr: DurationExpr | undefined;
  /** 0: the engine's default. */
  stepMs: number;
  stepExpr: DurationExpr | undefined;
  span: Span;
}

export interface Call {
  readonly type: 'call';
  readonly func: FunctionSignature;
  readonly args: readonly Expr[];
  span: Span;
}

export interface Aggregate {
  readonly type: 'aggregate';
  readonly op: AggregateOperator;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
  span: Span;
}

export interface VectorMatching {
  card: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly labels: readonly string[];
  /** `on(...)`; false means ignoring. */
  readonly on: boolean;
  readonly include: readonly string[];
  /** Experimental: values for a missing partner. */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface Binary {
  readonly type: 'binary';
  readonly op: BinaryOperator;
  readonly lhs: Expr;
  readonly rhs: Expr;
  /** Set when both sides are vectors. */
  matching: VectorMatching | undefined;
  readonly returnBool: boolean;
  span: Span;
}

export interface Unary {
  readonly type: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
  span: Span;
}

export interface Paren {
  readonly type: 'paren';
  readonly expr: Expr;
  span: Span;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregate
  | Binary
  | Unary
  | Paren;

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** The type of an expression's value. */
export function valueTypeOf(expr: Expr): ValueType {
  switch (expr.type) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vectorSelector':
    case 'aggregate':
      return 'vector';
    case 'matrixSelector':
    case 'subquery':
      return 'matrix';
    case 'call':
      return expr.func.returns;
    case 'unary':
    case 'paren':
      return valueTypeOf(expr.expr);
    case 'binary':
      return valueTypeOf(expr.lhs) === 'scalar' && valueTypeOf(expr.rhs) === 'scalar' ? 'scalar' : 'vector';
  }
}

/** The same expression without the parentheses around it. */
export function unwrapParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.type === 'paren') inner = inner.expr;
  return inner;
}
