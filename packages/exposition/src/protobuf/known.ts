/**
 * What a target's protobuf bodies said before: families by name, metrics by the bytes of their labels, and the handles of
 * their series. A body that comes in the order of the one before is recognised by comparing bytes at the same place.
 */
import type { MetricMetadata } from '@watchroom/model';
import { latin1 } from '../decimal.ts';
import type { SeriesHandle } from '../sink.ts';

/** The series of one metric. Slots: a plain value 0; of summaries and classic histograms count 0, sum 1, then parts. */
export class KnownMetric {
  readonly labelBytes: Uint8Array;
  /** Labels as pairs, the metric's name not among them. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly handles: SeriesHandle[] = [];
  /** The parse that last saw the slot. */
  readonly seen: number[] = [];
  /** Bounds or quantiles of the slots from 2 on. */
  readonly parts: number[] = [];
  nativeHandle: SeriesHandle | undefined = undefined;
  nativeSeen = 0;
  /** Built when the parts do not simply ascend, as those of a histogram do. */
  #placeOf: Map<number | string, number> | undefined;

  constructor(labelBytes: Uint8Array, pairs: readonly (readonly [string, string])[]) {
    this.labelBytes = labelBytes;
    this.pairs = pairs;
  }

  /** The slot of a bound or quantile; `likely` is where it was before. A new one is added behind the others. */
  slotOf(part: number, likely: number): number {
    const { parts } = this;
    if (likely < parts.length && Object.is(parts[likely], part)) return likely + 2;
    if (this.#placeOf === undefined) {
      if (likely === parts.length && (likely === 0 || part > parts[likely - 1]!)) return parts.push(part) + 1;
      this.#placeOf = new Map(parts.map((known, i) => [keyOf(known), i]));
    }
    const at = this.#placeOf.get(keyOf(part));
    if (at !== undefined) return at + 2;
    this.#placeOf.set(keyOf(part), parts.length);
    return parts.push(part) + 1;
  }
}

/** Keeps items by their bytes and remembers in which order they came. */
export class Remembered<T> {
  readonly #byBytes = new Map<string, T>();
  readonly #bytesOf: (item: T) => Uint8Array;
  #order: T[] = [];
  #next: T[] = [];
  #parse = 0;

  constructor(bytesOf: (item: T) => Uint8Array) {
    this.#bytesOf = bytesOf;
  }

  /** The item with the bytes [from, to), if it came before. */
  find(bytes: Uint8Array, from: number, to: number): T | undefined {
    const likely = this.#order[this.#next.length];
    if (likely !== undefined && equalBytes(this.#bytesOf(likely), bytes, from, to)) return likely;
    return this.#byBytes.get(latin1(bytes, from, to));
  }

  add(item: T): void {
    const bytes = this.#bytesOf(item);
    this.#byBytes.set(latin1(bytes, 0, bytes.length), item);
  }

  /** Notes that the item came next in this parse. */
  came(item: T): void {
    this.#next.push(item);
  }

  /** Begins a parse, once: what came in the one before becomes the expected order. */
  begin(parse: number): void {
    if (this.#parse === parse) return;
    this.#parse = parse;
    const spent = this.#order;
    this.#order = this.#next;
    spent.length = 0;
    this.#next = spent;
  }
}

export class KnownFamily {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  metrics = rememberedMetrics();
  help: Uint8Array = new Uint8Array(0);
  unit: Uint8Array = new Uint8Array(0);
  type = -1;
  metadata: MetricMetadata = { type: 'unknown', help: '', unit: '' };
  /** The parse that last saw the family. */
  seen = 0;

  constructor(name: string, nameBytes: Uint8Array) {
    this.name = name;
    this.nameBytes = nameBytes;
  }

  /** Another type gives the slots of a metric another meaning. */
  retype(type: number): void {
    if (type !== this.type) this.metrics = rememberedMetrics();
    this.type = type;
  }
}

function rememberedMetrics(): Remembered<KnownMetric> {
  return new Remembered<KnownMetric>((metric) => metric.labelBytes);
}

/** A Map takes −0 for 0, whose labels differ. */
function keyOf(part: number): number | string {
  return Object.is(part, -0) ? '-0' : part;
}

export function equalBytes(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}
