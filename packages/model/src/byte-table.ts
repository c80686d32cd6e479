/**
 * What is made of bytes, made once for equal bytes: labels on their way in are few texts, each of them a hundred thousand times, and
 * a text for each would be more work for the collector than all else is.
 */
import { randomFillSync } from 'node:crypto';

const FNV_PRIME = 0x0100_0193;
/** Of this process, so that nobody can prepare bytes that all fall into one place. */
const SEED = randomFillSync(new Int32Array(1))[0]!;
const FIRST_ENTRIES = 256;
const FIRST_BYTES = 4_096;
/** What is known is forgotten when it is more. */
const MOST_ENTRIES = 8_192;
const MOST_BYTES = 256 * 1024;
/** Longer ones are hardly repeated, and are made each time. */
const LONGEST = 256;

export class ByteTable<T> {
  readonly #make: (bytes: Uint8Array, from: number, to: number) => T;
  /** Entry + 1, 0 where there is none; each in the first free slot from that of its hash on. */
  #slots = new Int32Array(FIRST_ENTRIES * 2);
  #hashes = new Int32Array(FIRST_ENTRIES);
  /** Where an entry's bytes end; they begin where those of the one before end. */
  #ends = new Int32Array(FIRST_ENTRIES);
  #bytes = new Uint8Array(FIRST_BYTES);
  #made: T[] = [];

  constructor(make: (bytes: Uint8Array, from: number, to: number) => T) {
    this.#make = make;
  }

  /** What was made of the bytes from `from` to `to`; not to be changed. */
  of(bytes: Uint8Array, from: number, to: number): T {
    if (to - from > LONGEST) return this.#make(bytes, from, to);
    let h = SEED;
    for (let i = from; i < to; i++) h = Math.imul(h ^ bytes[i]!, FNV_PRIME);
    // Its low bits are weak.
    h ^= h >>> 15;
    const mask = this.#slots.length - 1;
    let at = h & mask;
    for (; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const entry = this.#slots[at]! - 1;
      if (this.#hashes[entry] === h && this.#isOf(entry, bytes, from, to)) return this.#made[entry]!;
    }
    const made = this.#make(bytes, from, to);
    this.#add(h, bytes.subarray(from, to), made);
    return made;
  }

  #isOf(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = entry === 0 ? 0 : this.#ends[entry - 1]!;
    if (this.#ends[entry]! - start !== to - from) return false;
    const own = this.#bytes;
    for (let i = from, k = start; i < to; i++, k++) if (own[k] !== bytes[i]) return false;
    return true;
  }

  #add(h: number, text: Uint8Array, made: T): void {
    if (this.#made.length === MOST_ENTRIES || this.#used + text.length > MOST_BYTES) this.#forget();
    const entry = this.#made.length;
    const from = this.#used;
    if (entry === this.#hashes.length) this.#grow();
    if (from + text.length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, from + text.length));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes.set(text, from);
    this.#hashes[entry] = h;
    this.#ends[entry] = from + text.length;
    this.#made.push(made);
    this.#put(entry);
  }

  get #used(): number {
    return this.#made.length === 0 ? 0 : this.#ends[this.#made.length - 1]!;
  }

  #put(entry: number): void {
    const mask = this.#slots.length - 1;
    let at = this.#hashes[entry]! & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = entry + 1;
  }

  #grow(): void {
    const size = this.#hashes.length * 2;
    const [hashes, ends] = [new Int32Array(size), new Int32Array(size)];
    hashes.set(this.#hashes);
    ends.set(this.#ends);
    this.#hashes = hashes;
    this.#ends = ends;
    this.#slots = new Int32Array(size * 2);
    for (let entry = 0; entry < this.#made.length; entry++) this.#put(entry);
  }

  #forget(): void {
    this.#slots = new Int32Array(FIRST_ENTRIES * 2);
    this.#hashes = new Int32Array(FIRST_ENTRIES);
    this.#ends = new Int32Array(FIRST_ENTRIES);
    this.#bytes = new Uint8Array(FIRST_BYTES);
    this.#made = [];
  }
}
