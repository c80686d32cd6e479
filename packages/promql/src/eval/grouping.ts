/** Which group a series belongs to: worked out once per series and query. */
import { type Labels, METRIC_NAME } from '@watchroom/model';
import type { Aggregate } from '../parser/ast.ts';
import type { Column } from './column.ts';

export interface Groups {
  /** Labels of each group, in order of first appearance. */
  readonly labels: Labels[];
  /** Group of each column. */
  readonly index: Int32Array;
}

export function groupColumns(expr: Aggregate, columns: readonly Column[]): Groups {
  const labels: Labels[] = [];
  const index = new Int32Array(columns.length);
  const known = new Map<string, number>();
  const names = new Set(expr.grouping);
  if (expr.without) names.add(METRIC_NAME);
  for (let i = 0; i < columns.length; i++) {
    const own = columns[i]!.labels;
    const kept = expr.without ? own.without(names) : own.keep(names);
    let group = known.get(kept.key);
    if (group === undefined) {
      group = labels.push(kept) - 1;
      known.set(kept.key, group);
    }
    index[i] = group;
  }
  return { labels, index };
}
