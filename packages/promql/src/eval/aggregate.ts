/**
 * Aggregations to one value per group. Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators.
 */

import { quantileOf, quantileRangeMessage } from '../functions/quantile.ts';
import { type Aggregate, unwrapParens } from '../parser/ast.ts';
import { ACCUMULATORS } from './accumulate.ts';
import { aggregateHistograms } from './aggregate-histograms.ts';
import { ABSENT, type Column, FLOAT, isEmpty, newColumn } from './column.ts';
import type { EvalContext } from './context.ts';
import { groupColumns } from './grouping.ts';

export async function aggregate(
  context: EvalContext,
  expr: Aggregate,
  columns: readonly Column[],
  param: Float64Array | undefined,
): Promise<Column[]> {
  const { labels, index } = groupColumns(expr, columns);
  const members: Column[][] = labels.map(() => []);
  for (let i = 0; i < columns.length; i++) members[index[i]!]!.push(columns[i]!);
  const steps = columns[0]?.kinds.length ?? 0;
  if (expr.op === 'quantile') noteQuantile(context, expr, param!);
  const out: Column[] = [];
  for (let g = 0; g < labels.length; g++) {
    if (context.due) await context.pause();
    // A name that one member is to lose is lost by the group.
    const dropName = context.delayed && members[g]!.some((column) => column.dropName);
    const result = newColumn(labels[g]!, steps, dropName);
    let own: readonly Column[] = members[g]!;
    if (own.some((column) => column.histograms)) own = aggregateHistograms(context, expr, own, result);
    if (expr.op === 'quantile') quantile(own, param!, result);
    else await accumulate(context, expr, own, result);
    if (!isEmpty(result)) out.push(result);
  }
  return out;
}

async function accumulate(
  context: EvalContext,
  expr: Aggregate,
  members: readonly Column[],
  out: Column,
): Promise<void> {
  const accumulator = ACCUMULATORS[expr.op]!(out);
  for (const column of members) {
    if (context.isDueAfter(1, column.kinds.length)) await context.pause();
    accumulator.add(column, pointsOf(column));
  }
  accumulator.finish();
}

function pointsOf({ kinds }: Column): number {
  let points = 0;
  for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) points++;
  return points;
}

/** The extremes of a parameter over all steps; NaN when one is. */
export function extremesOf(param: Float64Array): { readonly least: number; readonly most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of param) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}

/** Told whether or not there is anything to aggregate. */
function noteQuantile(context: EvalContext, expr: Aggregate, param: Float64Array): void {
  const { least, most } = extremesOf(param);
  const wrong = Number.isNaN(most) ? [most] : [most > 1 ? most : 0, Math.min(least, 0)];
  for (const phi of wrong) {
    if (phi !== 0) context.annotations.warn(quantileRangeMessage(phi), unwrapParens(expr.param!).span);
  }
}

function quantile(members: readonly Column[], param: Float64Array, out: Column): void {
  for (let i = 0; i < out.kinds.length; i++) {
    const found: number[] = [];
    for (const column of members) if (column.kinds[i] === FLOAT) found.push(column.values[i]!);
    if (found.length === 0) continue;
    out.kinds[i] = FLOAT;
    out.values[i] = quantileOf(param[i]!, Float64Array.from(found));
  }
}
