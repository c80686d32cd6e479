/**
 * Whether an expression gives an empty vector, and no error, because there is no series of a metric it reads. Rules that are there for
 * metrics a server does not have are most of what such a server would evaluate. Only what can be told for certain is: of a part whose
 * value does not matter nothing is known but that it cannot fail, and anything this file does not name is taken not to be empty.
 *
 * Sources: Prometheus 3 promql/engine.go, VectorBinop (of an empty side nothing is matched, so that doubles on the other one are no
 * error), VectorAnd, VectorOr, VectorUnless, aggregation; https://prometheus.io/docs/prometheus/latest/querying/functions/
 */
import type { Binary, Call, Expr, VectorSelector } from './parser/index.ts';
import { valueTypeOf } from './parser/index.ts';

/** Of no series they make none, and they fail on nothing. Arguments that are no vectors must be numbers. */
const OF_EACH_SERIES: ReadonlySet<string> = new Set([
  ...['rate', 'irate', 'increase', 'delta', 'idelta', 'deriv', 'changes', 'resets', 'predict_linear'],
  ...['avg', 'min', 'max', 'sum', 'count', 'last', 'present', 'stddev', 'stdvar'].map(
    (of) => `${of}_over_time`,
  ),
  ...['abs', 'ceil', 'floor', 'round', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn', 'timestamp'],
  ...['clamp', 'clamp_min', 'clamp_max', 'histogram_quantile'],
]);
const AGGREGATES: ReadonlySet<string> = new Set([
  ...['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'],
]);

/** `lacks` says that there is no series with this name, of any time; it may say so of fewer. */
export function isSurelyEmpty(expr: Expr, lacks: (metricName: string) => boolean): boolean {
  return valueTypeOf(expr) === 'vector' && isEmpty(expr, lacks);
}

function isEmpty(expr: Expr, lacks: (metricName: string) => boolean): boolean {
  switch (expr.type) {
    case 'vectorSelector':
      return isPlain(expr) && lacks(nameOf(expr)!);
    case 'matrixSelector':
      return expr.rangeExpr === undefined && isEmpty(expr.vector, lacks);
    case 'paren':
    case 'unary':
      return isEmpty(expr.expr, lacks);
    case 'aggregate':
      return AGGREGATES.has(expr.op) && expr.param === undefined && isEmpty(expr.expr, lacks);
    case 'call':
      return isOfEachSeries(expr) && expr.args.some((arg) => isEmpty(arg, lacks));
    case 'binary':
      return isBinaryEmpty(expr, lacks);
    default:
      return false;
  }
}

function isBinaryEmpty({ op, lhs, rhs, matching }: Binary, lacks: (metricName: string) => boolean): boolean {
  if (matching && (matching.fillLeft !== undefined || matching.fillRight !== undefined)) return false;
  const left = isEmpty(lhs, lacks);
  if (left && isHarmless(rhs) && op !== 'or') return true;
  const right = isEmpty(rhs, lacks);
  if (op === 'or' || op === 'unless') return left && right;
  return (left && right) || (right && isHarmless(lhs));
}

/** Whether it cannot fail, whatever there is. */
function isHarmless(expr: Expr): boolean {
  switch (expr.type) {
    case 'number':
      return true;
    case 'vectorSelector':
      return isPlain(expr);
    case 'matrixSelector':
      return expr.rangeExpr === undefined && isPlain(expr.vector);
    case 'paren':
    case 'unary':
      return isHarmless(expr.expr);
    case 'aggregate':
      return AGGREGATES.has(expr.op) && expr.param === undefined && isHarmless(expr.expr);
    case 'call':
      return isOfEachSeries(expr) && expr.args.every(isHarmless);
    case 'binary':
      // Two vectors may have doubles.
      return expr.matching === undefined && isHarmless(expr.lhs) && isHarmless(expr.rhs);
    default:
      return false;
  }
}

function isOfEachSeries({ func, args }: Call): boolean {
  if (!OF_EACH_SERIES.has(func.name)) return false;
  return args.every((arg) => {
    const type = valueTypeOf(arg);
    return type === 'vector' || type === 'matrix' || isNumber(arg);
  });
}

function isNumber(expr: Expr): boolean {
  if (expr.type === 'unary' || expr.type === 'paren') return isNumber(expr.expr);
  return expr.type === 'number';
}

function nameOf({ matchers }: VectorSelector): string | undefined {
  return matchers.find(({ name, operator }) => name === '__name__' && operator === '=')?.value;
}

/** Of one metric, as series of several may be alike without their names; and without what only experimental engines read. */
function isPlain(selector: VectorSelector): boolean {
  return nameOf(selector) !== undefined && selector.mode === undefined && selector.offsetExpr === undefined;
}
