/**
 * Which group each series of a store belongs to, kept from one evaluation of an aggregation to the next: a rule that looks at
 * tens of thousands of series finds the group of each by its ref.
 */
import type { Labels, SeriesRef } from '@watchroom/model';
import type { Aggregate } from '../parser/ast.ts';
import { grouper, groupLabels } from './grouping.ts';

const PAGE_REFS = 256;
/** So many series more than twice those of one evaluation are kept. */
const SPARE_SERIES = 4_096;

export class GroupPlaces {
  /** Labels of the groups, by place. */
  readonly labels: Labels[] = [];
  readonly #expr: Aggregate;
  readonly #nameless: boolean;
  readonly #groupOf: (labels: Labels) => Labels;
  readonly #byKey = new Map<string, number>();
  /** Place + 1 by ref; 0: not known. */
  readonly #pages: (Uint32Array | undefined)[] = [];
  #known = 0;

  constructor(expr: Aggregate, nameless: boolean) {
    this.#expr = expr;
    this.#nameless = nameless;
    this.#groupOf = groupLabels(expr, nameless);
  }

  /** The place of a series' group. `ref`: its name in the store, when it has one. */
  of(labels: Labels, ref: SeriesRef | undefined): number {
    if (ref === undefined)
      return grouper(this.#expr, this.#nameless).placeOf(labels, (group) => this.#find(group), this.labels);
    const page = this.#pages[ref >>> 8] ?? this.#newPage(ref >>> 8);
    const known = page[ref & (PAGE_REFS - 1)]!;
    if (known > 0) return known - 1;
    const place = this.#find(this.#groupOf(labels));
    page[ref & (PAGE_REFS - 1)] = place + 1;
    this.#known++;
    return place;
  }

  /** The place of a series' group when the series has been met, else -1. */
  knownOf(ref: SeriesRef): number {
    const page = this.#pages[ref >>> 8];
    return page ? page[ref & (PAGE_REFS - 1)]! - 1 : -1;
  }

  /** Whether most of what is kept is of series that the last evaluation, which had so many, has not met. */
  isOutgrown(series: number): boolean {
    return this.#known > 2 * series + SPARE_SERIES || this.labels.length > 2 * series + SPARE_SERIES;
  }

  #newPage(at: number): Uint32Array {
    const page = new Uint32Array(PAGE_REFS);
    this.#pages[at] = page;
    return page;
  }

  #find(group: Labels): number {
    const known = this.#byKey.get(group.key);
    if (known !== undefined) return known;
    const place = this.labels.push(group) - 1;
    this.#byKey.set(group.key, place);
    return place;
  }
}

const known = new WeakMap<Aggregate, WeakMap<object, GroupPlaces>>();

/**
 * The places of an aggregation's groups in a store, which gives no ref to two series. `nameless`: series lose their name before
 * they are grouped.
 */
export function placesOf(expr: Aggregate, store: object, nameless: boolean): GroupPlaces {
  const byStore = known.get(expr) ?? new WeakMap<object, GroupPlaces>();
  known.set(expr, byStore);
  const places = byStore.get(store) ?? new GroupPlaces(expr, nameless);
  byStore.set(store, places);
  return places;
}

/** To be called after an evaluation that met so many series: lets go of what is mostly of series that are gone. */
export function tidyPlaces(expr: Aggregate, store: object, series: number): void {
  const byStore = known.get(expr);
  if (byStore?.get(store)?.isOutgrown(series)) byStore.delete(store);
}
