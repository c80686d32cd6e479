/**
 * Ascending refs of many series in half the room of a list, in which the engine has eight bytes for each number and a third to
 * spare. Lists of few are better off as they are.
 */
import type { SeriesRef } from '@watchroom/model';

/** From so many on. */
const MANY = 64;
const GROWTH = 1.2;

/** Refs that a label's value has: a list while they are few. */
export type Refs = SeriesRef[] | ManyRefs;

export class ManyRefs {
  length: number;
  #refs: Uint32Array;

  constructor(refs: readonly SeriesRef[]) {
    this.length = refs.length;
    this.#refs = Uint32Array.from(refs);
  }

  push(ref: SeriesRef): void {
    if (this.length === this.#refs.length) {
      const grown = new Uint32Array(Math.ceil((this.length + 1) * GROWTH));
      grown.set(this.#refs);
      this.#refs = grown;
    }
    this.#refs[this.length++] = ref;
  }

  /** Good until the next change. */
  get view(): Uint32Array {
    return this.#refs.subarray(0, this.length);
  }

  some(is: (ref: SeriesRef) => boolean): boolean {
    for (let i = 0; i < this.length; i++) if (is(this.#refs[i]!)) return true;
    return false;
  }

  keep(is: (ref: SeriesRef) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.length; i++) if (is(this.#refs[i]!)) this.#refs[kept++] = this.#refs[i]!;
    this.length = kept;
    if (kept * 2 < this.#refs.length) this.#refs = this.#refs.slice(0, kept);
  }
}

/** The refs with a newer one among them, in the same place or a better one. */
export function withRef(refs: Refs | undefined, ref: SeriesRef): Refs {
  if (!refs) return [ref];
  refs.push(ref);
  return refs instanceof ManyRefs || refs.length < MANY ? refs : new ManyRefs(refs);
}

/** Good until the next change. */
export function numbersOf(refs: Refs): ArrayLike<SeriesRef> {
  return refs instanceof ManyRefs ? refs.view : refs;
}
