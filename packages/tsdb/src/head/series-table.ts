/** Every series that memory or disk knows: its labels, where it is being written, and its last sample. */
import type { Labels, SeriesRef } from '@watchroom/model';
import { LabelIndex } from '../label-index.ts';
import { LabelHolders } from './label-holders.ts';
import type { Segment } from './segment.ts';
import { SeriesLookup } from './series-lookup.ts';

export class SeriesTable {
  readonly index: LabelIndex = new LabelIndex((ref) => this.labels[ref]);
  /** By ref; undefined once a series has been forgotten. */
  readonly labels: (Labels | undefined)[] = [undefined];
  /** The segment that takes the series' next sample. */
  readonly segmentOf: (Segment | undefined)[] = [undefined];
  /** The series' column in that segment. */
  columnOf: Int32Array = new Int32Array(1024);
  /** Time and value of the newest sample; -Infinity before the first. */
  lastTime: Float64Array = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);
  lastValue: Float64Array = new Float64Array(1024).fill(Number.NaN);
  /** Grows with each change of `lastTime` from when the store is open. */
  appends = 0;
  /**
   * From this time on each sample is a number and not lower than the one before it. For samples that this process has seen come;
   * -Infinity before the first.
   */
  risingSince: Float64Array = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY);
  /** The newest histogram's bytes, of series that have had one; counts while `lastValue` is the mark of a histogram. */
  readonly lastHistogram: Map<SeriesRef, Uint8Array> = new Map();
  /** 1 when the head's file knows the series. */
  persisted: Uint8Array = new Uint8Array(1024);
  readonly #known = new SeriesLookup((ref) => this.labels[ref]);
  /** 1 when the series' labels are an object from disk, which nobody else has. */
  #ours: Uint8Array = new Uint8Array(1024);
  /** Whoever keeps a ref keeps the labels that it was given for: the ref is good for as long as the port promises. */
  readonly #holders = new LabelHolders();

  get size(): number {
    return this.#known.size;
  }

  find(labels: Labels): SeriesRef | undefined {
    return this.#known.find(labels);
  }

  /** The series' ref, a new one when it is new. */
  ensure(labels: Labels): SeriesRef {
    const next = this.labels.length;
    const ref = this.#known.findOrAdd(labels, next);
    if (ref === next) this.#add(labels, next);
    else this.#replace(ref, labels);
    return ref;
  }

  /** The caller's object in the place of an equal one from disk, as it is there anyway; of two callers both may go or stay. */
  #replace(ref: SeriesRef, labels: Labels): void {
    const before = this.labels[ref]!;
    if (before === labels) return;
    if (!this.#ours[ref]) this.#holders.add(ref, before);
    this.#ours[ref] = 0;
    this.labels[ref] = labels;
  }

  /** The ref under which the series of a ref is known now; 0 when there is none. */
  current(ref: SeriesRef): SeriesRef {
    if (this.labels[ref]) return ref;
    const labels = this.#holders.anyOf(ref);
    return labels ? this.ensure(labels) : 0;
  }

  /**
   * Takes a ref from disk, before any series that is new to memory; gives the ref under which the series is known.
   * A ref from disk is never given to another series, as rows on disk still name it.
   */
  restore(ref: SeriesRef, labels: Labels): SeriesRef {
    const own = Math.max(ref, this.labels.length);
    const known = this.#known.findOrAdd(labels, own);
    if (known === own) {
      this.#add(labels, own);
      this.#ours[own] = 1;
    } else while (this.labels.length <= ref) this.#push(undefined);
    return known;
  }

  /** Makes room for so many more series. */
  reserve(count: number): void {
    this.#known.reserve(count);
    const wanted = this.labels.length + count;
    if (wanted > this.columnOf.length) this.#grow(2 ** Math.ceil(Math.log2(wanted)));
  }

  /** Drops series; a ref of one goes on only by `current`. */
  forget(refs: readonly SeriesRef[]): void {
    const gone = new Map<SeriesRef, Labels>();
    for (const ref of refs) {
      const labels = this.labels[ref];
      if (!labels) continue;
      gone.set(ref, labels);
      this.#known.delete(labels);
      this.labels[ref] = undefined;
      this.segmentOf[ref] = undefined;
      this.persisted[ref] = 0;
      this.lastHistogram.delete(ref);
      if (!this.#ours[ref]) this.#holders.add(ref, labels);
    }
    this.index.remove(gone);
  }

  /** Notes a sample that comes back from disk; false when it is not the series' newest. */
  saw(ref: SeriesRef, timeMs: number, value: number): boolean {
    const lastMs = this.lastTime[ref]!;
    if (timeMs <= lastMs) {
      this.risingSince[ref] = lastMs;
      return false;
    }
    if (!(value >= this.lastValue[ref]!)) this.risingSince[ref] = timeMs;
    this.lastTime[ref] = timeMs;
    this.lastValue[ref] = value;
    return true;
  }

  *refs(): Generator<SeriesRef> {
    for (let ref = 1; ref < this.labels.length; ref++) if (this.labels[ref]) yield ref;
  }

  /** Of labels that can be found already. */
  #add(labels: Labels, ref: SeriesRef): void {
    while (this.labels.length < ref) this.#push(undefined);
    this.#push(labels);
    this.index.add(ref, labels);
  }

  #push(labels: Labels | undefined): void {
    const ref = this.labels.length;
    this.labels.push(labels);
    this.segmentOf.push(undefined);
    if (ref === this.columnOf.length) this.#grow(ref * 2);
  }

  #grow(capacity: number): void {
    const columns = new Int32Array(capacity);
    columns.set(this.columnOf);
    this.columnOf = columns;
    const persisted = new Uint8Array(capacity);
    persisted.set(this.persisted);
    this.persisted = persisted;
    const ours = new Uint8Array(capacity);
    ours.set(this.#ours);
    this.#ours = ours;
    const times = new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY);
    times.set(this.lastTime);
    this.lastTime = times;
    const values = new Float64Array(capacity).fill(Number.NaN);
    values.set(this.lastValue);
    this.lastValue = values;
    const rising = new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY);
    rising.set(this.risingSince);
    this.risingSince = rising;
  }
}
