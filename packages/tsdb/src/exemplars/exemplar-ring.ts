/**
 * Exemplars in columns outside the heap, in the order in which they came. Each has a number, one more than the one before it,
 * and knows the one before it of its series.
 */
import type { Exemplar } from '@watchroom/model';
import { LabelPages } from './label-pages.ts';

const FIRST_CAPACITY = 1024;
const NONE = -1;

/** What is kept of one exemplar beside its labels; a number n has its row at n modulo the capacity. */
class Columns {
  readonly capacity: number;
  readonly seq: Float64Array;
  readonly timeMs: Float64Array;
  readonly value: Float64Array;
  readonly before: Float64Array;
  readonly series: Uint32Array;
  readonly page: Uint32Array;
  readonly offset: Uint32Array;
  readonly length: Uint32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.seq = new Float64Array(capacity);
    this.timeMs = new Float64Array(capacity);
    this.value = new Float64Array(capacity);
    this.before = new Float64Array(capacity);
    this.series = new Uint32Array(capacity);
    this.page = new Uint32Array(capacity);
    this.offset = new Uint32Array(capacity);
    this.length = new Uint32Array(capacity);
  }

  copyRow(from: Columns, number: number): void {
    const [to, at] = [number % this.capacity, number % from.capacity];
    this.seq[to] = from.seq[at]!;
    this.timeMs[to] = from.timeMs[at]!;
    this.value[to] = from.value[at]!;
    this.before[to] = from.before[at]!;
    this.series[to] = from.series[at]!;
    this.page[to] = from.page[at]!;
    this.offset[to] = from.offset[at]!;
    this.length[to] = from.length[at]!;
  }
}

export class ExemplarRing {
  #columns = new Columns(FIRST_CAPACITY);
  readonly #labels = new LabelPages();
  /** Numbers of those that are kept, from `first` up to before `end`. */
  first = 0;
  end = 0;

  /** Adds one behind the last; `before` is its series' last one or -1. Gives its number. */
  push(seq: number, series: number, exemplar: Exemplar, before: number): number {
    if (this.end - this.first === this.#columns.capacity) this.#grow();
    const columns = this.#columns;
    const row = this.end % columns.capacity;
    const place = this.#labels.add(exemplar.labels);
    columns.seq[row] = seq;
    columns.timeMs[row] = exemplar.timeMs;
    columns.value[row] = exemplar.value;
    columns.before[row] = before;
    columns.series[row] = series;
    columns.page[row] = place.page;
    columns.offset[row] = place.offset;
    columns.length[row] = place.length;
    return this.end++;
  }

  /** Drops the oldest; gives the number of its series. */
  shift(): number {
    const { series, page, capacity } = this.#columns;
    const gone = series[this.first % capacity]!;
    this.first++;
    this.#labels.dropBefore(
      this.first < this.end ? page[this.first % capacity]! : page[(this.end - 1) % capacity]!,
    );
    return gone;
  }

  seqOf(number: number): number {
    return this.#columns.seq[number % this.#columns.capacity]!;
  }

  seriesOf(number: number): number {
    return this.#columns.series[number % this.#columns.capacity]!;
  }

  timeOf(number: number): number {
    return this.#columns.timeMs[number % this.#columns.capacity]!;
  }

  /** The one before it of its series; -1 when that is not kept. */
  before(number: number): number {
    const before = this.#columns.before[number % this.#columns.capacity]!;
    return before >= this.first ? before : NONE;
  }

  exemplar(number: number): Exemplar {
    const { timeMs, value, page, offset, length, capacity } = this.#columns;
    const row = number % capacity;
    const labels = this.#labels.read({ page: page[row]!, offset: offset[row]!, length: length[row]! });
    return { labels, timeMs: timeMs[row]!, value: value[row]! };
  }

  #grow(): void {
    const grown = new Columns(this.#columns.capacity * 2);
    for (let number = this.first; number < this.end; number++) grown.copyRow(this.#columns, number);
    this.#columns = grown;
  }
}
