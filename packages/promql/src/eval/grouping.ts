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

/** Group labels of a series, per aggregation of a cached query. */
const known = new WeakMap<Aggregate, WeakMap<Labels, Labels>>();

function keptBy(expr: Aggregate): (labels: Labels) => Labels {
  let kept = known.get(expr);
  if (!kept) {
    kept = new WeakMap();
    known.set(expr, kept);
  }
  const cache = kept;
  const names = new Set(expr.grouping);
  if (expr.without) names.add(METRIC_NAME);
  return (labels) => {
    let group = cache.get(labels);
    if (!group) {
      group = expr.without ? labels.without(names) : labels.keep(names);
      cache.set(labels, group);
    }
    return group;
  };
}

export function groupColumns(expr: Aggregate, columns: readonly Column[]): Groups {
  const labels: Labels[] = [];
  const index = new Int32Array(columns.length);
  const byKey = new Map<string, number>();
  const groupOf = keptBy(expr);
  for (let i = 0; i < columns.length; i++) {
    const kept = groupOf(columns[i]!.labels);
    let group = byKey.get(kept.key);
    if (group === undefined) {
      group = labels.push(kept) - 1;
      byKey.set(kept.key, group);
    }
    index[i] = group;
  }
  return { labels, index };
}
