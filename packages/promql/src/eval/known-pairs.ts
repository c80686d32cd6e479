/**
 * Which series an operator paired at its last evaluation, for one that meets the same series again, as rules do: then nothing is
 * looked up and no labels are made.
 */
import type { Labels } from '@watchroom/model';
import type { VectorMatching } from '../parser/ast.ts';
import { type Column, FLOAT, haveLabels, MOST_KEPT_SERIES } from './column.ts';

interface Sides {
  readonly many: readonly Column[];
  readonly one: readonly Column[];
}

/** Two columns and the labels of their answer. */
export interface Pair {
  readonly many: Column;
  readonly one: Column;
  readonly labels: Labels;
}

export class KnownPairs {
  /** In order of the answer: places on both sides. */
  readonly many: Int32Array;
  readonly one: Int32Array;
  readonly labels: readonly Labels[];
  readonly #many: readonly Labels[];
  readonly #one: readonly Labels[];

  constructor({ many, one }: Sides, pairs: readonly Pair[]) {
    this.#many = many.map(({ labels }) => labels);
    this.#one = one.map(({ labels }) => labels);
    const places = new Map<Column, number>();
    for (const side of [many, one]) for (const [i, column] of side.entries()) places.set(column, i);
    this.many = Int32Array.from(pairs, (pair) => places.get(pair.many)!);
    this.one = Int32Array.from(pairs, (pair) => places.get(pair.one)!);
    this.labels = pairs.map(({ labels }) => labels);
  }

  areOf({ many, one }: Sides): boolean {
    return haveLabels(many, this.#many) && haveLabels(one, this.#one);
  }
}

const known = new WeakMap<VectorMatching, KnownPairs>();
/** Operators that were evaluated before: pairs of those that come once are not worth keeping. */
const met = new WeakSet<VectorMatching>();

/** Undefined when the series are not those of the last time. */
export function knownPairs(matching: VectorMatching, sides: Sides): KnownPairs | undefined {
  const pairs = known.get(matching);
  return pairs?.areOf(sides) ? pairs : undefined;
}

/** Keeps pairs in which each series of `many` is once at most; not when some of them have the same labels. */
export function keepPairs(matching: VectorMatching, sides: Sides, pairs: readonly Pair[]): void {
  const isNew = !met.has(matching);
  met.add(matching);
  if (isNew || sides.many.length + sides.one.length > MOST_KEPT_SERIES) return;
  // That two are the same is an error of numbers, and not of everything else.
  if (!areNumbers(sides.many) || !areNumbers(sides.one)) return;
  if (new Set(pairs.map(({ labels }) => labels.key)).size === pairs.length)
    known.set(matching, new KnownPairs(sides, pairs));
}

function areNumbers(columns: readonly Column[]): boolean {
  for (let i = 0; i < columns.length; i++) if (columns[i]!.kinds[0] !== FLOAT) return false;
  return true;
}
