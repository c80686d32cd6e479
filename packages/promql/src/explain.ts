/**
 * What each node of a query cost: an observer sees every evaluation and adds its figures to the node. Literals and
 * parentheses are left out of the tree, a range selector stands for the selector inside it. Times are wall time, the
 * pauses in which other work ran included.
 */
import type { Clock } from '@watchroom/model';
import { ABSENT, type Column, type Value } from './eval/column.ts';
import type { RangeInput } from './eval/evaluator.ts';
import type { Expr, Span, ValueType } from './parser/ast.ts';
import { childrenOf, formatExpr, unwrapParens, valueTypeOf } from './parser/index.ts';

export interface ExplainNode {
  /** The node's own text. */
  readonly expr: string;
  /** Where it stands in the query. */
  readonly span: Span;
  readonly type: Expr['type'];
  /** The function or operator; the metric of a selector when it names one; '' otherwise. */
  readonly name: string;
  readonly valueType: ValueType;
  /** Series that it gave. */
  readonly series: number;
  /** Samples read from the store for it, those of the nodes below included. */
  readonly samples: number;
  /** From its beginning to its end, ms. */
  readonly totalMs: number;
  /** Without the nodes below it. */
  readonly ownMs: number;
  readonly children: readonly ExplainNode[];
}

/** Sees evaluations; gives back what `run` gives. */
export interface EvalObserver {
  value(expr: Expr, run: () => Promise<Value>): Promise<Value>;
  columns(expr: Expr, run: () => Promise<Column[]>): Promise<Column[]>;
  range(expr: Expr, run: () => Promise<RangeInput>): Promise<RangeInput>;
  tree(root: Expr): ExplainNode;
}

interface Figures {
  series: number;
  samples: number;
  ms: number;
}

const NOTHING: Readonly<Figures> = { series: 0, samples: 0, ms: 0 };
const LEFT_OUT: ReadonlySet<Expr['type']> = new Set(['number', 'string']);

export class ExplainObserver implements EvalObserver {
  readonly #clock: Clock;
  readonly #samplesSoFar: () => number;
  readonly #figures = new Map<Expr, Figures>();

  constructor(clock: Clock, samplesSoFar: () => number) {
    this.#clock = clock;
    this.#samplesSoFar = samplesSoFar;
  }

  value(expr: Expr, run: () => Promise<Value>): Promise<Value> {
    return this.#measured(expr, run, (value) => (value.type === 'vector' ? seriesOf(value.columns) : 1));
  }

  columns(expr: Expr, run: () => Promise<Column[]>): Promise<Column[]> {
    return this.#measured(expr, run, seriesOf);
  }

  range(expr: Expr, run: () => Promise<RangeInput>): Promise<RangeInput> {
    return this.#measured(expr, run, (input) => input.series.length);
  }

  tree(root: Expr): ExplainNode {
    const expr = unwrapParens(root);
    const figures = this.#figures.get(expr) ?? NOTHING;
    const below = expr.type === 'matrixSelector' ? [] : childrenOf(expr).map(unwrapParens);
    const children = below.filter((child) => !LEFT_OUT.has(child.type)).map((child) => this.tree(child));
    const belowMs = children.reduce((sum, child) => sum + child.totalMs, 0);
    return {
      expr: formatExpr(expr),
      span: expr.span,
      type: expr.type,
      name: nameOf(expr),
      valueType: valueTypeOf(expr),
      series: figures.series,
      samples: figures.samples,
      totalMs: figures.ms,
      ownMs: Math.max(0, figures.ms - belowMs),
      children,
    };
  }

  async #measured<T>(expr: Expr, run: () => Promise<T>, count: (result: T) => number): Promise<T> {
    const startedAtMs = this.#clock.monotonic();
    const before = this.#samplesSoFar();
    const result = await run();
    const known = this.#figures.get(expr) ?? NOTHING;
    this.#figures.set(expr, {
      series: Math.max(known.series, count(result)),
      samples: known.samples + this.#samplesSoFar() - before,
      ms: known.ms + this.#clock.monotonic() - startedAtMs,
    });
    return result;
  }
}

function seriesOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { kinds }) => sum + (kinds.some((kind) => kind !== ABSENT) ? 1 : 0), 0);
}

function nameOf(expr: Expr): string {
  switch (expr.type) {
    case 'call':
      return expr.func.name;
    case 'aggregate':
    case 'binary':
    case 'unary':
      return expr.op;
    case 'vectorSelector':
      return expr.matchers.find(({ name, operator }) => name === '__name__' && operator === '=')?.value ?? '';
    case 'matrixSelector':
      return nameOf(expr.vector);
    default:
      return '';
  }
}
