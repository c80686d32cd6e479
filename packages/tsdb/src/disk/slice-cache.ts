/**
 * Slices in memory. A wall reads thousands of them, so what each costs beside its bytes counts: one buffer and one entry, no
 * times and no order of use. Two generations do for both: what is asked for moves to the younger one, and the older one goes
 * whole when the younger has half the bytes or is old enough.
 */
import { type PackedSlice, Slice } from '../chunk/slice.ts';

/**
 * Slices that no query has read for so long, or twice that, are let go. Live queries read the newest blocks at every
 * evaluation, and each block leaves their windows for good: without this the cache would fill with what nobody asks for again.
 */
const IDLE_MS = 60_000;
/** Slices that stand ready to be read: more than the blocks of one series in a usual window. */
const OPENED = 128;
/** Of an entry: its buffer object, its key and its place in the map. */
const ENTRY_BYTES = 200;

export class SliceCache {
  readonly #maxBytes: number;
  #young = new Map<number, PackedSlice>();
  #old = new Map<number, PackedSlice>();
  #youngBytes = 0;
  #oldBytes = 0;
  #agedMs = 0;
  readonly #opened = new Map<number, Slice>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is held, with the objects around it. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  get(key: number, nowMs: number): Slice | undefined {
    const packed = this.#young.get(key) ?? this.#rejuvenated(key, nowMs);
    return packed && (this.#opened.get(key) ?? this.#open(key, packed));
  }

  add(key: number, packed: PackedSlice, nowMs: number): Slice {
    this.age(nowMs);
    this.#keep(key, packed);
    return this.#open(key, packed);
  }

  /** Lets go of what has been idle. */
  age(nowMs: number): void {
    const idleMs = nowMs - this.#agedMs;
    if (idleMs >= IDLE_MS) this.#turn(nowMs);
    if (idleMs >= 2 * IDLE_MS) this.#turn(nowMs);
  }

  #rejuvenated(key: number, nowMs: number): PackedSlice | undefined {
    const packed = this.#old.get(key);
    if (!packed) return undefined;
    this.#old.delete(key);
    this.#oldBytes -= packed.byteLength + ENTRY_BYTES;
    this.#keep(key, packed);
    this.age(nowMs);
    return packed;
  }

  #keep(key: number, packed: PackedSlice): void {
    const bytes = packed.byteLength + ENTRY_BYTES;
    if (this.#youngBytes + bytes > this.#maxBytes / 2) this.#turn(this.#agedMs);
    this.#young.set(key, packed);
    this.#youngBytes += bytes;
  }

  #turn(nowMs: number): void {
    this.#agedMs = nowMs;
    this.#old = this.#young;
    this.#oldBytes = this.#youngBytes;
    this.#young = new Map();
    this.#youngBytes = 0;
    this.#opened.clear();
  }

  #open(key: number, packed: PackedSlice): Slice {
    if (this.#opened.size >= OPENED) this.#opened.clear();
    const slice = new Slice(packed);
    this.#opened.set(key, slice);
    return slice;
  }
}
