/**
 * Finds the ref of a label set: a hash table of refs alone. A map by text would hold a text of some two hundred bytes for each
 * series, which is more than everything else that is known of one.
 */
import { randomBytes } from 'node:crypto';
import type { Labels, SeriesRef } from '@watchroom/model';

const FIRST_SLOTS = 1024;
const FNV_PRIME = 0x0100_0193;
/** Not a character; stands between texts. */
const BOUNDARY = 0x1_0000;
/** Of this process, so that nobody can prepare labels that all fall into one place. */
const SEED = randomBytes(4).readInt32LE();

export class SeriesLookup {
  readonly #labelsOf: (ref: SeriesRef) => Labels | undefined;
  readonly #hashOf: (labels: Labels) => number;
  /** Refs, 0 where there is none; each in the first free slot from that of its hash on. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #size = 0;

  /** `labelsOf` gives the labels of each ref in here. */
  constructor(labelsOf: (ref: SeriesRef) => Labels | undefined, hashOf: (labels: Labels) => number = hash) {
    this.#labelsOf = labelsOf;
    this.#hashOf = hashOf;
  }

  get size(): number {
    return this.#size;
  }

  find(labels: Labels): SeriesRef | undefined {
    const slot = this.#slotOf(labels);
    return slot < 0 ? undefined : this.#slots[slot];
  }

  /** The ref of the labels; they are put in here under `ref` when they are not known yet. */
  findOrAdd(labels: Labels, ref: SeriesRef): SeriesRef {
    const hashed = this.#hashOf(labels);
    const slot = this.#slotOf(labels, hashed);
    if (slot >= 0) return this.#slots[slot]!;
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow(this.#slots.length * 2);
    this.#put(hashed, ref);
    this.#size++;
    return ref;
  }

  /** Makes room for so many more. */
  reserve(count: number): void {
    const wanted = (this.#size + count) * 2;
    if (wanted > this.#slots.length) this.#grow(2 ** Math.ceil(Math.log2(wanted)));
  }

  delete(labels: Labels): void {
    let hole = this.#slotOf(labels);
    if (hole < 0) return;
    const mask = this.#slots.length - 1;
    this.#size--;
    // Those behind it that would not be found past an empty slot move into it.
    for (let at = (hole + 1) & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[at]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#slots[hole] = this.#slots[at]!;
      this.#hashes[hole] = this.#hashes[at]!;
      hole = at;
    }
    this.#slots[hole] = 0;
  }

  #slotOf(labels: Labels, wanted = this.#hashOf(labels)): number {
    const mask = this.#slots.length - 1;
    for (let at = wanted & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      if (this.#hashes[at] === wanted && this.#labelsOf(this.#slots[at]!)?.equals(labels)) return at;
    }
    return -1;
  }

  #put(hashed: number, ref: SeriesRef): void {
    const mask = this.#slots.length - 1;
    let at = hashed & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = ref;
    this.#hashes[at] = hashed;
  }

  #grow(length: number): void {
    const [slots, hashes] = [this.#slots, this.#hashes];
    this.#slots = new Uint32Array(length);
    this.#hashes = new Int32Array(length);
    for (let at = 0; at < slots.length; at++) if (slots[at] !== 0) this.#put(hashes[at]!, slots[at]!);
  }
}

/** Lists of names are few, and those of one target's series come one after the other. */
let namesBefore: readonly string[] = [];
let namesHash = SEED;

/** FNV-1a over UTF-16 code units, http://www.isthe.com/chongo/tech/comp/fnv/; mixed at the end, as its low bits are weak. */
function hash({ names, values }: Labels): number {
  if (names !== namesBefore) {
    namesBefore = names;
    namesHash = hashTexts(names, SEED);
  }
  let h = hashTexts(values, namesHash);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  return h ^ (h >>> 13);
}

function hashTexts(texts: readonly string[], from: number): number {
  let h = from;
  for (let i = 0; i < texts.length; i++) h = hashText(texts[i]!, h);
  return h;
}

function hashText(text: string, from: number): number {
  let h = from;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return Math.imul(h ^ BOUNDARY, FNV_PRIME);
}
