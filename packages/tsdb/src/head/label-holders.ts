/**
 * Equal label sets that several callers were given one ref for: a target whose text names a series in two ways, two jobs, a rule and a remote
 * write. The series table holds the newest of them; the others must find the series again by their ref for as long as they live.
 */
import type { Labels, SeriesRef } from '@watchroom/model';

const FEW = 4;

interface Held {
  readonly refs: WeakRef<Labels>[];
  /** Of so many on, those that are gone are looked for. */
  tidyAt: number;
}

export class LabelHolders {
  readonly #held = new Map<SeriesRef, Held>();
  readonly #collected = new FinalizationRegistry<SeriesRef>((ref) => this.#tidy(ref));

  /** Refs of which somebody's labels are known. */
  get size(): number {
    return this.#held.size;
  }

  add(ref: SeriesRef, labels: Labels): void {
    const held = this.#held.get(ref) ?? { refs: [], tidyAt: FEW };
    this.#held.set(ref, held);
    if (held.refs.some((one) => one.deref() === labels)) return;
    held.refs.push(new WeakRef(labels));
    this.#collected.register(labels, ref);
    if (held.refs.length >= held.tidyAt) this.#tidy(ref);
  }

  /** Those of a ref that somebody still has; undefined when all are gone. */
  anyOf(ref: SeriesRef): Labels | undefined {
    for (const one of this.#held.get(ref)?.refs ?? []) {
      const labels = one.deref();
      if (labels) return labels;
    }
    return undefined;
  }

  #tidy(ref: SeriesRef): void {
    const held = this.#held.get(ref);
    if (!held) return;
    const alive = held.refs.filter((one) => one.deref() !== undefined);
    if (alive.length === 0) this.#held.delete(ref);
    held.refs.splice(0, held.refs.length, ...alive);
    held.tidyAt = Math.max(FEW, 2 * alive.length);
  }
}
