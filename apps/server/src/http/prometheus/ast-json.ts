/** The syntax tree as /api/v1/parse_query shows it. Source: Prometheus web/api/v1/translate_ast.go (3.5). */
import { formatValue } from '@watchroom/model';
import type { Expr, Subquery, VectorSelector } from '@watchroom/promql';

/** A tree of plain objects. What is experimental stands there only when it is used. */
export function astJson(expr: Expr): object {
  switch (expr.type) {
    case 'aggregate':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: astJson(expr.expr),
        param: expr.param ? astJson(expr.param) : null,
        grouping: expr.grouping,
        without: expr.without,
      };
    case 'binary':
      return {
        type: 'binaryExpr',
        op: expr.op,
        lhs: astJson(expr.lhs),
        rhs: astJson(expr.rhs),
        matching: matching(expr),
        bool: expr.returnBool,
      };
    case 'call': {
      const { name, args: argTypes, variadic, returns: returnType } = expr.func;
      return { type: 'call', func: { name, argTypes, variadic, returnType }, args: expr.args.map(astJson) };
    }
    case 'matrixSelector':
      return { type: 'matrixSelector', ...selector(expr.vector), range: expr.rangeMs };
    case 'vectorSelector':
      return { type: 'vectorSelector', ...selector(expr) };
    case 'subquery':
      return {
        type: 'subquery',
        expr: astJson(expr.expr),
        range: expr.rangeMs,
        step: expr.stepMs,
        ...shift(expr),
      };
    case 'number':
      return { type: 'numberLiteral', val: formatValue(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'paren':
      return { type: 'parenExpr', expr: astJson(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: astJson(expr.expr) };
  }
}

function matching({ matching: written }: Extract<Expr, { type: 'binary' }>): object | null {
  if (!written) return null;
  const { card, labels, on, include, fillLeft, fillRight } = written;
  const fills = fillLeft !== undefined || fillRight !== undefined;
  const fillValues = { lhs: fillLeft ?? null, rhs: fillRight ?? null };
  return { card, labels, on, include, ...(fills ? { fillValues } : {}) };
}

function selector(vector: VectorSelector): object {
  const { name, matchers, mode } = vector;
  return {
    name,
    matchers: matchers.map(({ name: label, value, operator: type }) => ({ name: label, value, type })),
    ...shift(vector),
    ...(mode === undefined ? {} : { [mode]: true }),
  };
}

function shift({ offsetMs, timestampMs, startOrEnd }: VectorSelector | Subquery): object {
  return { offset: offsetMs, timestamp: timestampMs ?? null, startOrEnd: startOrEnd ?? null };
}
