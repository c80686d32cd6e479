/** The tree of an explained query as rows, each with its depth and its share of the time. */
import type { ExplainNode } from '@watchroom/contract';

export interface ExplainRow {
  readonly node: ExplainNode;
  /** Places of the ancestors' children, `0.1.0`: the same from run to run. */
  readonly path: string;
  readonly depth: number;
  readonly hasChildren: boolean;
  /** Own time as a share of the whole, 0–1. */
  readonly share: number;
}

/** Outer nodes first; what lies under a folded path is left out. */
export function explainRows(tree: ExplainNode, folded: ReadonlySet<string>): readonly ExplainRow[] {
  const whole = Math.max(tree.totalMs, Number.MIN_VALUE);
  const rows: ExplainRow[] = [];
  const add = (node: ExplainNode, path: string, depth: number): void => {
    const share = Math.min(1, node.ownMs / whole);
    rows.push({ node, path, depth, hasChildren: node.children.length > 0, share });
    if (folded.has(path)) return;
    for (const [i, child] of node.children.entries()) add(child, `${path}.${i}`, depth + 1);
  };
  add(tree, '0', 0);
  return rows;
}

/** Ms with as many digits as tell something. */
export function millis(ms: number): string {
  if (ms >= 100) return ms.toFixed(0);
  return ms >= 1 ? ms.toFixed(1) : ms.toFixed(2);
}
