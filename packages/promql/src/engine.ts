/** Runs queries: parse cache, concurrency with a bounded queue, deadline, sample budget, results in Prometheus' shape. */
import { type Clock, Labels, type Querier, systemClock } from '@watchroom/model';
import { AnnotationCollector } from './annotations.ts';
import { ExecutionError } from './errors.ts';
import {
  ABSENT,
  type Column,
  type Grid,
  HISTOGRAM,
  mergeAlike,
  type NameRule,
  timeAt,
  type Value,
  withoutName,
} from './eval/column.ts';
import { EvalContext } from './eval/context.ts';
import { Evaluator } from './eval/evaluator.ts';
import type { SharedResults } from './eval/shared.ts';
import { ExplainObserver } from './explain.ts';
import { Gate } from './gate.ts';
import { ParsedQueries } from './parsed-queries.ts';
import { type Expr, formatExpr, parseExpr, unwrapParens, valueTypeOf } from './parser/index.ts';
import type { MatrixSeries, QueryResult, QueryValue, VectorSample } from './result.ts';

export interface EngineOptions {
  /** How old a sample an instant selector takes; default 5 min. */
  readonly lookbackMs?: number;
  /** Default 2 min, the wait in the queue included. */
  readonly timeoutMs?: number;
  /** Samples read by one query; default 50 million. */
  readonly maxSamples?: number;
  /** Queries running at a time; default 20. */
  readonly maxConcurrent?: number;
  /** Queries waiting; default 200. */
  readonly maxQueued?: number;
  /** Step of subqueries that name none; default 1 min. */
  readonly defaultSubqueryStepMs?: number;
  readonly experimental?: boolean;
  readonly delayedNameRemoval?: boolean;
  /** Series carry __type__ and __unit__, which go where the name goes; default false. */
  readonly metadataLabels?: boolean;
  /** Functions of counters take a sample's start timestamp into account; default false. */
  readonly startTimestamps?: boolean;
  /** So many series at most are remembered of queries that come again; default 500,000, of 50 to 300 bytes each. */
  readonly mostKeptSeries?: number;
  readonly clock?: Clock;
  /** Its queries go on before those of other engines when all have paused for other work; default false. */
  readonly inAHurry?: boolean;
}

interface Request {
  /** Text, or a tree that parseExpr made. */
  readonly query: string | Expr;
  readonly querier: Querier;
  readonly signal?: AbortSignal | undefined;
  readonly lookbackMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Also measure each node of the tree; the result has `explain`. */
  readonly explain?: boolean | undefined;
}

export interface InstantRequest extends Request {
  readonly timeMs: number;
  /** Results that queries of the same time, engine and querier share. */
  readonly shared?: SharedResults | undefined;
}

export interface RangeRequest extends Request {
  readonly startMs: number;
  readonly endMs: number;
  /** Positive. */
  readonly stepMs: number;
}

export class Engine {
  readonly #options: Required<EngineOptions>;
  readonly #gate: Gate;
  readonly #parsed: ParsedQueries;

  constructor(options: EngineOptions = {}) {
    this.#options = {
      lookbackMs: 300_000,
      timeoutMs: 120_000,
      maxSamples: 50_000_000,
      maxConcurrent: 20,
      maxQueued: 200,
      defaultSubqueryStepMs: 60_000,
      experimental: false,
      delayedNameRemoval: false,
      metadataLabels: false,
      startTimestamps: false,
      inAHurry: false,
      mostKeptSeries: 500_000,
      clock: systemClock,
      ...options,
    };
    const { experimental, mostKeptSeries } = this.#options;
    this.#parsed = new ParsedQueries((query) => parseExpr(query, { experimental }), mostKeptSeries);
    this.#gate = new Gate(this.#options.maxConcurrent, this.#options.maxQueued);
  }

  /** Queries running and waiting now, and those refused so far. */
  get load(): { readonly running: number; readonly waiting: number; readonly refused: number } {
    return this.#gate.load;
  }

  /** Parses with this engine's settings; the tree is shared and must not be changed. Throws ParseError. */
  parse(query: string): Expr {
    return this.#parsed.get(query);
  }

  /** The value at one time. */
  async instant(request: InstantRequest): Promise<QueryResult> {
    const grid: Grid = { startMs: request.timeMs, stepMs: 0, count: 1 };
    return this.#run(request, grid, async (evaluator, expr) => instantValue(evaluator, expr, grid));
  }

  /** The values from startMs to endMs, both included when the step falls on them; always a matrix. */
  async range(request: RangeRequest): Promise<QueryResult> {
    const { startMs, endMs, stepMs } = request;
    const count = Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1);
    const grid: Grid = { startMs, stepMs, count };
    return this.#run(request, grid, async (evaluator, expr) => rangeValue(evaluator, expr, grid), endMs);
  }

  async #run(
    request: Request & Pick<InstantRequest, 'shared'>,
    grid: Grid,
    evaluate: (evaluator: Evaluator, expr: Expr) => Promise<QueryValue>,
    endMs = grid.startMs,
  ): Promise<QueryResult> {
    const options = this.#options;
    const { clock } = options;
    const expr = typeof request.query === 'string' ? this.parse(request.query) : request.query;
    const text = typeof request.query === 'string' ? request.query : formatExpr(expr);
    const queuedAtMs = clock.monotonic();
    const timeoutMs = Math.min(request.timeoutMs ?? options.timeoutMs, options.timeoutMs);
    const release = await this.#gate.enter(request.signal);
    const startedAtMs = clock.monotonic();
    let context: EvalContext | undefined;
    try {
      const annotations = new AnnotationCollector(text);
      const running: EvalContext = new EvalContext({
        querier: request.querier,
        annotations,
        clock,
        signal: request.signal,
        lookbackMs: request.lookbackMs ?? options.lookbackMs,
        delayedNameRemoval: options.delayedNameRemoval,
        metadataLabels: options.metadataLabels,
        startTimestamps: options.startTimestamps,
        inAHurry: options.inAHurry,
        maxSamples: options.maxSamples,
        deadlineMs: queuedAtMs + timeoutMs,
        defaultSubqueryStepMs: options.defaultSubqueryStepMs,
        startMs: grid.startMs,
        endMs,
        stepMs: grid.stepMs,
        observer: request.explain ? new ExplainObserver(clock, () => running.samples) : undefined,
        shared: request.explain ? undefined : request.shared,
      });
      context = running;
      context.check();
      const value = await evaluate(new Evaluator(context), expr);
      return {
        value,
        warnings: annotations.warnings,
        infos: annotations.infos,
        stats: {
          samples: context.samples,
          series: context.series,
          queueMs: startedAtMs - queuedAtMs,
          evalMs: clock.monotonic() - startedAtMs,
        },
        ...(context.observer && { explain: context.observer.tree(expr) }),
      };
    } finally {
      if (context && typeof request.query === 'string') this.#parsed.hasRun(request.query, context.series);
      context?.end();
      release();
    }
  }
}

async function instantValue(evaluator: Evaluator, expr: Expr, grid: Grid): Promise<QueryValue> {
  const timeMs = grid.startMs;
  if (valueTypeOf(expr) === 'matrix')
    return { type: 'matrix', series: await rawMatrix(evaluator, expr, grid) };
  const value = await evaluator.eval(expr, grid);
  if (value.type === 'scalar') return { type: 'scalar', timeMs, value: value.values[0]! };
  if (value.type === 'string') return { type: 'string', timeMs, value: value.value };
  const samples: VectorSample[] = [];
  for (const column of finished(value.columns, evaluator.context)) {
    if (column.kinds[0] === ABSENT) continue;
    const histogram = column.kinds[0] === HISTOGRAM ? column.histograms![0] : undefined;
    samples.push({ labels: column.labels, timeMs, value: column.values[0]!, histogram });
  }
  return { type: 'vector', samples };
}

/** A range selector asked for as it is. */
async function rawMatrix(evaluator: Evaluator, expr: Expr, grid: Grid): Promise<MatrixSeries[]> {
  const input = await evaluator.range(expr, grid, '');
  const endMs = input.firstEndMs;
  const series: MatrixSeries[] = [];
  for (const one of input.series) {
    const points: { timeMs: number; value: number; histogram: MatrixSeriesPoint }[] = [];
    const within = (timeMs: number): boolean => timeMs > endMs - input.rangeMs && timeMs <= endMs;
    one.times.forEach((timeMs, i) => {
      if (within(timeMs)) points.push({ timeMs, value: one.values[i]!, histogram: undefined });
    });
    one.histogramTimes?.forEach((timeMs, i) => {
      if (within(timeMs)) points.push({ timeMs, value: 0, histogram: one.histograms![i] });
    });
    if (points.length === 0) continue;
    points.sort((a, b) => a.timeMs - b.timeMs);
    series.push({
      labels: one.dropName ? withoutName(one.labels, evaluator.context.metadataLabels) : one.labels,
      timestamps: Float64Array.from(points, (point) => point.timeMs),
      values: Float64Array.from(points, (point) => point.value),
      histograms: one.histograms && points.map((point) => point.histogram),
    });
  }
  return series.sort((a, b) => a.labels.compare(b.labels));
}

type MatrixSeriesPoint = NonNullable<MatrixSeries['histograms']>[number];

async function rangeValue(evaluator: Evaluator, expr: Expr, grid: Grid): Promise<QueryValue> {
  const type = valueTypeOf(unwrapParens(expr));
  if (type !== 'scalar' && type !== 'vector') {
    const name = type === 'matrix' ? 'range vector' : type;
    throw new ExecutionError(
      `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
    );
  }
  const value =
    grid.count === 0 ? { type: 'vector' as const, columns: [] } : await evaluator.eval(expr, grid);
  return { type: 'matrix', series: matrixOf(value, grid, evaluator.context) };
}

function matrixOf(value: Value, grid: Grid, rule: NameRule): MatrixSeries[] {
  if (value.type === 'scalar') {
    return [{ labels: Labels.EMPTY, timestamps: timesOf(grid), values: value.values }];
  }
  if (value.type !== 'vector') return [];
  const times = timesOf(grid);
  const series = finished(value.columns, rule).map((column) => compact(column, times));
  return series.filter((one) => one.timestamps.length > 0).sort((a, b) => a.labels.compare(b.labels));
}

function timesOf(grid: Grid): Float64Array {
  const times = new Float64Array(grid.count);
  for (let i = 0; i < times.length; i++) times[i] = timeAt(grid, i);
  return times;
}

/** Drops the names that were to go at the end. */
function finished(columns: Column[], { metadataLabels }: NameRule): Column[] {
  if (!columns.some((column) => column.dropName)) return columns;
  const out = columns.map((column) =>
    column.dropName
      ? {
          ...column,
          labels: withoutName(column.labels, metadataLabels),
          kinds: column.kinds.slice(),
          values: column.values.slice(),
        }
      : column,
  );
  return mergeAlike(out);
}

/** Series with a number at every step share one column of times, and keep the column of values that they have. */
function compact(column: Column, times: Float64Array): MatrixSeries {
  const { labels, kinds } = column;
  let points = 0;
  for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) points++;
  if (points === times.length && !column.histograms)
    return { labels, timestamps: times, values: column.values };
  const timestamps = new Float64Array(points);
  const values = new Float64Array(points);
  const histograms = column.histograms && new Array<MatrixSeriesPoint>(points).fill(undefined);
  let n = 0;
  for (let i = 0; i < times.length; i++) {
    if (kinds[i] === ABSENT) continue;
    timestamps[n] = times[i]!;
    if (histograms && kinds[i] === HISTOGRAM) histograms[n] = column.histograms![i];
    values[n++] = column.values[i]!;
  }
  return { labels, timestamps, values, histograms };
}
