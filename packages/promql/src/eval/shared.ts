/**
 * What several queries of one time have in common, evaluated once: rules of a group often differ only in what they do with
 * the same aggregation (quantiles of one histogram).
 */
import { type Matcher, METRIC_NAME } from '@watchroom/model';
import type { Aggregate, Expr } from '../parser/ast.ts';
import { formatExpr } from '../parser/format.ts';
import { childrenOf, selectorsOf } from '../parser/walk.ts';
import type { Column, Grid, Value } from './column.ts';

const texts = new WeakMap<Expr, string>();

function textOf(expr: Expr): string {
  let text = texts.get(expr);
  if (text === undefined) {
    text = formatExpr(expr);
    texts.set(expr, text);
  }
  return text;
}

/** Finds what is worth sharing between queries; made once for a list of them. */
export class SharedExpressions {
  readonly #wanted = new Set<string>();
  /** What is wanted and tells what others ask for, too. */
  readonly #wide: Sums[] = [];

  /**
   * `changing` names the metrics that are written between the queries: what reads them, or a metric without a fixed name,
   * is not shared.
   */
  constructor(queries: readonly Expr[], changing: ReadonlySet<string>) {
    const seen = new Set<string>();
    for (const query of queries) this.#look(query, changing, seen);
  }

  /** What is inside of something that is shared is evaluated with it, and not again. */
  #look(node: Expr, changing: ReadonlySet<string>, seen: Set<string>): void {
    if (node.type === 'aggregate' || node.type === 'call') {
      const text = textOf(node);
      if (seen.has(text) && isSteady(node, changing)) {
        const sums = this.#wanted.has(text) ? undefined : sumsOf(node);
        if (sums) this.#wide.push(sums);
        this.#wanted.add(text);
        return;
      }
      seen.add(text);
    }
    for (const child of childrenOf(node)) this.#look(child, changing, seen);
  }

  /** For queries that see the store as it is now. */
  begin(): SharedResults {
    return new SharedResults(this.#wanted, this.#wide);
  }
}

/** Results of shared expressions; for the queries of one evaluation by one engine, then thrown away. */
export class SharedResults {
  readonly #wanted: ReadonlySet<string>;
  readonly #wide: readonly Sums[];
  readonly #found = new Map<string, Promise<Value>>();

  constructor(wanted: ReadonlySet<string>, wide: readonly Sums[]) {
    this.#wanted = wanted;
    this.#wide = wide;
  }

  /** Whether other queries want the value of this node, too. */
  wants(expr: Expr): boolean {
    return this.#wanted.size > 0 && this.#wanted.has(textOf(expr));
  }

  /** The value of a node at one time, from a query before when it is known. `evaluate` is for this node, or a shared one. */
  value(expr: Expr, grid: Grid, evaluate: (node: Expr) => Promise<Value>): Promise<Value> {
    if (this.#wanted.size === 0 || grid.count !== 1) return evaluate(expr);
    if (expr.type !== 'aggregate' && expr.type !== 'call') return evaluate(expr);
    const text = textOf(expr);
    if (this.#wanted.has(text)) return this.#once(expr, text, grid, evaluate);
    return this.#fromWide(expr, grid, evaluate) ?? evaluate(expr);
  }

  #once(expr: Expr, text: string, grid: Grid, evaluate: (node: Expr) => Promise<Value>): Promise<Value> {
    const key = `${grid.startMs} ${text}`;
    const known = this.#found.get(key);
    if (known) return known.then(copied);
    const value = evaluate(expr).then(shared);
    this.#found.set(key, value);
    value.catch(() => this.#found.delete(key));
    return value.then(copied);
  }

  /** `sum by (a) (rate(m{le="1"}[2m]))` is in `sum by (a, le) (rate(m[2m]))`. Undefined when nothing shared has it. */
  #fromWide(expr: Expr, grid: Grid, evaluate: (node: Expr) => Promise<Value>): Promise<Value> | undefined {
    const narrow = this.#wide.length > 0 ? sumsOf(expr) : undefined;
    if (!narrow) return undefined;
    for (const wide of this.#wide) {
      const more = furtherMatchers(narrow, wide);
      if (!more) continue;
      const whole = this.#once(wide.expr, textOf(wide.expr), grid, evaluate);
      return whole.then((value) => {
        const columns = value.type === 'vector' && partOf(value.columns, more, narrow.expr.grouping);
        return columns ? { type: 'vector', columns } : evaluate(expr);
      });
    }
    return undefined;
  }
}

/** An aggregation by labels of one function of one selector. */
interface Sums {
  readonly expr: Aggregate;
  /** All of it but for the labels and the matchers beyond the name. */
  readonly kind: string;
  readonly matchers: readonly Matcher[];
}

const sums = new WeakMap<Expr, Sums | null>();

function sumsOf(expr: Expr): Sums | undefined {
  let known = sums.get(expr);
  if (known === undefined) {
    known = findSums(expr) ?? null;
    sums.set(expr, known);
  }
  return known ?? undefined;
}

function findSums(expr: Expr): Sums | undefined {
  if (expr.type !== 'aggregate' || expr.without || expr.param || expr.expr.type !== 'call') return undefined;
  const call = expr.expr;
  const [range] = call.args;
  if (call.args.length !== 1 || range?.type !== 'matrixSelector') return undefined;
  const { vector } = range;
  const nameOnly = vector.matchers.filter(({ name }) => name === METRIC_NAME);
  const bare: Expr = { ...call, args: [{ ...range, vector: { ...vector, matchers: nameOnly } }] };
  return { expr, kind: `${expr.op} ${formatExpr(bare)}`, matchers: vector.matchers };
}

/** The matchers that tell which groups of the wide one the narrow one asks for; undefined when it does not have them. */
function furtherMatchers(narrow: Sums, wide: Sums): Matcher[] | undefined {
  if (narrow.kind !== wide.kind) return undefined;
  const has = (list: readonly Matcher[], one: Matcher): boolean =>
    list.some((other) => other.toString() === one.toString());
  if (!wide.matchers.every((matcher) => has(narrow.matchers, matcher))) return undefined;
  const more = narrow.matchers.filter((matcher) => !has(wide.matchers, matcher));
  const labels = wide.expr.grouping;
  if (!more.every(({ name }) => labels.includes(name))) return undefined;
  if (!narrow.expr.grouping.every((name) => labels.includes(name))) return undefined;
  const gone = labels.filter((name) => !narrow.expr.grouping.includes(name));
  return gone.every((label) => more.some(({ name }) => name === label)) ? more : undefined;
}

/** Undefined when several groups would have to become one. */
function partOf(
  columns: readonly Column[],
  matchers: readonly Matcher[],
  grouping: readonly string[],
): Column[] | undefined {
  const kept = new Set(grouping);
  const found = new Map<string, Column>();
  for (const column of columns) {
    if (!matchers.every((matcher) => matcher.matches(column.labels.get(matcher.name)))) continue;
    const labels = column.labels.keep(kept);
    if (found.has(labels.key)) return undefined;
    found.set(labels.key, { ...column, labels });
  }
  return [...found.values()];
}

/** Nobody writes into what several take. */
function shared(value: Value): Value {
  if (value.type === 'vector') for (const column of value.columns) column.isShared = true;
  return value;
}

/** Whoever takes a vector may put its columns into another order. */
function copied(value: Value): Value {
  return value.type === 'vector' ? { type: 'vector', columns: [...value.columns] } : value;
}

function isSteady(expr: Expr, changing: ReadonlySet<string>): boolean {
  const selectors = selectorsOf(expr);
  return (
    selectors.length > 0 &&
    selectors.every(({ metricName }) => metricName !== undefined && !changing.has(metricName))
  );
}
