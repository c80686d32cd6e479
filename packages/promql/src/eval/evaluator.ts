/** Walks the tree: each node answers for all evaluation times at once. */
import { Labels, type SeriesEnds } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
import { callVector } from '../functions/calls.ts';
import { rangeFunctions } from '../functions/index.ts';
import { negated } from '../functions/negate.ts';
import type {
  Aggregate,
  Binary,
  Call,
  Expr,
  MatrixSelector,
  Span,
  Subquery,
  Unary,
  VectorSelector,
} from '../parser/ast.ts';
import { SET_OPERATORS, unwrapParens, valueTypeOf } from '../parser/ast.ts';
import { aggregate } from './aggregate.ts';
import { scalarBinary, vectorScalar } from './binary.ts';
import { type Column, dropNames, type Grid, newColumn, setFloat, timeAt, type Value } from './column.ts';
import type { EvalContext } from './context.ts';
import { ensureAllowed, type Mode } from './extended.ts';
import { fusible, Groups, HistogramMet, hasName, KEEP_NAME, type SelectorCall } from './fused.ts';
import { tidyPlaces } from './group-places.ts';
import { isInvariant } from './invariant.ts';
import { vectorMatching } from './matching.ts';
import { countValues, pick } from './pick.ts';
import {
  columnToRange,
  eachRange,
  eachVector,
  type NextColumn,
  type RangeSeries,
  type Reading,
  selectRange,
  selectVector,
} from './select.ts';
import type { SeriesRead } from './series-source.ts';
import { setOperation } from './set-operators.ts';
import { resolveDuration, shiftFor } from './shift.ts';
import { Window } from './window.ts';
import { Windows } from './windows.ts';

/** The samples under a range argument and where its windows end. */
export interface RangeInput {
  readonly series: readonly RangeSeries[];
  readonly rangeMs: number;
  /** End of the first window, and the way from one to the next (0 when `@` holds it). */
  readonly firstEndMs: number;
  readonly advanceMs: number;
}

/** Takes series from a range function. */
interface SeriesTaker {
  /** Gives the column that a series goes into, */
  readonly next: NextColumn;
  /** which then has values at so many steps. */
  readonly use: (column: Column, points: number) => void;
  /** Takes one value of each of several series, at the only step. */
  readonly useMany: (ends: SeriesEnds, values: Float64Array) => void;
}

const PICKS: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);

export class Evaluator {
  readonly context: EvalContext;

  constructor(context: EvalContext) {
    this.context = context;
  }

  async eval(expr: Expr, grid: Grid): Promise<Value> {
    const { observer } = this.context;
    return observer ? observer.value(expr, () => this.#eval(expr, grid)) : this.#eval(expr, grid);
  }

  async #eval(expr: Expr, grid: Grid): Promise<Value> {
    this.context.hold(grid.count);
    if (grid.count > 1 && expr.type !== 'number' && expr.type !== 'string' && isInvariant(expr)) {
      return repeat(await this.#node(expr, { ...grid, count: 1 }), grid.count);
    }
    const { shared } = this.context;
    return shared ? shared.value(expr, grid, (node) => this.#node(node, grid)) : this.#node(expr, grid);
  }

  async vector(expr: Expr, grid: Grid): Promise<Column[]> {
    const value = await this.eval(expr, grid);
    if (value.type !== 'vector') throw new ExecutionError(`expected a vector, got a ${value.type}`);
    return value.columns;
  }

  async scalar(expr: Expr, grid: Grid): Promise<Float64Array> {
    const value = await this.eval(expr, grid);
    if (value.type !== 'scalar') throw new ExecutionError(`expected a scalar, got a ${value.type}`);
    return value.values;
  }

  /** A string argument. */
  text(expr: Expr): string {
    const inner = unwrapParens(expr);
    return inner.type === 'string' ? inner.value : '';
  }

  async #node(expr: Expr, grid: Grid): Promise<Value> {
    switch (expr.type) {
      case 'number':
        return { type: 'scalar', values: new Float64Array(grid.count).fill(expr.value) };
      case 'string':
        return { type: 'string', value: expr.value };
      case 'paren':
        return this.eval(expr.expr, grid);
      case 'unary':
        return this.#unary(expr, grid);
      case 'vectorSelector':
        return vectorOf(await selectVector(this.context, expr, grid, ''));
      case 'aggregate':
        return vectorOf(await this.#aggregate(expr, grid));
      case 'binary':
        return this.#binary(expr, grid);
      case 'call':
        return this.#call(expr, grid);
      case 'matrixSelector':
      case 'subquery':
        throw new ExecutionError('a range vector has no value at a single time');
    }
  }

  /** Reads an instant selector for the node around it; `reading` says what of a sample. */
  async select(
    selector: VectorSelector,
    grid: Grid,
    func: string,
    reading: Reading = 'value',
  ): Promise<Column[]> {
    const { observer } = this.context;
    const read = (): Promise<Column[]> => selectVector(this.context, selector, grid, func, reading);
    return observer ? observer.columns(selector, read) : read();
  }

  async #unary(expr: Unary, grid: Grid): Promise<Value> {
    const value = await this.eval(expr.expr, grid);
    if (expr.op === '+') return value;
    if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((v) => -v) };
    if (value.type !== 'vector') return value;
    return vectorOf(dropNames(value.columns.map(negated), this.context));
  }

  async #aggregate(expr: Aggregate, grid: Grid): Promise<Column[]> {
    const source = fusible(this.context, expr, grid.count);
    const fused = source && (await this.#fused(expr, source, grid));
    if (fused) return fused;
    const columns =
      expr.expr.type === 'vectorSelector' && !(grid.count > 1 && isInvariant(expr.expr))
        ? await this.select(expr.expr, grid, expr.op)
        : await this.vector(expr.expr, grid);
    if (expr.op === 'count_values') return countValues(expr, columns, this.text(expr.param!));
    const param = expr.param ? await this.scalar(expr.param, grid) : undefined;
    if (PICKS.has(expr.op)) return pick(this.context, expr, columns, param!);
    return aggregate(this.context, expr, columns, param);
  }

  /** Undefined when there are histograms among the series. */
  async #fused(
    expr: Aggregate,
    source: VectorSelector | SelectorCall,
    grid: Grid,
  ): Promise<Column[] | undefined> {
    const { context } = this;
    const { samples, series } = context;
    const nameless = 'call' in source && !KEEP_NAME.has(source.call.func.name);
    const groups = new Groups(expr, context.querier, newColumn(Labels.EMPTY, grid.count), nameless);
    const next: NextColumn = (labels, ref) => groups.next(labels, ref);
    const use = (_: Column, points: number): void => groups.add(points);
    const useMany = (ends: SeriesEnds, values: Float64Array): void => groups.addMany(ends, values);
    try {
      if ('call' in source) await this.#rangeColumns(source.call, grid, { next, use, useMany });
      else await eachVector(context, source, grid, expr.op, next, use);
      tidyPlaces(expr, context.querier, context.series - series);
      return groups.finish();
    } catch (error) {
      if (!(error instanceof HistogramMet)) throw error;
      context.samples = samples;
      context.series = series;
      return undefined;
    }
  }

  async #binary(expr: Binary, grid: Grid): Promise<Value> {
    const lhs = await this.eval(expr.lhs, grid);
    const rhs = await this.eval(expr.rhs, grid);
    if (this.context.due) await this.context.pause();
    if (lhs.type === 'scalar' && rhs.type === 'scalar') {
      return { type: 'scalar', values: scalarBinary(expr, lhs.values, rhs.values) };
    }
    if (lhs.type === 'vector' && rhs.type === 'scalar') {
      return vectorOf(vectorScalar(this.context, expr, lhs.columns, rhs.values, false));
    }
    if (lhs.type === 'scalar' && rhs.type === 'vector') {
      return vectorOf(vectorScalar(this.context, expr, rhs.columns, lhs.values, true));
    }
    if (lhs.type !== 'vector' || rhs.type !== 'vector')
      throw new ExecutionError('operands must be vectors or scalars');
    if (SET_OPERATORS.has(expr.op)) return vectorOf(setOperation(expr, lhs.columns, rhs.columns));
    return vectorOf(vectorMatching(this.context, expr, lhs.columns, rhs.columns));
  }

  async #call(expr: Call, grid: Grid): Promise<Value> {
    if (rangeFunctions[expr.func.name] && rangeArgument(expr) >= 0)
      return vectorOf(await this.#rangeCall(expr, grid));
    return callVector(this, expr, grid);
  }

  async #rangeCall(expr: Call, grid: Grid): Promise<Column[]> {
    const { context } = this;
    const out: Column[] = [];
    const next: NextColumn = (labels, _ref, dropName) => {
      context.hold(grid.count);
      return newColumn(labels, grid.count, dropName);
    };
    const use = (column: Column, points: number): void => {
      if (points > 0) out.push(column);
    };
    const useMany = (ends: SeriesEnds, values: Float64Array): void => {
      for (let k = 0; k < ends.count; k++) {
        const column = next(ends.labelsOf(k), ends.refs[k], false);
        setFloat(column, 0, values[k]!);
        out.push(column);
      }
    };
    await this.#rangeColumns(expr, grid, { next, use, useMany });
    if (!KEEP_NAME.has(expr.func.name)) return dropNames(out, context);
    // Also the name that a subquery was about to lose.
    for (const column of out) column.dropName = false;
    return out;
  }

  /** Runs a range function on each series. */
  async #rangeColumns(expr: Call, grid: Grid, { next, use, useMany }: SeriesTaker): Promise<void> {
    const { context } = this;
    const rangeAt = rangeArgument(expr);
    const name = expr.func.name;
    const scalars = expr.args.filter((_, i) => i !== rangeAt);
    const mode = modeOf(expr.args[rangeAt]!);
    if (mode) ensureAllowed(mode, name);
    const params: Float64Array[] = [];
    for (const scalar of scalars) params.push(await this.scalar(scalar, grid));
    const arg = unwrapParens(expr.args[rangeAt]!);
    // Read and evaluated apart when somebody asks for the time of each.
    const streams = arg.type === 'matrixSelector' && !context.observer;
    const direct = streams ? this.#reading(arg, grid, name) : undefined;
    const input = direct ?? (await this.range(arg, grid, name));
    // Prometheus has no position for what a subquery answers, and tells its beginning.
    const span = arg.type === 'subquery' ? { start: 0, end: 0 } : arg.span;
    const window = new Window(context.annotations, span);
    window.rangeMs = input.rangeMs;
    if (scalars[0]) window.paramSpan = paramSpan(scalars[0], arg);
    const { rangeMs, firstEndMs, advanceMs } = input;
    const windows = new Windows(
      {
        grid,
        run: rangeFunctions[name]!,
        func: name,
        mode,
        hasOneName: arg.type === 'matrixSelector' && hasName(arg.vector),
        lookbackMs: context.lookbackMs,
        params,
        rangeMs,
        firstEndMs,
        advanceMs,
        check: () => context.check(),
      },
      window,
    );
    const run = (series: RangeSeries): void => {
      const column = next(series.labels, series.ref, series.dropName);
      use(column, windows.fill(column, series));
    };
    const runEnds = (ends: SeriesEnds): void => {
      const values = windows.ofEnds(ends);
      if (values) useMany(ends, values);
    };
    if (arg.type === 'matrixSelector' && direct)
      await eachRange(context, arg.vector, direct.read, run, windows.takesEnds ? runEnds : undefined);
    for (const series of input.series) {
      if (context.due) await context.pause();
      run(series);
    }
  }

  /** Reads a range argument once for all windows. */
  async range(expr: Expr, grid: Grid, func: string): Promise<RangeInput> {
    const { observer } = this.context;
    const inner = unwrapParens(expr);
    return observer
      ? observer.range(inner, () => this.#range(inner, grid, func))
      : this.#range(inner, grid, func);
  }

  async #range(inner: Expr, grid: Grid, func: string): Promise<RangeInput> {
    if (inner.type === 'matrixSelector') return this.#matrix(inner, grid, func);
    if (inner.type === 'subquery') return this.#subquery(inner, grid);
    throw new ExecutionError('expected a range vector');
  }

  async #matrix(expr: MatrixSelector, grid: Grid, func: string): Promise<RangeInput> {
    const { read, ...input } = this.#reading(expr, grid, func);
    return { ...input, series: await selectRange(this.context, expr.vector, read) };
  }

  /** Where the windows of a range selector lie, and what has to be read for them. */
  #reading(expr: MatrixSelector, grid: Grid, func: string): RangeInput & { readonly read: SeriesRead } {
    const { context } = this;
    const rangeMs = resolveDuration(context, expr.rangeMs, expr.rangeExpr, true);
    const { offsetMs, grid: at } = shiftFor(context, expr.vector, grid);
    const firstEndMs = at.startMs - offsetMs;
    const lastEndMs = timeAt(at, at.count - 1) - offsetMs;
    const { mode } = expr.vector;
    const startMs = firstEndMs - rangeMs + 1 - (mode ? context.lookbackMs : 0);
    const endMs = lastEndMs + (mode === 'smoothed' ? context.lookbackMs : 0);
    const read = { startMs, endMs, hints: { stepMs: at.stepMs, rangeMs, func } };
    return { series: [], rangeMs, firstEndMs, advanceMs: at.count === 1 ? 0 : at.stepMs, read };
  }

  async #subquery(expr: Subquery, grid: Grid): Promise<RangeInput> {
    const { context } = this;
    const rangeMs = resolveDuration(context, expr.rangeMs, expr.rangeExpr, true);
    const ownStepMs = resolveDuration(context, expr.stepMs, expr.stepExpr, true);
    const stepMs = ownStepMs === 0 ? context.defaultSubqueryStepMs : ownStepMs;
    const { offsetMs, grid: at } = shiftFor(context, expr, grid);
    const firstEndMs = at.startMs - offsetMs;
    const lastEndMs = timeAt(at, at.count - 1) - offsetMs;
    let startMs = stepMs * Math.trunc((firstEndMs - rangeMs) / stepMs);
    if (startMs <= firstEndMs - rangeMs) startMs += stepMs;
    const count = Math.max(0, Math.floor((lastEndMs - startMs) / stepMs) + 1);
    const inner: Grid = { startMs, stepMs, count };
    const ends = { rangeMs, firstEndMs, advanceMs: at.count === 1 ? 0 : at.stepMs };
    if (count === 0) return { series: [], ...ends };
    const detects = context.detectsResets;
    context.detectsResets = false;
    const columns = await this.vector(expr.expr, inner);
    context.detectsResets = detects;
    return { series: columns.map((column) => columnToRange(column, inner)), ...ends };
  }
}

/** Where Prometheus tells a scalar argument to be: with its parentheses when it is computed once for all steps. */
function paramSpan(param: Expr, range: Expr): Span {
  const inner = unwrapParens(param);
  const once = isInvariant(param) && !isInvariant(range) && inner.type !== 'number';
  return once ? param.span : inner.span;
}

/** The index of the argument that is a range vector; -1 when none is. */
function rangeArgument(expr: Call): number {
  return expr.args.findIndex((arg) => valueTypeOf(arg) === 'matrix');
}

function modeOf(expr: Expr): Mode | undefined {
  const inner = unwrapParens(expr);
  return inner.type === 'matrixSelector' ? inner.vector.mode : undefined;
}

function vectorOf(columns: Column[]): Value {
  return { type: 'vector', columns };
}

function repeat(value: Value, count: number): Value {
  if (value.type === 'scalar')
    return { type: 'scalar', values: new Float64Array(count).fill(value.values[0]!) };
  if (value.type !== 'vector') return value;
  const columns = value.columns.map((column) => ({
    ...column,
    kinds: new Uint8Array(count).fill(column.kinds[0]!),
    values: new Float64Array(count).fill(column.values[0]!),
    histograms: column.histograms && new Array(count).fill(column.histograms[0]),
  }));
  return vectorOf(columns);
}
