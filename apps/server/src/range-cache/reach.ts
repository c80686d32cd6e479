/**
 * How far from its evaluation time a query reads, and whether a step's value is the same whatever other steps are asked for:
 * only then may steps of an earlier answer be used again.
 */
import { type Expr, walk } from '@watchroom/promql';

export interface Reach {
  /** A step reads no sample that is older than itself by more than this, ms. */
  readonly backMs: number;
  /** Nor any that is later than itself by more than this, ms. */
  readonly aheadMs: number;
}

/** They read the range or the step that was asked for, or series as they are over the whole range. */
const WHOLE_RANGE: ReadonlySet<string> = new Set(['start', 'end', 'range', 'step', 'info']);

interface Settings {
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
}

/** By the tree, which the parser gives again for the same text. */
const known = new WeakMap<Expr, Settings & { readonly reach: Reach | undefined }>();

/** Undefined when steps must not be used again. `lookbackMs`: of instant selectors; `subqueryStepMs`: of subqueries without a step. */
export function reachOf(expr: Expr, lookbackMs: number, subqueryStepMs: number): Reach | undefined {
  const former = known.get(expr);
  if (former?.lookbackMs === lookbackMs && former.subqueryStepMs === subqueryStepMs) return former.reach;
  const reach = findReach(expr, { lookbackMs, subqueryStepMs });
  known.set(expr, { lookbackMs, subqueryStepMs, reach });
  return reach;
}

function findReach(expr: Expr, { lookbackMs, subqueryStepMs }: Settings): Reach | undefined {
  let safe = true;
  let [backMs, aheadMs] = [0, 0];
  walk(expr, (node, path) => {
    if (node.type === 'call' && WHOLE_RANGE.has(node.func.name)) safe = false;
    // Which series it takes depends on the order in which the store gives them.
    if (node.type === 'aggregate' && node.op === 'limitk') safe = false;
    if (node.type === 'matrixSelector' && node.rangeExpr) safe = false;
    if (node.type === 'subquery' && (node.rangeExpr || node.stepExpr || isPinned(node))) safe = false;
    if (node.type !== 'vectorSelector') return;
    if (node.mode || isPinned(node)) safe = false;
    let back = node.offsetMs + lookbackMs;
    let ahead = -node.offsetMs;
    for (const outer of path) {
      if (outer.type === 'matrixSelector') back += outer.rangeMs;
      if (outer.type !== 'subquery') continue;
      back += outer.rangeMs + outer.offsetMs + (outer.stepMs || subqueryStepMs);
      ahead -= outer.offsetMs;
    }
    backMs = Math.max(backMs, back);
    aheadMs = Math.max(aheadMs, ahead);
  });
  return safe ? { backMs, aheadMs } : undefined;
}

/** Holds to a time of its own, or computes its offset. */
function isPinned(node: {
  readonly timestampMs: number | undefined;
  readonly startOrEnd: 'start' | 'end' | undefined;
  readonly offsetExpr: object | undefined;
}): boolean {
  return node.timestampMs !== undefined || node.startOrEnd !== undefined || node.offsetExpr !== undefined;
}
