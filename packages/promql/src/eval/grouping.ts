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

/** Group labels of series that come again, per aggregation of a query that is kept, by whether series lose their name before. */
const known = { named: new WeakMap<Aggregate, Grouper>(), nameless: new WeakMap<Aggregate, Grouper>() };

/** Series of one group share the labels of the first of them, so that what is kept of a series is a reference. */
export class Grouper {
  readonly #groups = new WeakMap<Labels, Labels>();
  readonly #groupOf: (labels: Labels) => Labels;

  constructor(expr: Aggregate, nameless: boolean) {
    this.#groupOf = groupLabels(expr, nameless);
  }

  /** `place` finds the place of a group's labels among `labels`, where it adds them if they are new. */
  placeOf(series: Labels, place: (group: Labels) => number, labels: readonly Labels[]): number {
    const before = this.#groups.get(series);
    const found = place(before ?? this.#groupOf(series));
    if (before === undefined) this.#groups.set(series, labels[found]!);
    return found;
  }
}

export function grouper(expr: Aggregate, nameless: boolean): Grouper {
  const all = nameless ? known.nameless : known.named;
  const found = all.get(expr) ?? new Grouper(expr, nameless);
  all.set(expr, found);
  return found;
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
  const place = (group: Labels): number => {
    const before = byKey.get(group.key);
    if (before !== undefined) return before;
    byKey.set(group.key, labels.length);
    return labels.push(group) - 1;
  };
  const groups = grouper(expr, false);
  for (let i = 0; i < columns.length; i++) index[i] = groups.placeOf(columns[i]!.labels, place, labels);
  return { labels, index };
}
