/**
 * The window of a shared query as the server knows it: one column per series over grid times that are multiples of the
 * step. The client's SeriesWindow holds the same points; none is STALE in both.
 *
 * A column has room for twice the window, slides along it and moves to the front when it meets the end.
 */
import type { WireBlock, WireHead, WireSeries, WireValue } from '@watchroom/contract';
import { toWireValue } from '@watchroom/contract';
import { isStale, type Labels, STALE } from '@watchroom/model';
import type { EvaluatedSeries } from './evaluate.ts';

interface Column {
  readonly key: number;
  readonly labels: Labels;
  readonly buffer: Float64Array;
  head: number;
  /** No point after this time has a value. */
  lastValueMs: number;
}

/** What a write changed: the points of `keys` at `times` hold everything that is new. */
export interface Changes {
  readonly times: readonly number[];
  readonly keys: readonly number[];
  readonly created: readonly WireSeries[];
}

export class GridColumns {
  readonly capacity: number;
  readonly stepMs: number;
  readonly #columns = new Map<string, Column>();
  readonly #byKey = new Map<number, Column>();
  #start = 0;
  #length = 0;
  #toMs = 0;
  #headMs: number | undefined;
  #nextKey = 1;

  /** `capacity`: grid times held at most; 0 for a query that only has a head. */
  constructor(capacity: number, stepMs: number) {
    this.capacity = capacity;
    this.stepMs = stepMs;
  }

  get seriesCount(): number {
    return this.#columns.size;
  }

  /** The last grid time; 0 before the first slide. */
  get toMs(): number {
    return this.#toMs;
  }

  get fromMs(): number {
    return this.#length === 0 ? this.#toMs : this.#toMs - (this.#length - 1) * this.stepMs;
  }

  /** The highest key given so far. */
  get lastKey(): number {
    return this.#nextKey - 1;
  }

  /** Forgets all points and series; keys go on. */
  clear(): void {
    this.#columns.clear();
    this.#byKey.clear();
    this.#start = 0;
    this.#length = 0;
    this.#toMs = 0;
    this.#headMs = undefined;
  }

  /** Appends grid times without values up to `toMs`. */
  slideTo(toMs: number): void {
    if (toMs <= this.#toMs) return;
    if (this.capacity === 0) {
      this.#toMs = toMs;
      return;
    }
    const oldestMs = toMs - (this.capacity - 1) * this.stepMs;
    if (this.#length === 0 || this.#toMs < oldestMs) {
      this.#start = 0;
      this.#length = 0;
      this.#toMs = oldestMs - this.stepMs;
    }
    while (this.#toMs < toMs) this.#push();
  }

  /** Makes the points in [fromMs, toMs] those of `evaluated`: series that it lacks have none there. */
  write(fromMs: number, toMs: number, evaluated: readonly EvaluatedSeries[]): Changes {
    const first = Math.max(0, this.#index(fromMs));
    const last = Math.min(this.#length - 1, this.#index(toMs));
    const count = Math.max(0, last - first + 1);
    const created: WireSeries[] = [];
    const changedTimes = new Uint8Array(count);
    const changedKeys = new Set<number>();
    const row = new Float64Array(count);
    const rest = new Map(this.#columns);
    const put = (column: Column) => {
      if (this.#putRow(column, first, row, changedTimes)) changedKeys.add(column.key);
    };
    for (const series of evaluated) {
      row.fill(STALE);
      for (let i = 0; i < series.times.length; i++) {
        const at = this.#index(series.times[i]!) - first;
        if (at >= 0 && at < count) row[at] = series.values[i]!;
      }
      rest.delete(series.labels.key);
      put(this.#column(series.labels, created));
    }
    row.fill(STALE);
    for (const column of rest.values()) put(column);
    const times: number[] = [];
    changedTimes.forEach((changed, i) => {
      if (changed) times.push(this.#timeAt(first + i));
    });
    return { times, keys: [...changedKeys], created };
  }

  /** Replaces the head. Returns the series that it brought. */
  setHead(timeMs: number, evaluated: readonly EvaluatedSeries[]): readonly WireSeries[] {
    const created: WireSeries[] = [];
    for (const column of this.#columns.values()) column.head = STALE;
    for (const { labels, times, values } of evaluated) {
      for (let i = 0; i < times.length; i++) {
        if (times[i] === timeMs) this.#column(labels, created).head = values[i]!;
      }
    }
    this.#headMs = timeMs;
    return created;
  }

  /** Forgets series that have neither a value in the window nor a head; returns their keys. */
  dropEmpty(): number[] {
    const dropped: number[] = [];
    const oldestMs = this.capacity === 0 ? Number.POSITIVE_INFINITY : this.fromMs;
    for (const [id, column] of this.#columns) {
      if (column.lastValueMs >= oldestMs || !isStale(column.head)) continue;
      this.#columns.delete(id);
      this.#byKey.delete(column.key);
      dropped.push(column.key);
    }
    return dropped;
  }

  head(): WireHead | undefined {
    if (this.#headMs === undefined) return undefined;
    const present = [...this.#columns.values()].filter((column) => !isStale(column.head));
    return {
      timeMs: this.#headMs,
      keys: present.map((column) => column.key),
      values: present.map((column) => toWireValue(column.head)),
    };
  }

  /** Series with a key above `afterKey`, in order of key. */
  series(afterKey = 0): WireSeries[] {
    const wanted = [...this.#byKey.values()].filter((column) => column.key > afterKey);
    return wanted.map(({ key, labels }) => ({ key, labels: labels.toObject() }));
  }

  /** The points of the changes. */
  changedBlock({ times, keys }: Changes): WireBlock | undefined {
    const at = times.map((timeMs) => this.#index(timeMs));
    const columns = keys.flatMap((key) => this.#byKey.get(key) ?? []);
    if (at.length === 0 || columns.length === 0) return undefined;
    return {
      times,
      keys: columns.map((column) => column.key),
      values: columns.map(({ buffer }) => at.map((i) => wire(buffer[this.#start + i]!))),
    };
  }

  /** All points from `fromMs` on; without `everyKey`, series that have none there are left out. */
  block(fromMs: number, everyKey: boolean): WireBlock | undefined {
    const first = Math.max(0, Math.ceil(this.#index(fromMs)));
    if (this.#length === 0 || first >= this.#length) return undefined;
    const times: number[] = [];
    for (let i = first; i < this.#length; i++) times.push(this.#timeAt(i));
    const keys: number[] = [];
    const values: WireValue[][] = [];
    for (const column of this.#byKey.values()) {
      if (!everyKey && column.lastValueMs < times[0]!) continue;
      keys.push(column.key);
      values.push(times.map((_, i) => wire(column.buffer[this.#start + first + i]!)));
    }
    return { times, keys, values };
  }

  #column(labels: Labels, created: WireSeries[]): Column {
    const known = this.#columns.get(labels.key);
    if (known) return known;
    const buffer = new Float64Array(this.capacity * 2).fill(STALE);
    const key = this.#nextKey++;
    const column = { key, labels, buffer, head: STALE, lastValueMs: Number.NEGATIVE_INFINITY };
    this.#columns.set(labels.key, column);
    this.#byKey.set(key, column);
    created.push({ key, labels: labels.toObject() });
    return column;
  }

  #putRow(column: Column, first: number, row: Float64Array, changedTimes: Uint8Array): boolean {
    let changed = false;
    for (let i = 0; i < row.length; i++) {
      const at = this.#start + first + i;
      if (same(column.buffer[at]!, row[i]!)) continue;
      column.buffer[at] = row[i]!;
      changedTimes[i] = 1;
      changed = true;
      if (!isStale(row[i]!)) column.lastValueMs = Math.max(column.lastValueMs, this.#timeAt(first + i));
    }
    return changed;
  }

  #push(): void {
    if (this.#length === this.capacity) {
      this.#start++;
      this.#length--;
    }
    if (this.#start + this.#length === this.capacity * 2) this.#moveToFront();
    const at = this.#start + this.#length++;
    for (const column of this.#columns.values()) column.buffer[at] = STALE;
    this.#toMs += this.stepMs;
  }

  #moveToFront(): void {
    for (const { buffer } of this.#columns.values())
      buffer.copyWithin(0, this.#start, this.#start + this.#length);
    this.#start = 0;
  }

  #index(timeMs: number): number {
    return (timeMs - this.fromMs) / this.stepMs;
  }

  #timeAt(index: number): number {
    return this.fromMs + index * this.stepMs;
  }
}

function wire(value: number): WireValue {
  return isStale(value) ? null : toWireValue(value);
}

/** Zero and minus zero are one: JSON does not tell them apart. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b) && isStale(a) === isStale(b));
}
