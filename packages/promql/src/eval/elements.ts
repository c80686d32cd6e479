/** Operators where a histogram takes part; combinations without meaning are told about and give nothing. */
import type { NativeHistogram } from '@watchroom/model';
import { reconciledMessage, resetCollisionMessage } from '../functions/messages.ts';
import {
  addHistograms,
  compatible,
  divideHistogram,
  equalHistograms,
  multiplyHistogram,
  type Sum,
  subtractHistograms,
  withHint,
} from '../histogram/arithmetic.ts';
import { trimHistogram } from '../histogram/trim.ts';
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
  if (!a.histogram && !b.histogram) return combineFloats(context, expr, a.value, b.value);
  if (a.histogram && b.histogram) return combineHistograms(context, expr, a.histogram, b.histogram);
  const { op } = expr;
  if (a.histogram) {
    if (op === '*') return of(multiplyHistogram(a.histogram, b.value));
    if (op === '/') return of(divideHistogram(a.histogram, b.value));
    if (op === '</' || op === '>/') return of(trimHistogram(a.histogram, b.value, op === '</'));
  } else if (op === '*') return of(multiplyHistogram(b.histogram!, a.value));
  return incompatible(context, expr, a, b);
}

function of(histogram: NativeHistogram): Combined {
  return { value: 0, histogram };
}

function combineFloats(context: EvalContext, expr: Binary, a: number, b: number): Combined | undefined {
  const operate = floatOperator(expr.op);
  if (!operate) {
    return incompatible(
      context,
      expr,
      { value: a, histogram: undefined },
      { value: b, histogram: undefined },
    );
  }
  const value = operate(a, b);
  if (!COMPARISONS.has(expr.op) || expr.returnBool) return { value, histogram: undefined };
  return value === 0 ? undefined : { value: a, histogram: undefined, keeps: 'operand' };
}

function combineHistograms(
  context: EvalContext,
  expr: Binary,
  a: NativeHistogram,
  b: NativeHistogram,
): Combined | undefined {
  const { op } = expr;
  if (op === '==' || op === '!=') {
    const holds = equalHistograms(a, b) === (op === '==');
    if (expr.returnBool) return { value: holds ? 1 : 0, histogram: undefined };
    return holds ? { value: 0, histogram: a, keeps: 'operand' } : undefined;
  }
  if (op !== '+' && op !== '-') {
    return incompatible(context, expr, { value: 0, histogram: a }, { value: 0, histogram: b });
  }
  if (!compatible(a, b)) {
    context.annotations.warn(`incompatible bucket layout encountered for binary operator ${op}`, expr.span);
    return undefined;
  }
  const sum: Sum = op === '+' ? addHistograms(a, b) : subtractHistograms(a, b);
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (sum.hintsCollide) context.annotations.warn(resetCollisionMessage(operation), expr.span);
  if (sum.boundsReconciled) context.annotations.info(reconciledMessage(operation), expr.span);
  return of(op === '-' ? withHint(sum.histogram, 'gauge') : sum.histogram);
}

function incompatible(context: EvalContext, expr: Binary, a: Element, b: Element): undefined {
  const type = (element: Element): string => (element.histogram ? 'histogram' : 'float');
  const types = `${type(a)} ${expr.op} ${type(b)}`;
  const message = `incompatible sample types encountered for binary operator ${JSON.stringify(expr.op)}: ${types}`;
  context.annotations.info(message, expr.span);
  return undefined;
}
