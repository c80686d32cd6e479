/** Binary operators between scalars, and between a vector and a scalar. */
import type { Binary } from '../parser/ast.ts';
import { COMPARISONS } from '../parser/ast.ts';
import {
  ABSENT,
  answerTo,
  type Column,
  dropNames,
  FLOAT,
  HISTOGRAM,
  newColumn,
  setFloat,
  setHistogram,
} from './column.ts';
import type { EvalContext } from './context.ts';
import { combineElements, type Element } from './elements.ts';
import { floatOperator } from './operators.ts';

export function scalarBinary(expr: Binary, a: Float64Array, b: Float64Array): Float64Array {
  const operate = floatOperator(expr.op);
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = operate ? operate(a[i]!, b[i]!) : Number.NaN;
  return out;
}

/** `swapped`: the scalar stands on the left. */
export function vectorScalar(
  context: EvalContext,
  expr: Binary,
  columns: readonly Column[],
  scalar: Float64Array,
  swapped: boolean,
): Column[] {
  const compares = COMPARISONS.has(expr.op);
  const filters = compares && !expr.returnBool;
  const operate = floatOperator(expr.op);
  const out: Column[] = [];
  for (const column of columns) {
    const result = operate ? answerTo(column) : newColumn(column.labels, scalar.length, column.dropName);
    let found = 0;
    for (let i = 0; i < scalar.length; i++) {
      const kind = column.kinds[i]!;
      if (kind === ABSENT) continue;
      if (kind === HISTOGRAM || !operate) {
        found += element(context, expr, column, i, scalar[i]!, swapped, result);
        continue;
      }
      const value = column.values[i]!;
      const answer = swapped ? operate(scalar[i]!, value) : operate(value, scalar[i]!);
      if (filters && answer === 0) {
        result.kinds[i] = ABSENT;
        continue;
      }
      result.kinds[i] = FLOAT;
      result.values[i] = filters ? value : answer;
      found++;
    }
    if (found > 0) out.push(result);
  }
  const keepsName = filters || expr.op === '</' || expr.op === '>/';
  return keepsName ? out : dropNames(out, context);
}

function element(
  context: EvalContext,
  expr: Binary,
  column: Column,
  step: number,
  scalar: number,
  swapped: boolean,
  result: Column,
): number {
  const vector: Element = { value: column.values[step]!, histogram: column.histograms?.[step] };
  const other: Element = { value: scalar, histogram: undefined };
  const answer = swapped
    ? combineElements(context, expr, other, vector)
    : combineElements(context, expr, vector, other);
  if (!answer) return 0;
  const kept = answer.keeps === 'operand' ? vector : answer;
  if (kept.histogram) setHistogram(result, step, kept.histogram);
  else setFloat(result, step, kept.value);
  return 1;
}
