/**
 * A hash table from byte strings to values: open addressing, keys copied one after the other into an arena and
 * compared four bytes at a time. Two generations bound it: when the younger is full the elder is forgotten, and what is
 * still asked for moves to the younger again, so that what is in use stays.
 */
import { randomFillSync } from 'node:crypto';

/** Of this process, so that nobody can prepare bytes that all fall into one place. */
const SEED = randomFillSync(new Int32Array(1))[0]!;
const START_SLOTS = 1024;
const START_ARENA = 64 << 10;

class Generation<T> {
  count = 0;
  arenaBytes = 0;
  readonly #values: T[] = [];
  #slots = new Int32Array(START_SLOTS);
  #hashes = new Int32Array(START_SLOTS / 2);
  #starts = new Int32Array(START_SLOTS / 2);
  #lengths = new Int32Array(START_SLOTS / 2);
  #arena = new Int32Array(START_ARENA / 4);

  find(hash: number, view: DataView, start: number, length: number): T | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return undefined;
      if (this.#hashes[entry] !== hash || this.#lengths[entry] !== length) continue;
      if (this.#isEqual(entry, view, start, length)) return this.#values[entry];
    }
  }

  /** The key must not be there yet. */
  add(hash: number, view: DataView, start: number, length: number, value: T): void {
    if (this.count === this.#hashes.length) this.#growEntries();
    const words = (length + 3) >> 2;
    const from = this.arenaBytes >> 2;
    this.#reserveArena(from + words);
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) this.#arena[from + i] = view.getInt32(start + i * 4, true);
    if (words > whole) this.#arena[from + whole] = rest(view, start + whole * 4, length & 3);
    this.#hashes[this.count] = hash;
    this.#starts[this.count] = from;
    this.#lengths[this.count] = length;
    this.#values.push(value);
    this.count++;
    this.arenaBytes += words * 4;
    this.#link(this.count - 1);
  }

  #isEqual(entry: number, view: DataView, start: number, length: number): boolean {
    const arena = this.#arena;
    const from = this.#starts[entry]!;
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) if (arena[from + i] !== view.getInt32(start + i * 4, true)) return false;
    const left = length & 3;
    return left === 0 || arena[from + whole] === rest(view, start + whole * 4, left);
  }

  #link(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[entry]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #growEntries(): void {
    const capacity = this.#hashes.length * 2;
    this.#hashes = larger(this.#hashes, capacity);
    this.#starts = larger(this.#starts, capacity);
    this.#lengths = larger(this.#lengths, capacity);
    this.#slots = new Int32Array(capacity * 2);
    for (let entry = 0; entry < this.count; entry++) this.#link(entry);
  }

  #reserveArena(words: number): void {
    if (words <= this.#arena.length) return;
    this.#arena = larger(this.#arena, Math.max(words, this.#arena.length * 2));
  }
}

export interface ByteTableLimits {
  /** Of one generation. */
  readonly entries: number;
  readonly keyBytes: number;
}

export class ByteTable<T> {
  readonly #limits: ByteTableLimits;
  readonly #forgotten: { count: number };
  #young = new Generation<T>();
  #old: Generation<T> | undefined;

  /** `forgotten` counts the entries that the bound has cost. */
  constructor(limits: ByteTableLimits, forgotten: { count: number } = { count: 0 }) {
    this.#limits = limits;
    this.#forgotten = forgotten;
  }

  get size(): number {
    return this.#young.count + (this.#old?.count ?? 0);
  }

  /** `hash` is `hashBytes` of the same bytes. */
  find(hash: number, view: DataView, start: number, length: number): T | undefined {
    const found = this.#young.find(hash, view, start, length);
    if (found !== undefined || this.#old === undefined) return found;
    const elder = this.#old.find(hash, view, start, length);
    if (elder !== undefined) this.add(hash, view, start, length, elder);
    return elder;
  }

  /** Call only after `find` has found nothing. */
  add(hash: number, view: DataView, start: number, length: number, value: T): void {
    const { entries, keyBytes } = this.#limits;
    if (this.#young.count >= entries || this.#young.arenaBytes + length > keyBytes) {
      this.#forgotten.count += this.#old?.count ?? 0;
      this.#old = this.#young;
      this.#young = new Generation();
    }
    this.#young.add(hash, view, start, length, value);
  }
}

/** Mixes four bytes at a time. Another one in each process. */
export function hashBytes(view: DataView, start: number, length: number): number {
  let hash = length ^ SEED;
  const end = start + (length & ~3);
  for (let at = start; at < end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if ((length & 3) !== 0) {
    hash = Math.imul(hash ^ rest(view, end, length & 3), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13);
}

/** One to three bytes as a number. */
function rest(view: DataView, at: number, bytes: number): number {
  let value = view.getUint8(at);
  if (bytes > 1) value |= view.getUint8(at + 1) << 8;
  if (bytes > 2) value |= view.getUint8(at + 2) << 16;
  return value;
}

function larger(array: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(capacity);
  copy.set(array);
  return copy;
}
