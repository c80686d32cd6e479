/** Functions of vectors and scalars, by name. */
import { Labels, type Matcher, METRIC_NAME } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import {
  ABSENT,
  answerTo,
  type Column,
  dropNames,
  FLOAT,
  type Grid,
  isEmpty,
  newColumn,
  setFloat,
  timeAt,
  type Value,
} from '../eval/column.ts';
import type { Evaluator } from '../eval/evaluator.ts';
import type { Call, Expr } from '../parser/ast.ts';
import { unwrapParens } from '../parser/ast.ts';
import { dateFunctions } from './dates.ts';
import {
  histogramFraction,
  histogramPart,
  histogramQuantile,
  histogramQuantiles,
} from './histogram-calls.ts';
import { info } from './info.ts';
import { labelJoin, labelReplace, sortByLabel, sortByValue } from './label-functions.ts';
import { type FloatFunction, mathFunctions } from './math.ts';

type CallFunction = (evaluator: Evaluator, expr: Call, grid: Grid) => Promise<Value>;

export async function callVector(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  const { name } = expr.func;
  const math = mathFunctions[name];
  if (math) return mapped(evaluator, expr.args[0]!, grid, math);
  const date = dateFunctions[name];
  if (date) return dated(evaluator, expr, grid, date);
  const run = calls[name];
  if (!run) throw new ExecutionError(`function ${name} is not known to the engine`);
  return run(evaluator, expr, grid);
}

function vectorOf(columns: Column[]): Value {
  return { type: 'vector', columns };
}

function scalarOf(count: number, at: (step: number) => number): Value {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = at(i);
  return { type: 'scalar', values };
}

async function mapped(
  evaluator: Evaluator,
  arg: Expr,
  grid: Grid,
  run: (value: number, step: number) => number | undefined,
): Promise<Value> {
  const out: Column[] = [];
  for (const column of await evaluator.vector(arg, grid)) {
    const result = answerTo(column);
    let found = 0;
    for (let i = 0; i < grid.count; i++) {
      if (column.kinds[i] !== FLOAT) continue;
      const value = run(column.values[i]!, i);
      if (value === undefined) {
        result.kinds[i] = ABSENT;
        continue;
      }
      setFloat(result, i, value);
      found++;
    }
    if (found > 0) out.push(result);
  }
  return vectorOf(dropNames(out, evaluator.context));
}

async function dated(evaluator: Evaluator, expr: Call, grid: Grid, run: FloatFunction): Promise<Value> {
  if (expr.args[0]) return mapped(evaluator, expr.args[0], grid, run);
  const column = newColumn(Labels.EMPTY, grid.count);
  for (let i = 0; i < grid.count; i++) setFloat(column, i, run(timeAt(grid, i) / 1000));
  return vectorOf([column]);
}

const round: CallFunction = async (evaluator, expr, grid) => {
  const nearest = expr.args[1] ? await evaluator.scalar(expr.args[1], grid) : undefined;
  return mapped(evaluator, expr.args[0]!, grid, (value, i) => {
    const inverse = 1 / (nearest ? nearest[i]! : 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
};

const clamp: CallFunction = async (evaluator, expr, grid) => {
  const { name } = expr.func;
  const first = await evaluator.scalar(expr.args[1]!, grid);
  const second = expr.args[2] ? await evaluator.scalar(expr.args[2], grid) : first;
  return mapped(evaluator, expr.args[0]!, grid, (value, i) => {
    if (name === 'clamp_min') return greater(value, first[i]!);
    if (name === 'clamp_max') return lesser(value, first[i]!);
    if (second[i]! < first[i]!) return undefined;
    return greater(first[i]!, lesser(second[i]!, value));
  });
};

/** Go's math.Max: an infinity wins over NaN. */
function greater(a: number, b: number): number {
  const infinite = Number.POSITIVE_INFINITY;
  return a === infinite || b === infinite ? infinite : Math.max(a, b);
}

/** Go's math.Min. */
function lesser(a: number, b: number): number {
  return -greater(-a, -b);
}

const scalar: CallFunction = async (evaluator, expr, grid) => {
  const columns = await evaluator.vector(expr.args[0]!, grid);
  return scalarOf(grid.count, (i) => {
    let found = Number.NaN;
    let floats = 0;
    for (const column of columns) {
      if (column.kinds[i] !== FLOAT) continue;
      if (++floats > 1) return Number.NaN;
      found = column.values[i]!;
    }
    return found;
  });
};

const vector: CallFunction = async (evaluator, expr, grid) => {
  const column = newColumn(Labels.EMPTY, grid.count);
  column.kinds.fill(FLOAT);
  column.values.set(await evaluator.scalar(expr.args[0]!, grid));
  return vectorOf([column]);
};

const timestamp: CallFunction = async (evaluator, expr, grid) => {
  const arg = unwrapParens(expr.args[0]!);
  if (arg.type === 'vectorSelector') {
    const columns = await evaluator.select(arg, grid, 'timestamp', 'time');
    return vectorOf(dropNames(columns, evaluator.context));
  }
  const columns = await evaluator.vector(arg, grid);
  const out = columns.map((column) => {
    const result = newColumn(column.labels, grid.count, column.dropName);
    for (let i = 0; i < grid.count; i++)
      if (column.kinds[i] !== ABSENT) setFloat(result, i, timeAt(grid, i) / 1000);
    return result;
  });
  return vectorOf(dropNames(out, evaluator.context));
};

/** Only samples have a start; for what is computed the answer is empty. */
const startTimestamp: CallFunction = async (evaluator, expr, grid) => {
  const arg = unwrapParens(expr.args[0]!);
  if (arg.type !== 'vectorSelector') {
    await evaluator.vector(arg, grid);
    return vectorOf([]);
  }
  const columns = await evaluator.select(arg, grid, 'start_timestamp', 'start');
  return vectorOf(dropNames(columns, evaluator.context));
};

/** Matchers by which Prometheus' store takes series away come last once it has looked for the others. */
function takesAway(matcher: Matcher): boolean {
  return (matcher.operator === '!=' || matcher.operator === '!~') && matcher.matches('');
}

/** The labels that a selector fixes with `=`; what comes again after that takes the label away. */
function fixedLabels(expr: Expr): Labels {
  const inner = unwrapParens(expr);
  const selector = inner.type === 'matrixSelector' ? inner.vector : inner;
  if (selector.type !== 'vectorSelector') return Labels.EMPTY;
  const pairs = new Map<string, string>();
  const seen = new Set<string>();
  const inOrder = selector.matchers.toSorted((a, b) => Number(takesAway(a)) - Number(takesAway(b)));
  for (const { name, operator, value } of inOrder) {
    if (name === METRIC_NAME) continue;
    if (operator === '=' && !seen.has(name)) {
      pairs.set(name, value);
      seen.add(name);
    } else pairs.delete(name);
  }
  return Labels.fromPairs(pairs);
}

function absentWhere(labels: Labels, count: number, present: (step: number) => boolean): Value {
  const column = newColumn(labels, count);
  let found = 0;
  for (let i = 0; i < count; i++) {
    if (present(i)) continue;
    setFloat(column, i, 1);
    found++;
  }
  return vectorOf(found > 0 ? [column] : []);
}

const absent: CallFunction = async (evaluator, expr, grid) => {
  const columns = await evaluator.vector(expr.args[0]!, grid);
  return absentWhere(fixedLabels(expr.args[0]!), grid.count, (i) =>
    columns.some((c) => c.kinds[i] !== ABSENT),
  );
};

const absentOverTime: CallFunction = async (evaluator, expr, grid) => {
  const input = await evaluator.range(expr.args[0]!, grid, 'absent_over_time');
  const present = new Uint8Array(grid.count);
  const note = (times: Float64Array | undefined): void => {
    let next = 0;
    for (let i = 0; times && i < grid.count; i++) {
      const endMs = input.firstEndMs + i * input.advanceMs;
      while (next < times.length && times[next]! <= endMs) next++;
      if (next > 0 && times[next - 1]! > endMs - input.rangeMs) present[i] = 1;
    }
  };
  for (const one of input.series) {
    evaluator.context.hold(grid.count);
    note(one.times);
    note(one.histogramTimes);
  }
  return absentWhere(fixedLabels(expr.args[0]!), grid.count, (i) => present[i] === 1);
};

function sorter(run: (columns: Column[], names: readonly string[]) => Column[]): CallFunction {
  return async (evaluator, expr, grid) => {
    const { context } = evaluator;
    const columns = await evaluator.vector(expr.args[0]!, grid);
    if (context.stepMs > 0) {
      const message = 'sort is ineffective for range queries since results are always ordered by labels';
      context.annotations.warn(message, expr.span);
    }
    const byValue = expr.args.length === 1;
    if (grid.count > 1)
      return vectorOf(byValue ? columns.map(floatsOf).filter((one) => !isEmpty(one)) : columns);
    const names = expr.args.slice(1).map((arg) => evaluator.text(arg));
    return vectorOf(run(columns, names));
  };
}

/** Sorting by value leaves histograms out. */
function floatsOf(column: Column): Column {
  if (!column.histograms) return column;
  const kinds = column.kinds.map((kind) => (kind === FLOAT ? kind : ABSENT));
  return { ...column, kinds, histograms: undefined };
}

function labelled(run: (columns: Column[], args: readonly string[]) => Column[]): CallFunction {
  return async (evaluator, expr, grid) => {
    const columns = await evaluator.vector(expr.args[0]!, grid);
    return vectorOf(
      run(
        columns,
        expr.args.slice(1).map((arg) => evaluator.text(arg)),
      ),
    );
  };
}

function extremeOf(pick: (a: number, b: number) => number): CallFunction {
  return async (evaluator, expr, grid) => {
    const a = await evaluator.scalar(expr.args[0]!, grid);
    const b = await evaluator.scalar(expr.args[1]!, grid);
    return scalarOf(grid.count, (i) => pick(a[i]!, b[i]!));
  };
}

const constant =
  (read: (evaluator: Evaluator) => number): CallFunction =>
  async (evaluator, _expr, grid) =>
    scalarOf(grid.count, () => read(evaluator));

const calls: Readonly<Record<string, CallFunction>> = {
  round,
  clamp,
  clamp_min: clamp,
  clamp_max: clamp,
  scalar,
  vector,
  timestamp,
  start_timestamp: startTimestamp,
  absent,
  absent_over_time: absentOverTime,
  time: async (_evaluator, _expr, grid) => scalarOf(grid.count, (i) => timeAt(grid, i) / 1000),
  pi: constant(() => Math.PI),
  start: constant(({ context }) => context.startMs / 1000),
  end: constant(({ context }) => context.endMs / 1000),
  step: constant(({ context }) => context.stepMs / 1000),
  range: constant(({ context }) => (context.endMs - context.startMs) / 1000),
  min_of: extremeOf(lesser),
  max_of: extremeOf(greater),
  sort: sorter((columns) => sortByValue(columns, false)),
  sort_desc: sorter((columns) => sortByValue(columns, true)),
  sort_by_label: sorter((columns, names) => sortByLabel(columns, names, false)),
  sort_by_label_desc: sorter((columns, names) => sortByLabel(columns, names, true)),
  label_replace: labelled(labelReplace),
  label_join: labelled(labelJoin),
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_fraction: histogramFraction,
  histogram_count: histogramPart,
  histogram_sum: histogramPart,
  histogram_avg: histogramPart,
  histogram_stddev: histogramPart,
  histogram_stdvar: histogramPart,
  info,
};
