/** histogram_* functions: classic buckets are grouped by their labels without `le`, natives are read directly. */
import { formatValue, type Labels, METRIC_NAME, parseValue } from '@watchroom/model';
import {
  ABSENT,
  type Column,
  dropNames,
  FLOAT,
  type Grid,
  HISTOGRAM,
  newColumn,
  setFloat,
  type Value,
  withoutName,
} from '../eval/column.ts';
import type { Evaluator } from '../eval/evaluator.ts';
import type { Call, Expr } from '../parser/ast.ts';
import { quote } from '../parser/go-strings.ts';
import { type Bucket, bucketFraction, bucketQuantile } from './classic-histogram.ts';
import { forMetric } from './messages.ts';
import { nativeFraction, nativePart, nativeQuantile } from './native-histogram.ts';
import { quantileRangeMessage } from './quantile.ts';

/** The buckets of one classic histogram. */
interface Classic {
  readonly labels: Labels;
  readonly name: string;
  readonly buckets: { upper: number; column: Column }[];
  dropName: boolean;
}

interface Split {
  readonly classics: Classic[];
  readonly natives: Column[];
}

const BUCKET_LABELS: ReadonlySet<string> = new Set(['le', METRIC_NAME]);

function split(evaluator: Evaluator, columns: readonly Column[], arg: Expr): Split {
  const classics = new Map<string, Classic>();
  const natives: Column[] = [];
  for (const column of columns) {
    if (column.histograms) natives.push(column);
    if (!column.kinds.includes(FLOAT)) continue;
    const le = column.labels.get('le');
    const upper = parseValue(le);
    const name = column.labels.metricName;
    if (upper === undefined) {
      const message = `bucket label "le" is missing or has a malformed value of ${quote(le)}`;
      evaluator.context.annotations.warn(forMetric(message, name), arg.span);
      continue;
    }
    const { key } = column.labels.without(BUCKET_LABELS);
    const id = `${name} ${key}`;
    let classic = classics.get(id);
    if (!classic) {
      const labels = column.labels.without(new Set(['le']));
      classic = { labels, name, buckets: [], dropName: column.dropName };
      classics.set(id, classic);
    }
    classic.buckets.push({ upper, column });
  }
  return { classics: [...classics.values()], natives };
}

function bucketsAt(classic: Classic, step: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { upper, column } of classic.buckets) {
    if (column.kinds[step] === FLOAT) buckets.push({ upper, count: column.values[step]! });
  }
  return buckets;
}

type ClassicRun = (buckets: Bucket[], step: number, classic: Classic) => number;
type NativeRun = (column: Column, step: number) => number | undefined;

function compute(
  evaluator: Evaluator,
  { classics, natives }: Split,
  grid: Grid,
  arg: Expr,
  classicRun: ClassicRun,
  nativeRun: NativeRun,
): Column[] {
  const out: Column[] = [];
  const byKey = new Map<string, Column>();
  for (const column of natives) {
    const result = newColumn(column.labels, grid.count, column.dropName);
    for (let i = 0; i < grid.count; i++) {
      if (column.kinds[i] !== HISTOGRAM) continue;
      const value = nativeRun(column, i);
      if (value !== undefined) setFloat(result, i, value);
    }
    byKey.set(column.labels.key, result);
    out.push(result);
  }
  for (const classic of classics) {
    const native = byKey.get(classic.labels.key);
    const result = native ?? newColumn(classic.labels, grid.count, classic.dropName);
    for (let i = 0; i < grid.count; i++) {
      const buckets = bucketsAt(classic, i);
      if (buckets.length === 0) continue;
      if (native && native.kinds[i] !== ABSENT) {
        const message = 'vector contains a mix of classic and native histograms';
        evaluator.context.annotations.warn(forMetric(message, classic.name), arg.span);
        native.kinds[i] = ABSENT;
        continue;
      }
      setFloat(result, i, classicRun(buckets, i, classic));
    }
    if (!native) out.push(result);
  }
  return out.filter((column) => column.kinds.some((kind) => kind !== ABSENT));
}

function warnQuantile(evaluator: Evaluator, phi: number, arg: Expr): void {
  if (!(phi >= 0 && phi <= 1)) evaluator.context.annotations.warn(quantileRangeMessage(phi), arg.span);
}

function quantileRuns(evaluator: Evaluator, phis: Float64Array, arg: Expr): [ClassicRun, NativeRun] {
  const classic: ClassicRun = (buckets, step, { name }) => {
    const found = bucketQuantile(phis[step]!, buckets);
    if (found.forced) evaluator.context.annotations.info(monotonicityMessage(name), arg.span);
    return found.value;
  };
  return [
    classic,
    (column, step) =>
      nativeQuantile(evaluator, phis[step]!, column.histograms![step]!, arg, column.labels.metricName),
  ];
}

function monotonicityMessage(name: string): string {
  const message =
    'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/' +
    'querying/functions/#histogram_quantile)';
  return forMetric(message, name);
}

export async function histogramQuantile(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  const [phiArg, arg] = expr.args as [Expr, Expr];
  const phis = await evaluator.scalar(phiArg, grid);
  const columns = await evaluator.vector(arg, grid);
  for (const phi of phis) warnQuantile(evaluator, phi, phiArg);
  const out = compute(
    evaluator,
    split(evaluator, columns, arg),
    grid,
    arg,
    ...quantileRuns(evaluator, phis, arg),
  );
  return { type: 'vector', columns: dropNames(out, evaluator.context) };
}

/** Several quantiles at once; each goes into the label named by the second argument. */
export async function histogramQuantiles(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  const [arg, labelArg, ...phiArgs] = expr.args as [Expr, Expr, ...Expr[]];
  const label = evaluator.text(labelArg);
  const parts = split(evaluator, await evaluator.vector(arg, grid), arg);
  const out: Column[] = [];
  for (const phiArg of phiArgs) {
    const phis = await evaluator.scalar(phiArg, grid);
    for (const phi of phis) warnQuantile(evaluator, phi, phiArg);
    for (const column of compute(evaluator, parts, grid, arg, ...quantileRuns(evaluator, phis, arg))) {
      out.push({ ...column, labels: withoutName(column.labels).with(label, formatValue(phis[0]!)) });
    }
  }
  return { type: 'vector', columns: dropNames(out, evaluator.context) };
}

export async function histogramFraction(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  const [lowerArg, upperArg, arg] = expr.args as [Expr, Expr, Expr];
  const lower = await evaluator.scalar(lowerArg, grid);
  const upper = await evaluator.scalar(upperArg, grid);
  const columns = await evaluator.vector(arg, grid);
  const out = compute(
    evaluator,
    split(evaluator, columns, arg),
    grid,
    arg,
    (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets),
    (column, step) =>
      nativeFraction(
        evaluator,
        lower[step]!,
        upper[step]!,
        column.histograms![step]!,
        arg,
        column.labels.metricName,
      ),
  );
  return { type: 'vector', columns: dropNames(out, evaluator.context) };
}

/** histogram_count, _sum, _avg, _stddev, _stdvar: natives only. */
export async function histogramPart(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  const out: Column[] = [];
  evaluator.context.detectsResets = !expr.func.name.startsWith('histogram_std');
  const columns = await evaluator.vector(expr.args[0]!, grid);
  evaluator.context.detectsResets = false;
  for (const column of columns) {
    if (!column.histograms) continue;
    const result = newColumn(column.labels, grid.count, column.dropName);
    for (let i = 0; i < grid.count; i++) {
      if (column.kinds[i] === HISTOGRAM)
        setFloat(result, i, nativePart(expr.func.name, column.histograms[i]!));
    }
    out.push(result);
  }
  return { type: 'vector', columns: dropNames(out, evaluator.context) };
}
