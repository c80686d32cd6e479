/**
 * Aggregations to one value per group. Accumulators are columns over all steps, one set per group.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators.
 */

import { quantileOf, quantileRangeMessage } from '../functions/quantile.ts';
import { type Aggregate, unwrapParens } from '../parser/ast.ts';
import { aggregateHistograms } from './aggregate-histograms.ts';
import { ABSENT, type Column, FLOAT, isEmpty, newColumn } from './column.ts';
import type { EvalContext } from './context.ts';
import { groupColumns } from './grouping.ts';

type Accumulate = (members: readonly Column[], out: Column) => void;

const PLAIN: Readonly<Record<string, Accumulate>> = {
  sum,
  avg: average,
  count,
  group: (members, out) => each(members, out, () => 1),
  min: (members, out) =>
    each(members, out, (best, value) => (best > value || Number.isNaN(best) ? value : best)),
  max: (members, out) =>
    each(members, out, (best, value) => (best < value || Number.isNaN(best) ? value : best)),
  stdvar: (members, out) => variance(members, out, false),
  stddev: (members, out) => variance(members, out, true),
};

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
    else PLAIN[expr.op]!(own, result);
    if (!isEmpty(result)) out.push(result);
  }
  return out;
}

function sum(members: readonly Column[], out: Column): void {
  const { kinds, values } = out;
  const rest = new Float64Array(kinds.length);
  for (const column of members) {
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      const value = column.values[i]!;
      if (kinds[i] === ABSENT) {
        kinds[i] = FLOAT;
        values[i] = value;
        continue;
      }
      const before = values[i]!;
      const total = before + value;
      if (Math.abs(total) === Number.POSITIVE_INFINITY) rest[i] = 0;
      else if (Math.abs(before) >= Math.abs(value)) rest[i]! += before - total + value;
      else rest[i]! += value - total + before;
      values[i] = total;
    }
  }
  for (let i = 0; i < kinds.length; i++) values[i]! += rest[i]!;
}

/** A plain mean of a compensated sum; when the sum overflows, the mean goes on incrementally. */
function average(members: readonly Column[], out: Column): void {
  const { kinds, values } = out;
  const steps = kinds.length;
  const rest = new Float64Array(steps);
  const counts = new Float64Array(steps);
  const incremental = new Uint8Array(steps);
  for (const column of members) {
    for (let i = 0; i < steps; i++) {
      if (column.kinds[i] === ABSENT) continue;
      kinds[i] = FLOAT;
      averageStep(i, column.values[i]!, values, rest, counts, incremental);
    }
  }
  for (let i = 0; i < steps; i++) {
    if (kinds[i] === ABSENT) continue;
    values[i] =
      incremental[i] === 1 ? values[i]! + rest[i]! : values[i]! / counts[i]! + rest[i]! / counts[i]!;
  }
}

function averageStep(
  i: number,
  value: number,
  values: Float64Array,
  rest: Float64Array,
  counts: Float64Array,
  incremental: Uint8Array,
): void {
  const n = ++counts[i]!;
  if (n === 1) {
    values[i] = value;
    return;
  }
  let before = values[i]!;
  let added = value;
  if (incremental[i] === 0 && Math.abs(before + value) === Number.POSITIVE_INFINITY) {
    incremental[i] = 1;
    before /= n - 1;
    rest[i]! /= n - 1;
  }
  if (incremental[i] === 1) {
    const share = (n - 1) / n;
    before *= share;
    rest[i]! *= share;
    added = value / n;
  }
  const total = before + added;
  if (Math.abs(total) === Number.POSITIVE_INFINITY) rest[i] = 0;
  else if (Math.abs(before) >= Math.abs(added)) rest[i]! += before - total + added;
  else rest[i]! += added - total + before;
  values[i] = total;
}

function count(members: readonly Column[], out: Column): void {
  const { kinds, values } = out;
  for (const column of members) {
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      kinds[i] = FLOAT;
      values[i]!++;
    }
  }
}

function each(members: readonly Column[], out: Column, fold: (best: number, value: number) => number): void {
  const { kinds, values } = out;
  for (const column of members) {
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      const value = column.values[i]!;
      values[i] = kinds[i] === ABSENT ? fold(value, value) : fold(values[i]!, value);
      kinds[i] = FLOAT;
    }
  }
}

/** Welford's algorithm. */
function variance(members: readonly Column[], out: Column, root: boolean): void {
  const { kinds, values } = out;
  const means = new Float64Array(kinds.length);
  const counts = new Float64Array(kinds.length);
  for (const column of members) {
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      kinds[i] = FLOAT;
      const value = column.values[i]!;
      const delta = value - means[i]!;
      means[i]! += delta / ++counts[i]!;
      values[i]! += delta * (value - means[i]!);
    }
  }
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === ABSENT) continue;
    const value = values[i]! / counts[i]!;
    values[i] = root ? Math.sqrt(value) : value;
  }
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
