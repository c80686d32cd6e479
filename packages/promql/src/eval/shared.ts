/**
 * What several queries of one time have in common, evaluated once: rules of a group often differ only in what they do with
 * the same aggregation (quantiles of one histogram).
 */
import type { Expr } from '../parser/ast.ts';
import { formatExpr } from '../parser/format.ts';
import { childrenOf, selectorsOf } from '../parser/walk.ts';
import type { Grid, Value } from './column.ts';

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
        this.#wanted.add(text);
        return;
      }
      seen.add(text);
    }
    for (const child of childrenOf(node)) this.#look(child, changing, seen);
  }

  /** For queries that see the store as it is now. */
  begin(): SharedResults {
    return new SharedResults(this.#wanted);
  }
}

/** Results of shared expressions; for the queries of one evaluation by one engine, then thrown away. */
export class SharedResults {
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Map<string, Promise<Value>>();

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** Whether other queries want the value of this node, too. */
  wants(expr: Expr): boolean {
    return this.#wanted.size > 0 && this.#wanted.has(textOf(expr));
  }

  /** The value of a node at one time, from a query before when it is known. */
  value(expr: Expr, grid: Grid, evaluate: () => Promise<Value>): Promise<Value> {
    if (this.#wanted.size === 0 || grid.count !== 1) return evaluate();
    if (expr.type !== 'aggregate' && expr.type !== 'call') return evaluate();
    const text = textOf(expr);
    if (!this.#wanted.has(text)) return evaluate();
    const key = `${grid.startMs} ${text}`;
    const known = this.#found.get(key);
    if (known) return known.then(copied);
    const value = evaluate();
    this.#found.set(key, value);
    value.catch(() => this.#found.delete(key));
    return value.then(copied);
  }
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
