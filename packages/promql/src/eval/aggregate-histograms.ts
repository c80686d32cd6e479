/** Aggregations of groups in which histograms take part. */
import type { Aggregate } from '../parser/ast.ts';
import type { Column } from './column.ts';
import type { EvalContext } from './context.ts';

export function aggregateHistograms(
  context: EvalContext,
  expr: Aggregate,
  _members: readonly Column[],
  _out: Column,
): void {
  context.annotations.info(`ignored histogram in ${expr.op} aggregation`, expr.expr.span);
}
