/** Operators where a histogram takes part; combinations without meaning are told about and give nothing. */
import type { NativeHistogram } from '@watchroom/model';
import type { Binary } from '../parser/ast.ts';
import { COMPARISONS } from '../parser/ast.ts';
import type { EvalContext } from './context.ts';
import { floatOperator } from './operators.ts';

export interface Element {
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
}

export interface Combined extends Element {
  /** 'operand': the comparison holds and filters; the result is the left operand. */
  readonly keeps?: 'operand' | undefined;
}

export function combineElements(
  context: EvalContext,
  expr: Binary,
  a: Element,
  b: Element,
): Combined | undefined {
  if (!a.histogram && !b.histogram) {
    const operate = floatOperator(expr.op);
    if (!operate) return incompatible(context, expr, 'float', 'float');
    const value = operate(a.value, b.value);
    if (!COMPARISONS.has(expr.op) || expr.returnBool) return { value, histogram: undefined };
    return value === 0 ? undefined : { value: a.value, histogram: undefined, keeps: 'operand' };
  }
  return incompatible(
    context,
    expr,
    a.histogram ? 'histogram' : 'float',
    b.histogram ? 'histogram' : 'float',
  );
}

export function incompatible(context: EvalContext, expr: Binary, left: string, right: string): undefined {
  const message = `incompatible sample types encountered for binary operator ${JSON.stringify(expr.op)}: ${left} ${expr.op} ${right}`;
  context.annotations.info(message, expr.span);
  return undefined;
}
