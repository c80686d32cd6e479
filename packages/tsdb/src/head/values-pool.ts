/**
 * Arrays that are used again: for the samples of a commit, which stand in its write-ahead record until that is on its way to the
 * disk, and for the cells of grids, until those are blocks on disk. A hundred targets a second would leave the garbage collector
 * megabytes of them each second, which it counts as growth of the heap and answers by looking through all of it.
 */

export class ValuesPool {
  readonly #free: Float64Array[] = [];
  readonly #mostBytes: number;
  readonly #mostSpare: number;
  #bytes = 0;

  /**
   * What is given beyond so many bytes is left to the garbage collector. An array with `mostSpare` times the room that is asked
   * for serves something larger.
   */
  constructor(mostBytes: number, mostSpare = 2) {
    this.#mostBytes = mostBytes;
    this.#mostSpare = mostSpare;
  }

  /** Room for at least so many samples; what was there before still stands in it. */
  take(capacity: number): Float64Array {
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const values = this.#free[i]!;
      if (values.length < capacity || values.length > capacity * this.#mostSpare) continue;
      this.#free[i] = this.#free.at(-1)!;
      this.#free.pop();
      this.#bytes -= values.byteLength;
      return values;
    }
    return new Float64Array(capacity);
  }

  /** Nobody else touches it any more. */
  give(values: Float64Array): void {
    if (values.length === 0 || this.#bytes + values.byteLength > this.#mostBytes) return;
    this.#bytes += values.byteLength;
    this.#free.push(values);
  }
}
