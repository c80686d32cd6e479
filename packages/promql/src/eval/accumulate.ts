/**
 * Aggregations to one value per group, one member after the other: the state of a group is columns over all steps. Columns
 * hold floats only. Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators.
 */
import { ABSENT, type Column, FLOAT } from './column.ts';

export interface Accumulator {
  /** `points` of the column's steps have a value. */
  add(column: Column, points: number): void;
  /** As `add` of a column whose only step has the k-th value; a number of its own would have to be put on the heap. */
  addOne?(added: Float64Array, k: number): void;
  /** Leaves the values of all steps in `out`; called once. */
  finish(): void;
}

/** A new accumulator that works in `out`, which is absent everywhere. */
export type MakeAccumulator = (out: Column) => Accumulator;

export const ACCUMULATORS: Readonly<Record<string, MakeAccumulator>> = {
  sum: (out) => new Sum(out),
  avg: (out) => new Average(out),
  count: (out) => new Count(out),
  group: (out) => new Fold(out, () => 1),
  min: (out) => new Fold(out, (best, value) => (best > value || Number.isNaN(best) ? value : best)),
  max: (out) => new Fold(out, (best, value) => (best < value || Number.isNaN(best) ? value : best)),
  stdvar: (out) => new Variance(out, false),
  stddev: (out) => new Variance(out, true),
};

/** Compensated, as kahan.ts. */
class Sum implements Accumulator {
  readonly #out: Column;
  readonly #rest: Float64Array;
  /** Whether every step has a value. */
  #full = false;

  constructor(out: Column) {
    this.#out = out;
    this.#rest = new Float64Array(out.kinds.length);
  }

  add(column: Column, points: number): void {
    const { kinds } = this.#out;
    const isFull = points === kinds.length;
    if (this.#full && isFull) this.#addFull(column.values);
    else this.#addSome(column);
    if (isFull) this.#full = true;
  }

  finish(): void {
    const { values } = this.#out;
    const rest = this.#rest;
    for (let i = 0; i < values.length; i++) values[i]! += rest[i]!;
  }

  addOne(added: Float64Array, k: number): void {
    const { kinds, values } = this.#out;
    const value = added[k]!;
    if (kinds[0] === ABSENT) {
      kinds[0] = FLOAT;
      values[0] = value;
      return;
    }
    const before = values[0]!;
    const total = before + value;
    const rest = this.#rest;
    if (Math.abs(before) >= Math.abs(value)) rest[0]! += before - total + value;
    else rest[0]! += value - total + before;
    if (Math.abs(total) === Number.POSITIVE_INFINITY) rest[0] = 0;
    values[0] = total;
  }

  #addFull(added: Float64Array): void {
    const { values } = this.#out;
    const rest = this.#rest;
    for (let i = 0; i < values.length; i++) {
      const before = values[i]!;
      const value = added[i]!;
      const total = before + value;
      if (Math.abs(before) >= Math.abs(value)) rest[i]! += before - total + value;
      else rest[i]! += value - total + before;
      if (Math.abs(total) === Number.POSITIVE_INFINITY) rest[i] = 0;
      values[i] = total;
    }
  }

  #addSome(column: Column): void {
    const { kinds, values } = this.#out;
    const rest = this.#rest;
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      const value = column.values[i]!;
      if (kinds[i] === ABSENT) {
        kinds[i] = FLOAT;
        values[i] = value;
        continue;
      }
      const before = values[i]!;
      const total = before + value;
      if (Math.abs(total) === Number.POSITIVE_INFINITY) rest[i] = 0;
      else if (Math.abs(before) >= Math.abs(value)) rest[i]! += before - total + value;
      else rest[i]! += value - total + before;
      values[i] = total;
    }
  }
}

/** A plain mean of a compensated sum; when the sum overflows, the mean goes on incrementally. */
class Average implements Accumulator {
  readonly #out: Column;
  readonly #rest: Float64Array;
  readonly #counts: Float64Array;
  readonly #incremental: Uint8Array;

  constructor(out: Column) {
    const steps = out.kinds.length;
    this.#out = out;
    this.#rest = new Float64Array(steps);
    this.#counts = new Float64Array(steps);
    this.#incremental = new Uint8Array(steps);
  }

  add(column: Column): void {
    const { kinds } = this.#out;
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      kinds[i] = FLOAT;
      this.#step(i, column.values[i]!);
    }
  }

  finish(): void {
    const { kinds, values } = this.#out;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === ABSENT) continue;
      const rest = this.#rest[i]!;
      const n = this.#counts[i]!;
      values[i] = this.#incremental[i] === 1 ? values[i]! + rest : values[i]! / n + rest / n;
    }
  }

  #step(i: number, value: number): void {
    const { values } = this.#out;
    const rest = this.#rest;
    const n = ++this.#counts[i]!;
    if (n === 1) {
      values[i] = value;
      return;
    }
    let before = values[i]!;
    let added = value;
    if (this.#incremental[i] === 0 && Math.abs(before + value) === Number.POSITIVE_INFINITY) {
      this.#incremental[i] = 1;
      before /= n - 1;
      rest[i]! /= n - 1;
    }
    if (this.#incremental[i] === 1) {
      const share = (n - 1) / n;
      before *= share;
      rest[i]! *= share;
      added = value / n;
    }
    const total = before + added;
    if (Math.abs(total) === Number.POSITIVE_INFINITY) rest[i] = 0;
    else if (Math.abs(before) >= Math.abs(added)) rest[i]! += before - total + added;
    else rest[i]! += added - total + before;
    values[i] = total;
  }
}

class Count implements Accumulator {
  readonly #out: Column;

  constructor(out: Column) {
    this.#out = out;
  }

  add(column: Column): void {
    const { kinds, values } = this.#out;
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      kinds[i] = FLOAT;
      values[i]!++;
    }
  }

  finish(): void {}
}

class Fold implements Accumulator {
  readonly #out: Column;
  readonly #fold: (best: number, value: number) => number;

  constructor(out: Column, fold: (best: number, value: number) => number) {
    this.#out = out;
    this.#fold = fold;
  }

  add(column: Column): void {
    const { kinds, values } = this.#out;
    const fold = this.#fold;
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      const value = column.values[i]!;
      values[i] = kinds[i] === ABSENT ? fold(value, value) : fold(values[i]!, value);
      kinds[i] = FLOAT;
    }
  }

  finish(): void {}
}

/** Welford's algorithm. */
class Variance implements Accumulator {
  readonly #out: Column;
  readonly #root: boolean;
  readonly #means: Float64Array;
  readonly #counts: Float64Array;

  constructor(out: Column, root: boolean) {
    this.#out = out;
    this.#root = root;
    this.#means = new Float64Array(out.kinds.length);
    this.#counts = new Float64Array(out.kinds.length);
  }

  add(column: Column): void {
    const { kinds, values } = this.#out;
    const means = this.#means;
    const counts = this.#counts;
    for (let i = 0; i < kinds.length; i++) {
      if (column.kinds[i] === ABSENT) continue;
      kinds[i] = FLOAT;
      const value = column.values[i]!;
      const delta = value - means[i]!;
      means[i]! += delta / ++counts[i]!;
      values[i]! += delta * (value - means[i]!);
    }
  }

  finish(): void {
    const { kinds, values } = this.#out;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === ABSENT) continue;
      const value = values[i]! / this.#counts[i]!;
      values[i] = this.#root ? Math.sqrt(value) : value;
    }
  }
}
