/**
 * Which expressions give the same answer at every evaluation time, so that one evaluation serves all.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#modifier (fixed by @).
 */
import type { Expr } from '../parser/ast.ts';

/** Functions that depend on the evaluation time even when their arguments do not. */
const TIMED: ReadonlySet<string> = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year'],
  ...['predict_linear', 'time', 'timestamp'],
]);

const known = new WeakMap<Expr, boolean>();

export function isInvariant(expr: Expr): boolean {
  let answer = known.get(expr);
  if (answer === undefined) {
    answer = decide(expr);
    known.set(expr, answer);
  }
  return answer;
}

function decide(expr: Expr): boolean {
  switch (expr.type) {
    case 'number':
    case 'string':
      return true;
    case 'vectorSelector':
      return expr.timestampMs !== undefined || expr.startOrEnd !== undefined;
    case 'matrixSelector':
      return isInvariant(expr.vector);
    case 'subquery':
      return expr.timestampMs !== undefined || expr.startOrEnd !== undefined;
    case 'call':
      return !TIMED.has(expr.func.name) && expr.args.every(isInvariant);
    case 'aggregate':
      return isInvariant(expr.expr) && (expr.param === undefined || isInvariant(expr.param));
    case 'binary':
      return isInvariant(expr.lhs) && isInvariant(expr.rhs);
    case 'unary':
    case 'paren':
      return isInvariant(expr.expr);
  }
}
