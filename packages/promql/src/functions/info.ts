/**
 * info(v, {matchers}): adds the data labels of info metrics that share `instance` and `job`; of overlapping info series
 * the one with the newest sample counts. The info series are read at the time the base series are.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#info.
 */
import { type Labels, Matcher, METRIC_NAME } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import {
  ABSENT,
  type Column,
  FLOAT,
  type Grid,
  HISTOGRAM,
  newColumn,
  setFloat,
  setHistogram,
  type Value,
} from '../eval/column.ts';
import type { Evaluator } from '../eval/evaluator.ts';
import { goLabels } from '../eval/go-labels.ts';
import { selectVector } from '../eval/select.ts';
import type { Call, Expr, TimeShift, VectorSelector } from '../parser/ast.ts';
import { walk } from '../parser/walk.ts';

const IDENTIFYING: ReadonlySet<string> = new Set(['instance', 'job']);
const DEFAULT_NAME = new Matcher(METRIC_NAME, '=', 'target_info');
const ANY_INFO = new Matcher(METRIC_NAME, '=~', '.+_info');

interface InfoSeries {
  readonly column: Column;
  /** Times of the samples, seconds. */
  readonly times: Column;
}

interface Wanted {
  readonly names: readonly Matcher[];
  readonly data: readonly Matcher[];
}

export async function info(evaluator: Evaluator, expr: Call, grid: Grid): Promise<Value> {
  const wanted = wantedBy(expr.args[1]);
  const base = await evaluator.vector(expr.args[0]!, grid);
  const sources = await readInfo(evaluator, expr.args[0]!, wanted, grid);
  const out: Column[] = [];
  for (const column of base) {
    const name = column.labels.metricName;
    if (wanted.names.every((matcher) => matcher.matches(name))) {
      out.push(column);
      continue;
    }
    const own = sources.get(column.labels.keep(IDENTIFYING).key) ?? [];
    out.push(...enrich(column, own, wanted));
  }
  return { type: 'vector', columns: out };
}

function wantedBy(arg: Expr | undefined): Wanted {
  const matchers = arg?.type === 'vectorSelector' ? arg.matchers : [];
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  const data = matchers.filter(({ name }) => name !== METRIC_NAME);
  if (names.length === 0) return { names: [DEFAULT_NAME], data };
  const positive = names.some(({ operator }) => operator === '=' || operator === '=~');
  return { names: positive ? names : [...names, ANY_INFO], data };
}

/** Info series by their identifying labels. */
async function readInfo(
  evaluator: Evaluator,
  base: Expr,
  wanted: Wanted,
  grid: Grid,
): Promise<Map<string, InfoSeries[]>> {
  const selector: VectorSelector = {
    type: 'vectorSelector',
    name: '',
    matchers: [...wanted.names, ...wanted.data],
    mode: undefined,
    ...shiftOf(base),
    span: base.span,
  };
  const columns = await selectVector(evaluator.context, selector, grid, 'info');
  const times = new Map<string, Column>();
  for (const column of await selectVector(evaluator.context, selector, grid, 'info', 'time')) {
    times.set(column.labels.key, column);
  }
  const found = new Map<string, InfoSeries[]>();
  for (const column of columns) {
    if (column.kinds.includes(HISTOGRAM)) {
      throw new ExecutionError(
        `this should be an info metric, with float samples: ${column.labels.metricName}`,
      );
    }
    const { key } = column.labels.keep(IDENTIFYING);
    const list = found.get(key) ?? [];
    list.push({ column, times: times.get(column.labels.key)! });
    found.set(key, list);
  }
  return found;
}

/** The offsets and @ of the first selector and of the subqueries around it. */
function shiftOf(base: Expr): TimeShift {
  let shift: TimeShift | undefined;
  walk(base, (node, path) => {
    if (node.type !== 'vectorSelector' || shift) return;
    shift = { offsetMs: 0, offsetExpr: undefined, timestampMs: undefined, startOrEnd: undefined };
    for (const one of [...path, node]) {
      if (one.type !== 'subquery' && one.type !== 'vectorSelector') continue;
      const fixed = one.timestampMs !== undefined || one.startOrEnd !== undefined;
      shift.offsetMs = one.offsetMs + (fixed ? 0 : shift.offsetMs);
      shift.offsetExpr = one.offsetExpr ?? shift.offsetExpr;
      if (!fixed) continue;
      shift.timestampMs = one.timestampMs;
      shift.startOrEnd = one.startOrEnd;
    }
  });
  return shift ?? { offsetMs: 0, offsetExpr: undefined, timestampMs: undefined, startOrEnd: undefined };
}

/** One column per label set that the base series gets over time. */
function enrich(base: Column, sources: readonly InfoSeries[], wanted: Wanted): Column[] {
  const byKey = new Map<string, Column>();
  const mayBeBare = wanted.data.every((matcher) => matcher.matchesEmpty);
  for (let i = 0; i < base.kinds.length; i++) {
    if (base.kinds[i] === ABSENT) continue;
    const chosen = newestPerName(sources, i);
    if (chosen.length === 0 && !mayBeBare) continue;
    const labels = withData(base.labels, chosen, wanted);
    let column = byKey.get(labels.key);
    if (!column) {
      column = newColumn(labels, base.kinds.length, base.dropName);
      byKey.set(labels.key, column);
    }
    if (base.kinds[i] === FLOAT) setFloat(column, i, base.values[i]!);
    else setHistogram(column, i, base.histograms![i]!);
  }
  return [...byKey.values()];
}

function newestPerName(sources: readonly InfoSeries[], step: number): readonly InfoSeries[] {
  const newest = new Map<string, InfoSeries>();
  for (const source of sources) {
    if (source.column.kinds[step] === ABSENT) continue;
    const name = source.column.labels.metricName;
    const other = newest.get(name);
    if (!other) {
      newest.set(name, source);
      continue;
    }
    const [time, otherTime] = [source.times.values[step]!, other.times.values[step]!];
    if (time === otherTime) {
      const both = `existing ${goLabels(other.column.labels)} @ ${otherTime * 1000}, new series ${goLabels(source.column.labels)} @ ${time * 1000}`;
      throw new ExecutionError(`found duplicate series for info metric: ${both}`);
    }
    if (time > otherTime) newest.set(name, source);
  }
  return [...newest.values()];
}

function withData(base: Labels, chosen: readonly InfoSeries[], { data }: Wanted): Labels {
  const added = new Map<string, string>();
  for (const { column } of chosen) {
    for (const [name, value] of column.labels.pairs()) {
      if (name === METRIC_NAME || base.has(name)) continue;
      if (data.length > 0 && !data.some((matcher) => matcher.name === name)) continue;
      const known = added.get(name);
      if (known !== undefined && known !== value) throw new ExecutionError(`conflicting label: ${name}`);
      added.set(name, value);
    }
  }
  let labels = base;
  for (const [name, value] of added) labels = labels.with(name, value);
  return labels;
}
