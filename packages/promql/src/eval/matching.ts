/**
 * Binary operators between vectors: series are paired once by their matching labels, then computed over all steps.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching.
 */
import { Labels, METRIC_NAME } from '@watchroom/model';
import { ExecutionError } from '../errors.ts';
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
import { goLabels } from './go-labels.ts';
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
  const pairing = new Pairing(context, expr, swapped, count);
  const groups = groupSides(signatures(matching), many, one);
  for (const [, group] of groups) {
    if (group.one.length > 1) pairing.ensureUnique(group);
    if (fillMany !== undefined) group.many.push(filler(group.many, group.one, fillMany, matching, count));
    if (fillOne !== undefined) group.one.push(filler(group.one, group.many, fillOne, matching, count));
    pairing.pair(group);
  }
  return pairing.finish();
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

class Pairing {
  readonly #context: EvalContext;
  readonly #expr: Binary;
  readonly #matching: VectorMatching;
  readonly #swapped: boolean;
  readonly #count: number;
  readonly #filters: boolean;
  readonly #dropsName: boolean;
  readonly #out: Column[] = [];

  constructor(context: EvalContext, expr: Binary, swapped: boolean, count: number) {
    this.#context = context;
    this.#expr = expr;
    this.#matching = expr.matching!;
    this.#swapped = swapped;
    this.#count = count;
    const compares = COMPARISONS.has(expr.op);
    this.#filters = compares && !expr.returnBool;
    this.#dropsName = expr.returnBool || !(compares || expr.op === '</' || expr.op === '>/');
  }

  /** Throws when two series of the "one" side have a value at one time while the other side has any. */
  ensureUnique(group: Group): void {
    for (let i = 0; i < this.#count; i++) {
      let first: Column | undefined;
      for (const column of group.one) {
        if (column.kinds[i] === ABSENT) continue;
        if (first) this.#duplicate(column, first);
        first = column;
      }
    }
  }

  #duplicate(column: Column, other: Column): never {
    const side = this.#swapped ? 'left' : 'right';
    const group = goLabels(signatures(this.#matching).of(column.labels));
    const both = `[${goLabels(column.labels)}, ${goLabels(other.labels)}]`;
    throw new ExecutionError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ${both}` +
        ';many-to-many matching not allowed: matching labels must be unique on one side',
    );
  }

  pair(group: Group): void {
    const taken =
      this.#matching.card === 'one-to-one' && group.many.length > 1 ? new Uint8Array(this.#count) : undefined;
    for (const many of group.many) {
      for (const one of group.one) {
        const result = this.#combine(many, one);
        if (!result) continue;
        if (taken) take(taken, result);
        this.#out.push(result);
      }
    }
  }

  finish(): Column[] {
    try {
      return mergeAlike(this.#out);
    } catch (error) {
      if (!(error instanceof ExecutionError) || this.#matching.card === 'one-to-one') throw error;
      throw new ExecutionError('multiple matches for labels: grouping labels must ensure unique matches');
    }
  }

  #combine(many: Column, one: Column): Column | undefined {
    const result = newColumn(Labels.EMPTY, this.#count);
    const operate = floatOperator(this.#expr.op);
    const [left, right] = this.#swapped ? [one, many] : [many, one];
    let found = 0;
    for (let i = 0; i < this.#count; i++) {
      const kinds = left.kinds[i]! | (right.kinds[i]! << 2);
      if (left.kinds[i] === ABSENT || right.kinds[i] === ABSENT) continue;
      if (kinds !== BOTH_FLOAT || !operate) {
        found += this.#element(left, right, i, result);
        continue;
      }
      const answer = operate(left.values[i]!, right.values[i]!);
      if (this.#filters && answer === 0) continue;
      result.kinds[i] = FLOAT;
      result.values[i] = this.#filters ? left.values[i]! : answer;
      found++;
    }
    if (found === 0) return undefined;
    this.#label(result, many, one);
    return result;
  }

  #element(left: Column, right: Column, step: number, result: Column): number {
    const at = (column: Column): Element => ({
      value: column.values[step]!,
      histogram: column.kinds[step] === HISTOGRAM ? column.histograms![step] : undefined,
    });
    const answer = combineElements(this.#context, this.#expr, at(left), at(right));
    if (!answer) return 0;
    if (answer.histogram) setHistogram(result, step, answer.histogram);
    else setFloat(result, step, answer.value);
    return 1;
  }

  #label(result: Column, many: Column, one: Column): void {
    const { card, on, labels, include } = this.#matching;
    let own = many.labels;
    const delayed = this.#context.delayed;
    if (this.#dropsName && !delayed) own = withoutName(own, this.#context.metadataLabels);
    if (card === 'one-to-one') {
      own = on ? signatures(this.#matching).of(own) : own.without(new Set(labels));
    }
    for (const name of include) own = own.with(name, one.labels.get(name));
    result.labels = own;
    result.dropName = (delayed && this.#dropsName) || many.dropName;
  }
}

const BOTH_FLOAT = FLOAT | (FLOAT << 2);

function take(taken: Uint8Array, result: Column): void {
  for (let i = 0; i < taken.length; i++) {
    if (result.kinds[i] === ABSENT) continue;
    if (taken[i] === 1) {
      throw new ExecutionError(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    }
    taken[i] = 1;
  }
}
