/** The unit that a query's values have, as far as its metric's name and its functions tell. */
import { type Unit, unitOfMetric } from '@watchroom/chart-data';
import { type Expr, parseExpr, unwrapParens } from '@watchroom/promql/parser';

export function unitOfQuery(query: string): Unit {
  try {
    return unitOf(parseExpr(query, { experimental: true }));
  } catch {
    return 'short';
  }
}

/** Aggregations whose result is no longer in the unit of what they take. */
const COUNTING = new Set(['count', 'count_values', 'group', 'stdvar']);
/** Functions that keep the unit of their last argument. */
const KEEPING =
  /^(\w+_over_time|histogram_quantile|histogram_avg|abs|ceil|floor|round|sort\w*|clamp\w*|delta|idelta|label_\w+|predict_linear|last_over_time)$/;
const NOT_KEEPING = /^(count|present|absent|changes|stdvar)_over_time$/;
const RATES = new Set(['rate', 'irate']);

function unitOf(expr: Expr): Unit {
  switch (expr.type) {
    case 'paren':
    case 'unary':
    case 'subquery':
      return unitOf(expr.expr);
    case 'vectorSelector': {
      const name = expr.matchers.find((each) => each.name === '__name__' && each.operator === '=')?.value;
      return unitOfMetric(name ?? '');
    }
    case 'matrixSelector':
      return unitOf(expr.vector);
    case 'aggregate':
      return COUNTING.has(expr.op) ? 'short' : unitOf(expr.expr);
    case 'call':
      return unitOfCall(expr.func.name, expr.args);
    case 'binary':
      return unitOfBinary(expr.op, unwrapParens(expr.lhs), unwrapParens(expr.rhs));
    default:
      return 'short';
  }
}

function unitOfCall(name: string, args: readonly Expr[]): Unit {
  const inner = args.find((arg) => !['number', 'string'].includes(unwrapParens(arg).type));
  if (!inner || NOT_KEEPING.test(name)) return 'short';
  const unit = unitOf(inner);
  if (RATES.has(name)) return unit === 'bytes' ? 'bytesPerSecond' : unit === 'short' ? 'perSecond' : 'short';
  if (name === 'histogram_quantile') return unit === 'perSecond' ? 'short' : unitOfBuckets(inner);
  return KEEPING.test(name) || name === 'increase' ? unit : 'short';
}

/** Below a quantile the buckets' own unit counts, whatever rate was taken of them. */
function unitOfBuckets(expr: Expr): Unit {
  const node = unwrapParens(expr);
  if (node.type === 'aggregate') return unitOfBuckets(node.expr);
  if (node.type === 'call' && node.args[0]) return unitOfBuckets(node.args[0]);
  return unitOf(node);
}

function unitOfBinary(op: string, lhs: Expr, rhs: Expr): Unit {
  if (op === '*' || op === '/' || op === '^' || op === '%' || op === 'atan2') return 'short';
  const [left, right] = [unitOf(lhs), unitOf(rhs)];
  if (rhs.type === 'number') return left;
  if (lhs.type === 'number') return right;
  return left === right ? left : 'short';
}
