/**
 * Series → the layouts that have it, oldest first. Series of one target are in the same layouts, so that they share one list;
 * lists are never changed.
 */
import type { SeriesRef } from '@watchroom/model';
import type { Layout } from './layout.ts';

type Lists = readonly Layout[];

export class LayoutIndex {
  readonly #lists: (Lists | undefined)[] = [];

  get(ref: SeriesRef): Lists | undefined {
    // Reading behind the end makes whatever code calls this slow for good.
    return ref < this.#lists.length ? this.#lists[ref] : undefined;
  }

  add(layout: Layout): void {
    this.#change(layout, (before) => [...(before ?? []), layout]);
  }

  remove(layout: Layout): void {
    this.#change(layout, (before) => {
      const rest = before?.filter((other) => other !== layout) ?? [];
      return rest.length > 0 ? rest : undefined;
    });
  }

  #change({ refs }: Layout, change: (before: Lists | undefined) => Lists | undefined): void {
    const changed = new Map<Lists | undefined, Lists | undefined>();
    for (const ref of refs) {
      while (this.#lists.length < ref) this.#lists.push(undefined);
      const before = this.#lists[ref];
      if (!changed.has(before)) changed.set(before, change(before));
      this.#lists[ref] = changed.get(before);
    }
  }
}
