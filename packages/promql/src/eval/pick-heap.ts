/**
 * The binary heap of topk, bottomk, limitk and limit_ratio. Which of equal values stays, and in what order an instant
 * query answers, follows from the shape of the heap: it is that of Go's container/heap.
 */

/** Go's sort sorts so few by insertion, which leaves equal ones in their order. */
const INSERTION_SORT = 12;

export class PickHeap {
  /** Numbers of columns, the worst first. */
  readonly items: number[] = [];
  readonly #read: (item: number) => number;
  readonly #top: boolean;

  /** `top`: the lowest value is the worst, else the highest; NaN is the worst either way. */
  constructor(read: (item: number) => number, top: boolean) {
    this.#read = read;
    this.#top = top;
  }

  push(item: number): void {
    const { items } = this;
    items.push(item);
    for (let at = items.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#worse(items[at]!, items[parent]!)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the item when there is room among `limit`, or in place of the worst when it is better. */
  keep(item: number, limit: number): void {
    const { items } = this;
    if (items.length < limit) {
      this.push(item);
      return;
    }
    const [value, worst] = [this.#read(item), this.#read(items[0]!)];
    const better = this.#top ? worst < value : worst > value;
    if (!better && !(Number.isNaN(worst) && !Number.isNaN(value))) return;
    items[0] = item;
    this.#sink();
  }

  /** Best first. */
  sorted(): number[] {
    const { items } = this;
    if (items.length > INSERTION_SORT) {
      return items.sort((a, b) =>
        this.#worse(b, a) ? (this.#worse(a, b) ? 0 : -1) : this.#worse(a, b) ? 1 : 0,
      );
    }
    for (let i = 1; i < items.length; i++) {
      for (let j = i; j > 0 && this.#worse(items[j - 1]!, items[j]!); j--) this.#swap(j, j - 1);
    }
    return items;
  }

  #worse(a: number, b: number): boolean {
    const [x, y] = [this.#read(a), this.#read(b)];
    return Number.isNaN(x) || (this.#top ? x < y : x > y);
  }

  #sink(): void {
    const { items } = this;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= items.length) return;
      const right = left + 1;
      const child = right < items.length && this.#worse(items[right]!, items[left]!) ? right : left;
      if (!this.#worse(items[child]!, items[at]!)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    const { items } = this;
    [items[a], items[b]] = [items[b]!, items[a]!];
  }
}
