/**
 * The lines of a target that were seen before: their text, and what they stand for. Texts lie one behind the other in one
 * buffer, each beginning on a word, so that a line is compared four bytes at a time; unknown lines are found by a hash.
 * A series' text is compared with what stands between it and the value; a comment's with its newline.
 */
import type { MetricType } from '@watchroom/model';
import { LabelRule } from './series-labels.ts';
import type { SeriesHandle } from './sink.ts';

/** What a comment says about a family. */
export interface FamilyFact {
  readonly family: string;
  readonly field: 'type' | 'help' | 'unit';
  readonly text: string;
  readonly type: MetricType;
}

/** A series, or a comment. `fact` is undefined for comments that say nothing. */
export interface LineFacts {
  readonly handle: SeriesHandle;
  readonly rule: LabelRule;
  readonly isComment: boolean;
  readonly fact: FamilyFact | undefined;
}

/** An empty table is small: nearly every target's lies packed. */
const INITIAL_ENTRIES = 16;
const INITIAL_BYTES = 256;
const LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
/** By length modulo 4: the bytes of the last word that belong to the text. */
const TAIL = Array.from({ length: 4 }, (_, n) => {
  const bytes = Uint8Array.from({ length: 4 }, (_, i) => (n === 0 || i < n ? 255 : 0));
  return new Int32Array(bytes.buffer)[0]!;
});

export class SeriesTable {
  count = 0;
  readonly facts: LineFacts[] = [];
  /** Length of the text to compare, by entry. */
  prefixLength = new Int32Array(INITIAL_ENTRIES);
  /** Length of the series alone (of a comment: all of it). */
  seriesLength = new Int32Array(INITIAL_ENTRIES);
  /** The parse in which the entry was last seen. */
  seen = new Uint32Array(INITIAL_ENTRIES);
  /** The entry's place in the layout, -1 when it is not there. */
  place = new Int32Array(INITIAL_ENTRIES);
  #start = new Int32Array(INITIAL_ENTRIES);
  #hash = new Int32Array(INITIAL_ENTRIES);
  #bytes = new Uint8Array(INITIAL_BYTES);
  #words = new Int32Array(this.#bytes.buffer);
  #used = 0;
  /** Open addressing; an entry's number plus one, 0 when free. Never more than half full. */
  #slots = new Int32Array(INITIAL_ENTRIES * 2);

  /** Whether the body has the entry's text at `at`. */
  matches(entry: number, body: Uint8Array, view: DataView, at: number): boolean {
    const length = this.prefixLength[entry]!;
    const whole = length >> 2;
    if (at + length + 4 > body.length) return this.#matchesBytes(entry, body, at, length);
    const words = this.#words;
    let w = this.#start[entry]! >> 2;
    let difference = 0;
    let p = at;
    for (let k = 0; k < whole; k++, p += 4) difference |= view.getInt32(p, LITTLE_ENDIAN) ^ words[w++]!;
    const rest = length & 3;
    if (rest !== 0) difference |= (view.getInt32(p, LITTLE_ENDIAN) ^ words[w]!) & TAIL[rest]!;
    return difference === 0;
  }

  /** What is compared of an entry; good until the next is added. */
  textOf(entry: number): Uint8Array {
    const from = this.#start[entry]!;
    return this.#bytes.subarray(from, from + this.prefixLength[entry]!);
  }

  /** The entry whose series is body[from, to) and that fits the label rule, or -1. */
  find(body: Uint8Array, from: number, to: number, rule: LabelRule): number {
    const hash = hashOf(body, from, to);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (this.#hash[entry] !== hash || this.seriesLength[entry] !== to - from) continue;
      const own = this.facts[entry]!.rule;
      if (own !== LabelRule.any && own !== rule) continue;
      if (this.#matchesBytes(entry, body, from, to - from)) return entry;
    }
    return -1;
  }

  /** Adds the text body[from, prefixEnd), whose series is body[from, seriesEnd); returns its number. */
  add(body: Uint8Array, from: number, seriesEnd: number, prefixEnd: number, facts: LineFacts): number {
    const entry = this.count++;
    if (entry === this.seen.length) this.#growEntries();
    this.#reserve(prefixEnd - from);
    this.#bytes.set(body.subarray(from, prefixEnd), this.#used);
    this.#start[entry] = this.#used;
    this.#used += (prefixEnd - from + 3) & ~3;
    this.prefixLength[entry] = prefixEnd - from;
    this.seriesLength[entry] = seriesEnd - from;
    this.#hash[entry] = hashOf(body, from, seriesEnd);
    this.place[entry] = -1;
    this.facts.push(facts);
    this.#insert(entry);
    return entry;
  }

  /** A table with only the given entries, numbered in that order. */
  keep(entries: Int32Array): SeriesTable {
    const kept = new SeriesTable();
    for (const entry of entries) {
      const from = this.#start[entry]!;
      const copy = kept.add(
        this.#bytes,
        from,
        from + this.seriesLength[entry]!,
        from + this.prefixLength[entry]!,
        this.facts[entry]!,
      );
      kept.seen[copy] = this.seen[entry]!;
    }
    return kept;
  }

  #matchesBytes(entry: number, body: Uint8Array, at: number, length: number): boolean {
    if (at + length > body.length) return false;
    const from = this.#start[entry]!;
    for (let i = 0; i < length; i++) if (body[at + i] !== this.#bytes[from + i]) return false;
    return true;
  }

  #insert(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash[entry]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #reserve(length: number): void {
    if (this.#used + length + 4 <= this.#bytes.length) return;
    let size = this.#bytes.length * 2;
    while (size < this.#used + length + 4) size *= 2;
    const grown = new Uint8Array(size);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#words = new Int32Array(grown.buffer);
  }

  #growEntries(): void {
    const size = this.seen.length * 2;
    const grow = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(size);
      grown.set(old);
      return grown;
    };
    this.prefixLength = grow(this.prefixLength);
    this.seriesLength = grow(this.seriesLength);
    this.place = grow(this.place);
    this.#start = grow(this.#start);
    this.#hash = grow(this.#hash);
    const seen = new Uint32Array(size);
    seen.set(this.seen);
    this.seen = seen;
    this.#slots = new Int32Array(size * 2);
    for (let entry = 0; entry < this.count - 1; entry++) this.#insert(entry);
  }
}

/** FNV-1a over bytes, with a last mix. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d);
}
