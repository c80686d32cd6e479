/** Aggregations of groups in which histograms take part. */

import { mixedSchemasMessage, reconciledMessage, resetCollisionMessage } from '../functions/messages.ts';
import { HistogramSum } from '../histogram/sum.ts';
import type { Aggregate } from '../parser/ast.ts';
import { ABSENT, type Column, FLOAT, HISTOGRAM, setHistogram } from './column.ts';
import type { EvalContext } from './context.ts';

const COUNTING: ReadonlySet<string> = new Set(['count', 'group']);
const ADDING: ReadonlySet<string> = new Set(['sum', 'avg']);

/**
 * Prepares a group: for sums and means the steps with histograms are answered here, for counts they count as any
 * sample, elsewhere they are left out. Returns the members with what is left for the float algorithm.
 */
export function aggregateHistograms(
  context: EvalContext,
  expr: Aggregate,
  members: readonly Column[],
  out: Column,
): readonly Column[] {
  if (COUNTING.has(expr.op))
    return members.map((column) => ({ ...column, kinds: column.kinds.map(asFloat) }));
  const rest = members.map((column) => ({ ...column, kinds: column.kinds.slice() }));
  for (let i = 0; i < out.kinds.length; i++) {
    const own = members.filter((column) => column.kinds[i] === HISTOGRAM);
    if (own.length === 0) continue;
    const floats = members.some((column) => column.kinds[i] === FLOAT);
    if (!ADDING.has(expr.op)) {
      context.annotations.info(`ignored histogram in ${expr.op} aggregation`, expr.expr.span);
      for (const column of rest) if (column.kinds[i] === HISTOGRAM) column.kinds[i] = ABSENT;
      continue;
    }
    for (const column of rest) column.kinds[i] = ABSENT;
    if (floats)
      context.annotations.warn('encountered a mix of histograms and floats for aggregation', expr.expr.span);
    else addUp(context, expr, own, i, out);
  }
  return rest;
}

function asFloat(kind: number): number {
  return kind === HISTOGRAM ? FLOAT : kind;
}

function addUp(
  context: EvalContext,
  expr: Aggregate,
  own: readonly Column[],
  step: number,
  out: Column,
): void {
  const sum = new HistogramSum();
  for (const column of own) sum.add(column.histograms![step]!);
  if (sum.incompatible) {
    context.annotations.warn(mixedSchemasMessage(own[0]!.labels.metricName), expr.expr.span);
    return;
  }
  const result = expr.op === 'avg' ? sum.mean() : sum.total();
  if (sum.hintsCollide) context.annotations.warn(resetCollisionMessage('aggregation'), expr.expr.span);
  if (sum.boundsReconciled) context.annotations.info(reconciledMessage('aggregation'), expr.expr.span);
  setHistogram(out, step, result);
}
