/** A set of callbacks that may grow and shrink while it is called. */
export class Listeners {
  readonly #all = new Set<() => void>();

  /** Returns the way to stop. */
  add(listener: () => void): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  call(): void {
    for (const listener of [...this.#all]) listener();
  }

  get size(): number {
    return this.#all.size;
  }
}
