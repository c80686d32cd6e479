/**
 * Aggregations of what a selector or a range function gives: each series goes into its group at once, through one column
 * that is used again, so that no series takes room of its own.
 */
import { type Labels, METRIC_NAME, type SeriesEnds, type SeriesRef } from '@watchroom/model';
import { rangeFunctions } from '../functions/index.ts';
import { type Aggregate, type Call, unwrapParens, type VectorSelector } from '../parser/ast.ts';
import { ACCUMULATORS, type Accumulator } from './accumulate.ts';
import { ABSENT, type Column, FLOAT, isEmpty, newColumn } from './column.ts';
import type { EvalContext } from './context.ts';
import { type GroupPlaces, placesOf } from './group-places.ts';
import { isInvariant } from './invariant.ts';

/** Range functions that leave the metric's name. */
export const KEEP_NAME: ReadonlySet<string> = new Set(['last_over_time', 'first_over_time']);

/** A range function whose range argument is a selector. */
export interface SelectorCall {
  readonly call: Call;
  readonly selector: VectorSelector;
}

/** What is aggregated, where it can be aggregated series by series: a selector, or a function's call; else undefined. */
export function fusible(
  context: EvalContext,
  expr: Aggregate,
  steps: number,
): VectorSelector | SelectorCall | undefined {
  if (!ACCUMULATORS[expr.op] || context.observer || context.delayed || context.metadataLabels)
    return undefined;
  const inner = unwrapParens(expr.expr);
  if (steps > 1 && isInvariant(inner)) return undefined;
  if (inner.type === 'vectorSelector') return inner.mode ? undefined : inner;
  if (inner.type !== 'call' || context.shared?.wants(inner)) return undefined;
  // absent_over_time takes a range, but is no function of one series.
  if (!rangeFunctions[inner.func.name]) return undefined;
  const ranges = inner.args
    .map(unwrapParens)
    .filter(({ type }) => type === 'matrixSelector' || type === 'subquery');
  const [range] = ranges;
  if (ranges.length !== 1 || range?.type !== 'matrixSelector') return undefined;
  const { vector } = range;
  // Series of one name stay apart when they lose it; others may have to be merged first.
  if (!KEEP_NAME.has(inner.func.name) && !hasName(vector)) return undefined;
  return { call: inner, selector: vector };
}

/** Whether all that it selects has one metric name. */
export function hasName({ matchers }: VectorSelector): boolean {
  return matchers.some(
    ({ name, operator, value }) => name === METRIC_NAME && operator === '=' && value !== '',
  );
}

/** A histogram was met: these are aggregated together, not one after the other. */
export class HistogramMet extends Error {}

interface Group {
  readonly column: Column;
  readonly accumulator: Accumulator;
}

export class Groups {
  /** The column that series go through. */
  readonly scratch: Column;
  readonly #op: string;
  readonly #steps: number;
  readonly #places: GroupPlaces;
  /** By place. */
  readonly #groups: (Group | undefined)[] = [];
  /** In order of first appearance. */
  readonly #found: Group[] = [];
  #ref: SeriesRef | undefined;

  /** `nameless`: series lose the metric's name before they are grouped. */
  constructor(expr: Aggregate, store: object, scratch: Column, nameless: boolean) {
    this.scratch = scratch;
    this.#op = expr.op;
    this.#steps = scratch.kinds.length;
    this.#places = placesOf(expr, store, nameless);
  }

  /** Empties the column for the next series. */
  next(labels: Labels, ref: SeriesRef | undefined): Column {
    const { scratch } = this;
    scratch.labels = labels;
    this.#ref = ref;
    scratch.kinds.fill(ABSENT);
    return scratch;
  }

  /** Takes in what the column holds, with values at so many steps. Throws HistogramMet. */
  add(points: number): void {
    if (points === 0) return;
    const { scratch } = this;
    if (scratch.histograms) throw new HistogramMet();
    this.#groupAt(this.#places.of(scratch.labels, this.#ref)).accumulator.add(scratch, points);
  }

  /** Takes in the values of several series at the only step. */
  addMany(ends: SeriesEnds, values: Float64Array): void {
    const { count, refs } = ends;
    const places = this.#places;
    const { scratch } = this;
    scratch.kinds[0] = FLOAT;
    for (let k = 0; k < count; k++) {
      const ref = refs[k]!;
      const known = places.knownOf(ref);
      const { accumulator } = this.#groupAt(known < 0 ? places.of(ends.labelsOf(k), ref) : known);
      if (accumulator.addOne) {
        accumulator.addOne(values, k);
        continue;
      }
      scratch.values[0] = values[k]!;
      accumulator.add(scratch, 1);
    }
  }

  #groupAt(place: number): Group {
    const known = this.#groups[place];
    if (known) return known;
    const column = newColumn(this.#places.labels[place]!, this.#steps);
    const group = { column, accumulator: ACCUMULATORS[this.#op]!(column) };
    this.#groups[place] = group;
    this.#found.push(group);
    return group;
  }

  finish(): Column[] {
    const out: Column[] = [];
    for (const { column, accumulator } of this.#found) {
      accumulator.finish();
      if (!isEmpty(column)) out.push(column);
    }
    return out;
  }
}
