/** Walking the tree, and what a query reads from the store. */
import type { Matcher } from '@watchroom/model';
import type { Expr, VectorSelector } from './ast.ts';

export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.type) {
    case 'aggregate':
      return expr.param ? [expr.param, expr.expr] : [expr.expr];
    case 'binary':
      return [expr.lhs, expr.rhs];
    case 'call':
      return expr.args;
    case 'paren':
    case 'unary':
    case 'subquery':
      return [expr.expr];
    case 'matrixSelector':
      return [expr.vector];
    default:
      return [];
  }
}

/** Calls `visit` for each node, outer ones first, with the path of nodes above it. */
export function walk(
  expr: Expr,
  visit: (node: Expr, path: readonly Expr[]) => void,
  path: readonly Expr[] = [],
): void {
  visit(expr, path);
  const below = [...path, expr];
  for (const child of childrenOf(expr)) walk(child, visit, below);
}

/** One selector of a query and how far it reaches back. */
export interface SelectorInfo {
  readonly matchers: readonly Matcher[];
  /** From a `=` matcher on the name; undefined when the name is open. */
  readonly metricName: string | undefined;
  /** The selector's own range; 0 for an instant selector. */
  readonly rangeMs: number;
  /** Offsets of the selector and of the subqueries around it. */
  readonly offsetMs: number;
  /** Ranges of the subqueries around it. */
  readonly subqueryRangeMs: number;
  /** With `@ number`: the fixed time; the selector then does not follow the clock. */
  readonly timestampMs: number | undefined;
  /** The innermost function or aggregation around it, '' for none. */
  readonly func: string;
}

export function selectorsOf(expr: Expr): SelectorInfo[] {
  const found: SelectorInfo[] = [];
  walk(expr, (node, path) => {
    if (node.type === 'vectorSelector') found.push(describe(node, path));
  });
  return found;
}

function describe(selector: VectorSelector, path: readonly Expr[]): SelectorInfo {
  const parent = path.at(-1);
  let offsetMs = selector.offsetMs;
  let subqueryRangeMs = 0;
  let timestampMs = selector.timestampMs;
  let func = '';
  for (const node of path) {
    if (node.type === 'call') func = node.func.name;
    if (node.type === 'aggregate') func = node.op;
    if (node.type !== 'subquery') continue;
    offsetMs += node.offsetMs;
    subqueryRangeMs += node.rangeMs;
    timestampMs ??= node.timestampMs;
  }
  const named = selector.matchers.find(({ name, operator }) => name === '__name__' && operator === '=');
  return {
    matchers: selector.matchers,
    metricName: named?.value,
    rangeMs: parent?.type === 'matrixSelector' ? parent.rangeMs : 0,
    offsetMs,
    subqueryRangeMs,
    timestampMs,
    func,
  };
}
