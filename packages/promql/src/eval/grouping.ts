/** Which group a series belongs to: worked out once per series and query. */
import { type Labels, METRIC_NAME } from '@watchroom/model';
import type { Aggregate } from '../parser/ast.ts';
import { type Column, haveLabels, MOST_KEPT_SERIES } from './column.ts';

export interface Groups {
  /** Labels of each group, in order of first appearance. */
  readonly labels: readonly Labels[];
  /** Group of each column. */
  readonly index: Int32Array;
}

/** The labels of a series' group; `nameless`: as if it had no metric name. */
export function groupLabels(expr: Aggregate, nameless: boolean): (labels: Labels) => Labels {
  const names = new Set(expr.grouping);
  if (expr.without) names.add(METRIC_NAME);
  else if (nameless) names.delete(METRIC_NAME);
  return (labels) => (expr.without ? labels.without(names) : labels.keep(names));
}

/** Group labels of a series, per aggregation of a cached query, by whether series lose their name before. */
const known = { named: new WeakMap<Aggregate, Kept>(), nameless: new WeakMap<Aggregate, Kept>() };
type Kept = WeakMap<Labels, Labels>;

/** As `groupLabels`, worked out once for labels that come again. */
export function grouper(expr: Aggregate, nameless: boolean): (labels: Labels) => Labels {
  const all = nameless ? known.nameless : known.named;
  const cache = all.get(expr) ?? new WeakMap<Labels, Labels>();
  all.set(expr, cache);
  const groupOf = groupLabels(expr, nameless);
  return (labels) => {
    let group = cache.get(labels);
    if (!group) {
      group = groupOf(labels);
      cache.set(labels, group);
    }
    return group;
  };
}

interface KnownGroups {
  readonly columns: readonly Labels[];
  readonly groups: Groups;
}

/** Those of the last evaluation, for one that meets the same series in their order, as rules do. */
const last = new WeakMap<Aggregate, KnownGroups>();

export function groupColumns(expr: Aggregate, columns: readonly Column[]): Groups {
  const before = last.get(expr);
  if (before && haveLabels(columns, before.columns)) return before.groups;
  const groups = findGroups(expr, columns);
  if (columns.length <= MOST_KEPT_SERIES)
    last.set(expr, { columns: columns.map((column) => column.labels), groups });
  return groups;
}

function findGroups(expr: Aggregate, columns: readonly Column[]): Groups {
  const labels: Labels[] = [];
  const index = new Int32Array(columns.length);
  const byKey = new Map<string, number>();
  const groupOf = grouper(expr, false);
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
