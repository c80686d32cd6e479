/** Aggregations of groups in which histograms take part. */

import { mixedSchemasMessage, reconciledMessage, resetCollisionMessage } from '../functions/messages.ts';
import { HistogramSum } from '../histogram/sum.ts';
import type { Aggregate } from '../parser/ast.ts';
import { ABSENT, type Column, FLOAT, HISTOGRAM, setHistogram } from './column.ts';
import type { EvalContext } from './context.ts';

const COUNTING: ReadonlySet<string> = new Set(['count', 'group']);
const ADDING: ReadonlySet<string> = new Set(['sum', 'avg']);

/**
 * Prepares a group: for sums and means the steps with histograms are answered here, for counts they count as floats
 * do, elsewhere they are left out. Returns the members with what is left for the float algorithm.
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
    const own = members.filter((column) => column.kinds[i] !== ABSENT);
    if (!own.some((column) => column.kinds[i] === HISTOGRAM)) continue;
    if (ADDING.has(expr.op)) {
      for (const column of rest) column.kinds[i] = ABSENT;
      addUp(context, expr, own, i, out);
      continue;
    }
    context.annotations.info(`ignored histogram in ${expr.op} aggregation`, expr.expr.span);
    for (const column of rest) if (column.kinds[i] === HISTOGRAM) column.kinds[i] = ABSENT;
  }
  return rest;
}

function asFloat(kind: number): number {
  return kind === HISTOGRAM ? FLOAT : kind;
}

/**
 * Goes as Prometheus does, whose warnings tell how far it came: not past the first histogram that does not fit those before
 * it, and past all where a float comes first.
 */
function addUp(
  context: EvalContext,
  expr: Aggregate,
  own: readonly Column[],
  step: number,
  out: Column,
): void {
  const { annotations } = context;
  const { span } = expr.expr;
  const sum = new HistogramSum();
  const startsWithFloat = own[0]!.kinds[step] === FLOAT;
  let floats = 0;
  for (const column of own) {
    if (column.kinds[step] === FLOAT) floats++;
    else if (!startsWithFloat) sum.add(column.histograms![step]!);
    if (!sum.incompatible) continue;
    annotations.warn(mixedSchemasMessage(column.labels.metricName), span);
    break;
  }
  if (floats > 0) annotations.warn('encountered a mix of histograms and floats for aggregation', span);
  if (floats > 0 || sum.incompatible) return;
  const result = expr.op === 'avg' ? sum.mean() : sum.total();
  if (sum.hintsCollide) annotations.warn(resetCollisionMessage('aggregation'), span);
  if (sum.boundsReconciled) annotations.info(reconciledMessage('aggregation'), span);
  setHistogram(out, step, result);
}
