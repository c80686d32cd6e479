/**
 * What is made of bytes, made once for equal bytes: labels on their way in are few texts, each of them a hundred thousand times, and
 * a text for each would be more work for the collector than all else is.
 */
import { ByteTable, hashBytes } from './byte-table.ts';

const LIMITS = { entries: 8_192, keyBytes: 256 * 1024 };
/** Longer ones are hardly repeated, and are made each time. */
const LONGEST = 256;

export class ByteMemo<T> {
  readonly #make: (bytes: Uint8Array, from: number, to: number) => T;
  /** Boxed, as undefined may be what is made. */
  readonly #made = new ByteTable<{ readonly value: T }>(LIMITS);

  constructor(make: (bytes: Uint8Array, from: number, to: number) => T) {
    this.#make = make;
  }

  /** What was made of the bytes from `from` to `to`; not to be changed. */
  of(view: DataView, from: number, to: number): T {
    const length = to - from;
    if (length > LONGEST) return this.#new(view, from, to);
    const hash = hashBytes(view, from, length);
    const known = this.#made.find(hash, view, from, length);
    if (known) return known.value;
    const value = this.#new(view, from, to);
    this.#made.add(hash, view, from, length, { value });
    return value;
  }

  #new(view: DataView, from: number, to: number): T {
    return this.#make(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), from, to);
  }
}
