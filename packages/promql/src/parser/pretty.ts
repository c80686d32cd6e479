/**
 * Prometheus' pretty printer (/api/v1/format_query): what fits in 100 columns stays on its line, else it is split at
 * the outermost level, two blanks per level.
 */

import type { Expr } from './ast.ts';
import {
  aggregateHead,
  binaryOperator,
  formatExpr,
  formatSelector,
  formatShift,
  subquerySuffix,
} from './format.ts';

const WIDTH = 100;

export function formatPretty(expr: Expr): string {
  return pretty(expr, 0);
}

function indent(level: number): string {
  return '  '.repeat(level);
}

function pretty(expr: Expr, level: number): string {
  const line = formatExpr(expr);
  const pad = indent(level);
  // Upstream forgets the indent of a subquery that fits.
  if (line.length <= WIDTH) return expr.type === 'subquery' ? line : pad + line;
  switch (expr.type) {
    case 'aggregate': {
      const param = expr.param ? `${pretty(expr.param, level + 1)},\n` : '';
      return `${pad}${aggregateHead(expr)}(\n${param}${pretty(expr.expr, level + 1)}\n${pad})`;
    }
    case 'binary': {
      const operator = `${pad}${binaryOperator(expr)}`;
      return `${pretty(expr.lhs, level + 1)}\n${operator}\n${pretty(expr.rhs, level + 1)}`;
    }
    case 'call': {
      const args = expr.args.map((arg) => pretty(arg, level + 1)).join(',\n');
      return expr.args.length === 0 ? pad + line : `${pad}${expr.func.name}(\n${args}\n${pad})`;
    }
    case 'paren':
      return `${pad}(\n${pretty(expr.expr, level + 1)}\n${pad})`;
    case 'unary':
      return `${pad}${expr.op}${pretty(expr.expr, level).trimStart()}`;
    case 'subquery':
      return `${pretty(expr.expr, level)}${subquerySuffix(expr)}`;
    case 'vectorSelector':
      return pad + formatSelector(expr) + formatShift(expr);
    default:
      return pad + line;
  }
}
