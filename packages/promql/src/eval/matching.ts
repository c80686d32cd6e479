/**
 * Binary operators between vectors: series are paired once by their matching labels, then computed over all steps.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching.
 */
import { Labels, METRIC_NAME } from '@watchroom/model';
import type { Binary, VectorMatching } from '../parser/ast.ts';
import { COMPARISONS } from '../parser/ast.ts';
import {
  ABSENT,
  type Column,
  FLOAT,
  HISTOGRAM,
  mergeAlike,
  newColumn,
  setFloat,
  setHistogram,
  withoutName,
} from './column.ts';
import type { EvalContext } from './context.ts';
import { combineElements, type Element } from './elements.ts';
import { type KnownPairs, keepPairs, knownPairs, type Pair } from './known-pairs.ts';
import { matchingError } from './matching-errors.ts';
import { floatOperator } from './operators.ts';

/** Series of both sides with equal matching labels. */
interface Group {
  readonly many: Column[];
  readonly one: Column[];
}

export interface Signatures {
  /** The matching labels of a series. */
  of(labels: Labels): Labels;
}

/** Matching labels of a series, per operator of a cached query. */
const known = new WeakMap<VectorMatching, Signatures>();

export function signatures(matching: VectorMatching): Signatures {
  let found = known.get(matching);
  if (!found) {
    found = remembered(matching);
    known.set(matching, found);
  }
  return found;
}

function remembered({ on, labels: names }: VectorMatching): Signatures {
  const cache = new WeakMap<Labels, Labels>();
  const set = new Set(on ? names : [...names, METRIC_NAME]);
  return {
    of(labels) {
      let own = cache.get(labels);
      if (!own) {
        own = on ? labels.keep(set) : labels.without(set);
        cache.set(labels, own);
      }
      return own;
    },
  };
}

export function vectorMatching(context: EvalContext, expr: Binary, lhs: Column[], rhs: Column[]): Column[] {
  const matching = expr.matching!;
  const swapped = matching.card === 'one-to-many';
  const [many, one] = swapped ? [rhs, lhs] : [lhs, rhs];
  // With group_right the clauses name the sides as they stand after the exchange.
  const fillMany = matching.fillLeft;
  const fillOne = matching.fillRight;
  if ((many.length === 0 && fillMany === undefined) || (one.length === 0 && fillOne === undefined)) return [];
  const count = (many[0] ?? one[0])?.kinds.length ?? 0;
  const pairing = new Pairing(context, expr, { many, one, swapped, count });
  const fills = fillMany !== undefined || fillOne !== undefined;
  const mayKnow = count === 1 && !fills && !context.delayed && !context.metadataLabels;
  const known = mayKnow ? knownPairs(matching, { many, one }) : undefined;
  if (known) return pairing.known(known);
  const groups = groupSides(signatures(matching), many, one);
  let isPlain = mayKnow;
  for (const [, group] of groups) {
    if (group.one.length > 1) isPlain = false;
    if (group.one.length > 1) pairing.ensureUnique(group);
    if (fillMany !== undefined) group.many.push(filler(group.many, group.one, fillMany, matching, count));
    if (fillOne !== undefined) group.one.push(filler(group.one, group.many, fillOne, matching, count));
    pairing.pair(group);
  }
  if (isPlain) keepPairs(matching, { many, one }, pairing.pairs);
  return mergeAlike(pairing.out);
}

function groupSides(by: Signatures, many: readonly Column[], one: readonly Column[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  const place = (column: Column, side: keyof Group): void => {
    const { key } = by.of(column.labels);
    let group = groups.get(key);
    if (!group) {
      group = { many: [], one: [] };
      groups.set(key, group);
    }
    group[side].push(column);
  };
  for (const column of one) place(column, 'one');
  for (const column of many) place(column, 'many');
  return groups;
}

/** A column that has `value` where `side` has none but the other side has something. */
function filler(
  side: readonly Column[],
  other: readonly Column[],
  value: number,
  matching: VectorMatching,
  count: number,
): Column {
  const by = signatures(matching);
  const sample = (other[0] ?? side[0])!;
  const column = newColumn(by.of(sample.labels), count);
  for (let i = 0; i < count; i++) {
    if (side.some((one) => one.kinds[i] !== ABSENT)) continue;
    if (other.some((one) => one.kinds[i] !== ABSENT)) setFloat(column, i, value);
  }
  return column;
}

interface Sides {
  readonly many: readonly Column[];
  readonly one: readonly Column[];
  /** Whether "one" stands on the left. */
  readonly swapped: boolean;
  /** Steps. */
  readonly count: number;
}

class Pairing {
  readonly out: Column[] = [];
  readonly pairs: Pair[] = [];
  readonly #context: EvalContext;
  readonly #expr: Binary;
  readonly #matching: VectorMatching;
  readonly #sides: Sides;
  readonly #count: number;
  readonly #filters: boolean;
  readonly #dropsName: boolean;

  constructor(context: EvalContext, expr: Binary, sides: Sides) {
    this.#context = context;
    this.#expr = expr;
    this.#matching = expr.matching!;
    this.#sides = sides;
    this.#count = sides.count;
    const compares = COMPARISONS.has(expr.op);
    this.#filters = compares && !expr.returnBool;
    this.#dropsName = !(compares || expr.op === '</' || expr.op === '>/');
  }

  /** Throws when two series of the "one" side have a value at one time while the other side has one too. */
  ensureUnique(group: Group): void {
    for (let i = 0; i < this.#count; i++) {
      let present = 0;
      for (const column of group.one) if (column.kinds[i] !== ABSENT) present++;
      if (present > 1 && this.#isComputed(i)) throw this.#error();
    }
  }

  /** Where one side has nothing at all, nothing is matched. */
  #isComputed(step: number): boolean {
    const { fillLeft, fillRight } = this.#matching;
    if (fillLeft !== undefined || fillRight !== undefined) return true;
    return this.#sides.many.some((column) => column.kinds[step] !== ABSENT);
  }

  #error(): Error {
    return matchingError(this.#expr, this.#sides, {
      signatureOf: (labels) => signatures(this.#matching).of(labels),
      labelsOf: (many, one) => this.#labelsOf(many, one),
      isMatch: (many, one, step) => this.#isMatch(many, one, step),
    });
  }

  pair(group: Group): void {
    /** Where a result's labels are taken, whether or not a comparison then leaves it out. */
    const taken = group.many.length > 1 ? new Map<string, Uint8Array>() : undefined;
    for (const many of group.many) {
      for (const one of group.one) {
        const labels = this.#labelsOf(many.labels, one.labels);
        if (taken) this.#take(taken, labels, many, one);
        this.pairs.push({ many, one, labels });
        this.#answer(many, one, labels, group.one.length === 1);
      }
    }
  }

  /** What pairs of an evaluation before give now. */
  known({ many, one, labels }: KnownPairs): Column[] {
    const { out } = this;
    for (let i = 0; i < labels.length; i++)
      this.#answer(this.#sides.many[many[i]!]!, this.#sides.one[one[i]!]!, labels[i]!, true);
    return out;
  }

  #answer(many: Column, one: Column, labels: Labels, isLast: boolean): void {
    const result = this.#combine(many, one, isLast);
    if (!result) return;
    result.labels = labels;
    result.dropName = this.#context.delayed && this.#expr.returnBool;
    this.out.push(result);
  }

  #take(taken: Map<string, Uint8Array>, labels: Labels, many: Column, one: Column): void {
    const key = this.#matching.card === 'one-to-one' ? '' : labels.key;
    const steps = taken.get(key) ?? new Uint8Array(this.#count);
    taken.set(key, steps);
    for (let i = 0; i < steps.length; i++) {
      if (many.kinds[i] === ABSENT || one.kinds[i] === ABSENT) continue;
      if (!this.#isMatch(many, one, i)) continue;
      if (steps[i] === 1) throw this.#error();
      steps[i] = 1;
    }
  }

  /** False where the operator knows no such operands. Both have a value at that step. */
  #isMatch(many: Column, one: Column, step: number): boolean {
    if (many.kinds[step] === FLOAT && one.kinds[step] === FLOAT) return true;
    if (many.kinds[step] === one.kinds[step] && (this.#expr.op === '==' || this.#expr.op === '!='))
      return true;
    const [left, right] = this.#sides.swapped ? [one, many] : [many, one];
    return this.#element(left, right, step) !== undefined;
  }

  /** `isLast`: `many` is combined with nothing else. */
  #combine(many: Column, one: Column, isLast: boolean): Column | undefined {
    const operate = floatOperator(this.#expr.op);
    const [left, right] = this.#sides.swapped ? [one, many] : [many, one];
    if (isLast && operate && this.#isSimple(many, one)) {
      many.values[0] = operate(left.values[0]!, right.values[0]!);
      // What the other groups still ask of the column are its labels and kinds.
      return { ...many };
    }
    const result = newColumn(Labels.EMPTY, this.#count);
    let found = 0;
    for (let i = 0; i < this.#count; i++) {
      const kinds = left.kinds[i]! | (right.kinds[i]! << 2);
      if (left.kinds[i] === ABSENT || right.kinds[i] === ABSENT) continue;
      if (kinds !== BOTH_FLOAT || !operate) {
        found += set(result, i, this.#element(left, right, i));
        continue;
      }
      const answer = operate(left.values[i]!, right.values[i]!);
      if (this.#filters && answer === 0) continue;
      result.kinds[i] = FLOAT;
      result.values[i] = this.#filters ? left.values[i]! : answer;
      found++;
    }
    return found === 0 ? undefined : result;
  }

  /** Whether the answer may be written over the value of `many`. */
  #isSimple(many: Column, one: Column): boolean {
    if (this.#count !== 1 || this.#filters || many.isShared) return false;
    return many.kinds[0] === FLOAT && one.kinds[0] === FLOAT && !many.histograms;
  }

  #element(left: Column, right: Column, step: number): Element | undefined {
    const at = (column: Column): Element => ({
      value: column.values[step]!,
      histogram: column.kinds[step] === HISTOGRAM ? column.histograms![step] : undefined,
    });
    return combineElements(this.#context, this.#expr, at(left), at(right));
  }

  /** The name goes at once, also when names are removed at the end: only `bool` leaves it to the end. */
  #labelsOf(many: Labels, one: Labels): Labels {
    const { card, on, labels, include } = this.#matching;
    const dropsNow = this.#dropsName || (this.#expr.returnBool && !this.#context.delayed);
    let own = dropsNow ? withoutName(many, this.#context.metadataLabels) : many;
    if (card === 'one-to-one') {
      own = on ? signatures(this.#matching).of(own) : own.without(new Set(labels));
    }
    for (const name of include) own = own.with(name, one.get(name));
    return own;
  }
}

function set(column: Column, step: number, element: Element | undefined): number {
  if (!element) return 0;
  if (element.histogram) setHistogram(column, step, element.histogram);
  else setFloat(column, step, element.value);
  return 1;
}

const BOTH_FLOAT = FLOAT | (FLOAT << 2);
