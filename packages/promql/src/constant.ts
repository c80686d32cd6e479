/**
 * Whether an expression gives the same at any time, whatever is stored: it reads no series and does not ask for the time. Rules that
 * only say what is to count how much, and the alert that always fires, are such.
 *
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/
 */
import type { Expr } from './parser/index.ts';

/** Without those that give or take apart the time of the evaluation. */
const TIMELESS: ReadonlySet<string> = new Set([
  ...['vector', 'scalar', 'label_replace', 'label_join', 'sort', 'sort_desc', 'pi'],
  ...['abs', 'ceil', 'floor', 'round', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn'],
  ...['clamp', 'clamp_min', 'clamp_max'],
]);

export function isConstant(expr: Expr): boolean {
  switch (expr.type) {
    case 'number':
    case 'string':
      return true;
    case 'paren':
    case 'unary':
      return isConstant(expr.expr);
    case 'binary':
      return isConstant(expr.lhs) && isConstant(expr.rhs);
    case 'aggregate':
      return isConstant(expr.expr) && (expr.param === undefined || isConstant(expr.param));
    case 'call':
      return TIMELESS.has(expr.func.name) && expr.args.every(isConstant);
    default:
      return false;
  }
}
