/** Aggregations that keep whole series: topk, bottomk, limitk, limit_ratio; and count_values. */
import { formatValue } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import { formatG } from '../functions/quantile.ts';
import { histogramText } from '../histogram/text.ts';
import { type Aggregate, unwrapParens } from '../parser/ast.ts';
import { quote } from '../parser/go-strings.ts';
import { extremesOf } from './aggregate.ts';
import { ABSENT, type Column, FLOAT, isEmpty, newColumn, setFloat, setHistogram } from './column.ts';
import type { EvalContext } from './context.ts';
import { groupColumns } from './grouping.ts';
import { PickHeap } from './pick-heap.ts';
import { hashShare } from './xxhash.ts';

/** In an instant query the columns come as Prometheus' heaps leave them: best first, group by group. */
export function pick(
  context: EvalContext,
  expr: Aggregate,
  columns: readonly Column[],
  param: Float64Array,
): Column[] {
  if (!checkParam(context, expr, param)) return [];
  const { labels, index } = groupColumns(expr, columns);
  const members: number[][] = labels.map(() => []);
  for (let i = 0; i < columns.length; i++) members[index[i]!]!.push(i);
  const out = columns.map((column) => newColumn(column.labels, column.kinds.length, column.dropName));
  const order: number[] = [];
  const steps = columns[0]?.kinds.length ?? 0;
  for (let step = 0; step < steps; step++) {
    for (const own of members) {
      const chosen = choose(context, expr, columns, own, step, param[step]!);
      for (const i of chosen) copyPoint(columns[i]!, out[i]!, step);
      if (steps === 1) order.push(...chosen);
    }
  }
  return steps === 1 ? order.map((i) => out[i]!) : out.filter((column) => !isEmpty(column));
}

/** False when nothing can be picked at any step. Warns and throws for the whole query, whatever there is to pick from. */
function checkParam(context: EvalContext, expr: Aggregate, param: Float64Array): boolean {
  const { least, most } = extremesOf(param);
  if (expr.op === 'limit_ratio') {
    if (least === 0 && most === 0) return false;
    if (Number.isNaN(most)) throw new ExecutionError('Ratio value is NaN');
    if (most > 1) noteRatio(context, expr, most, 1);
    if (least < -1) noteRatio(context, expr, least, -1);
    return true;
  }
  if (most < 1) return false;
  if (Number.isNaN(most)) throw new ExecutionError('Parameter value is NaN');
  if (least <= -(2 ** 63)) throw new ExecutionError(`Scalar value ${formatG(least)} underflows int64`);
  if (most >= 2 ** 63) throw new ExecutionError(`Scalar value ${formatG(most)} overflows int64`);
  return true;
}

function noteRatio(context: EvalContext, expr: Aggregate, ratio: number, cap: number): void {
  const message = `ratio value should be between -1 and 1, got ${formatG(ratio)}, capping to ${cap}`;
  context.annotations.warn(message, unwrapParens(expr.param!).span);
}

function choose(
  context: EvalContext,
  expr: Aggregate,
  columns: readonly Column[],
  own: readonly number[],
  step: number,
  param: number,
): number[] {
  const present = own.filter((i) => columns[i]!.kinds[step] !== ABSENT);
  const read = (i: number): number => (columns[i]!.kinds[step] === FLOAT ? columns[i]!.values[step]! : 0);
  const heap = new PickHeap(read, expr.op !== 'bottomk');
  if (expr.op === 'limit_ratio') {
    for (const i of present) if (isWithin(columns[i]!, Math.max(-1, Math.min(1, param)))) heap.push(i);
    return heap.items;
  }
  const k = Math.trunc(param);
  if (k < 1) return [];
  if (expr.op === 'limitk') {
    for (const i of present.slice(0, k)) heap.push(i);
    return heap.items;
  }
  const floats = present.filter((i) => columns[i]!.kinds[step] === FLOAT);
  if (floats.length < present.length) {
    context.annotations.info(`ignored histogram in ${expr.op} aggregation`, expr.span);
  }
  for (const i of floats) heap.keep(i, k);
  return heap.sorted();
}

/** Keeps the share of label sets whose hash lies below the ratio (above 1 + ratio for negative ones). */
function isWithin(column: Column, ratio: number): boolean {
  const place = hashShare(column.labels);
  return ratio >= 0 ? place < ratio : place >= 1 + ratio;
}

function copyPoint(from: Column, to: Column, step: number): void {
  if (from.kinds[step] === FLOAT) setFloat(to, step, from.values[step]!);
  else setHistogram(to, step, from.histograms![step]!);
}

export function countValues(expr: Aggregate, columns: readonly Column[], label: string): Column[] {
  if (label === '' || !label.isWellFormed()) throw new ExecutionError(`invalid label name ${quote(label)}`);
  const { labels, index } = groupColumns(expr, columns);
  // The label is set first and grouped by afterwards.
  const without = expr.without && expr.grouping.includes(label);
  const found = new Map<string, Column>();
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c]!;
    for (let i = 0; i < column.kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      const text =
        column.kinds[i] === FLOAT ? formatValue(column.values[i]!) : histogramText(column.histograms![i]!);
      const key = `${index[c]} ${text}`;
      let result = found.get(key);
      if (!result) {
        const group = labels[index[c]!]!;
        const own = without ? group : group.with(label, text);
        result = newColumn(own, column.kinds.length);
        found.set(key, result);
      }
      setFloat(result, i, result.values[i]! + 1);
    }
  }
  return joinEqual([...found.values()]);
}

/** Groups may coincide when the label is one of the grouping's: their counts add up. */
function joinEqual(columns: readonly Column[]): Column[] {
  const byKey = new Map<string, Column>();
  for (const column of columns) {
    const known = byKey.get(column.labels.key);
    if (!known) {
      byKey.set(column.labels.key, column);
      continue;
    }
    for (let i = 0; i < column.kinds.length; i++) {
      if (column.kinds[i] !== ABSENT) setFloat(known, i, known.values[i]! + column.values[i]!);
    }
  }
  return [...byKey.values()];
}
