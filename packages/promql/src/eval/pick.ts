/** Aggregations that keep whole series: topk, bottomk, limitk, limit_ratio; and count_values. */
import { formatValue } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import { formatG } from '../functions/quantile.ts';
import { histogramText } from '../histogram/text.ts';
import type { Aggregate } from '../parser/ast.ts';
import { quote } from '../parser/go-strings.ts';
import { ABSENT, type Column, FLOAT, isEmpty, newColumn, setFloat, setHistogram } from './column.ts';
import type { EvalContext } from './context.ts';
import { groupColumns } from './grouping.ts';
import { hashShare } from './xxhash.ts';

/** In an instant query the columns come best first, group by group. */
export function pick(
  context: EvalContext,
  expr: Aggregate,
  columns: readonly Column[],
  param: Float64Array,
): Column[] {
  for (const value of param) if (Number.isNaN(value)) refuseNaN(expr);
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

function refuseNaN(expr: Aggregate): never {
  throw new ExecutionError(expr.op === 'limit_ratio' ? 'Ratio value is NaN' : 'Parameter value is NaN');
}

function choose(
  context: EvalContext,
  expr: Aggregate,
  columns: readonly Column[],
  own: readonly number[],
  step: number,
  param: number,
): number[] {
  if (expr.op === 'limit_ratio') return limitRatio(context, expr, columns, own, step, param);
  const k = countOf(param);
  if (k < 1) return [];
  const present = own.filter((i) => columns[i]!.kinds[step] !== ABSENT);
  if (expr.op === 'limitk') return present.slice(0, k);
  const floats = present.filter((i) => columns[i]!.kinds[step] === FLOAT);
  if (floats.length < present.length) {
    context.annotations.info(`ignored histogram in ${expr.op} aggregation`, expr.expr.span);
  }
  return best(columns, floats, step, k, expr.op === 'topk');
}

function countOf(param: number): number {
  if (param >= 2 ** 63 || param <= -(2 ** 63)) {
    throw new ExecutionError(
      `Scalar value ${formatG(param)} ${param > 0 ? 'overflows' : 'underflows'} int64`,
    );
  }
  return Math.trunc(param);
}

/** The k best, best first; of equal ones the earlier; NaN is the worst either way. */
function best(
  columns: readonly Column[],
  floats: readonly number[],
  step: number,
  k: number,
  top: boolean,
): number[] {
  const kept: number[] = [];
  const better = (a: number, b: number): boolean => {
    if (Number.isNaN(b)) return !Number.isNaN(a);
    return top ? a > b : a < b;
  };
  for (const i of floats) {
    const value = columns[i]!.values[step]!;
    if (kept.length === k && !better(value, columns[kept[k - 1]!]!.values[step]!)) continue;
    let at = kept.length;
    while (at > 0 && better(value, columns[kept[at - 1]!]!.values[step]!)) at--;
    kept.splice(at, 0, i);
    if (kept.length > k) kept.pop();
  }
  return kept;
}

/** Keeps the share of label sets whose hash lies below the ratio (above 1 + ratio for negative ones). */
function limitRatio(
  context: EvalContext,
  expr: Aggregate,
  columns: readonly Column[],
  own: readonly number[],
  step: number,
  param: number,
): number[] {
  const ratio = Math.max(-1, Math.min(1, param));
  if (ratio !== param) {
    const message = `ratio value should be between -1 and 1, got ${formatG(param)}, capping to ${formatG(ratio)}`;
    context.annotations.warn(message, expr.param!.span);
  }
  return own.filter((i) => {
    const column = columns[i]!;
    if (column.kinds[step] === ABSENT) return false;
    const place = hashShare(column.labels);
    return ratio >= 0 ? place < ratio : place >= 1 + ratio;
  });
}

function copyPoint(from: Column, to: Column, step: number): void {
  if (from.kinds[step] === FLOAT) setFloat(to, step, from.values[step]!);
  else setHistogram(to, step, from.histograms![step]!);
}

export function countValues(expr: Aggregate, columns: readonly Column[], label: string): Column[] {
  if (label === '' || !label.isWellFormed()) throw new ExecutionError(`invalid label name ${quote(label)}`);
  const { labels, index } = groupColumns(expr, columns);
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
        const own = labels[index[c]!]!.with(label, text);
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
