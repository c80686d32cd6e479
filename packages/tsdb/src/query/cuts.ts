/**
 * What is in the store at one moment: the time of each series' newest sample then, as samples come in order. At a hundred thousand
 * series that is 0.8 MB, and buffers that are dropped bring on full collections: those that nobody needs any more are filled again.
 */
import type { StoreCut } from '@watchroom/model';
import type { SeriesTable } from '../head/series-table.ts';

export class Cut implements StoreCut {
  readonly kind = 'cut';
  /** By ref. */
  readonly lastTime: Float64Array;
  readonly #appends: number;
  readonly #onFree: (cut: Cut) => void;
  #users = 0;

  constructor(table: SeriesTable, lastTime: Float64Array, onFree: (cut: Cut) => void) {
    this.lastTime = lastTime;
    lastTime.set(table.lastTime.subarray(0, lastTime.length));
    this.#appends = table.appends;
    this.#onFree = onFree;
  }

  /** Whether it is as one that were made now. */
  isNow(table: SeriesTable): boolean {
    return this.#appends === table.appends && this.lastTime.length === table.labels.length;
  }

  get isFree(): boolean {
    return this.#users === 0;
  }

  use(): this {
    this.#users++;
    return this;
  }

  release(): void {
    this.#users--;
    if (this.#users === 0) this.#onFree(this);
  }
}

export class Cuts {
  readonly #table: SeriesTable;
  /** Waits to be filled again. */
  #spare: Float64Array | undefined;
  #latest: Cut | undefined;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** The same one until something is appended. Each is to be released as often as it was given. */
  now(): Cut {
    const latest = this.#latest;
    if (latest?.isNow(this.#table)) return latest.use();
    this.#latest = undefined;
    if (latest?.isFree) this.#keep(latest);
    const size = this.#table.labels.length;
    const spare = this.#spare;
    this.#spare = undefined;
    const lastTime = spare?.length === size ? spare : new Float64Array(size);
    this.#latest = new Cut(this.#table, lastTime, (cut) => {
      // The latest may be asked for again.
      if (cut !== this.#latest) this.#keep(cut);
    });
    return this.#latest.use();
  }

  #keep({ lastTime }: Cut): void {
    this.#spare = lastTime;
  }
}
