/**
 * The series of a selector whose raw samples are gone for some of the range: there aggregates stand in for them, up to the
 * first raw sample of each series.
 */
import {
  isSameView,
  isStale,
  type Labels,
  type NativeHistogram,
  type SeriesData,
  type SeriesRef,
  type SeriesSet,
  type StoreCut,
} from '@watchroom/model';
import { fillAbsent, isAbsent } from '../chunk/absent.ts';
import { SLICE_COLUMNS, type Slice } from '../chunk/slice.ts';
import type { HiddenSpans } from '../deletion/tombstones.ts';
import { slicesOf } from '../disk/block-family.ts';
import { ownDrops } from '../rollup/aggregate.ts';
import { COLUMN } from '../rollup/levels.ts';
import type { RollupPlan } from '../rollup/plan.ts';
import { type RollupShape, shapeOf } from '../rollup/shape.ts';
import { lowerBound } from './assemble.ts';
import { RawStart } from './raw-start.ts';
import { hasLone, isLone, withFirsts } from './rolled-firsts.ts';
import type { StoredSeries, StoredSeriesOptions } from './stored-series.ts';

export interface RolledSeriesOptions extends StoredSeriesOptions {
  readonly plan: RollupPlan;
  /** Where the range begins that was asked for; raw samples are not seen before `startMs`. */
  readonly fromMs: number;
  readonly stepMs: number;
}

/** What stands for one series: arrays of one length, values lent until the next read. */
interface Samples {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array | undefined;
  /** No value is NaN. */
  readonly plain: boolean;
}

/** The slice of each piece that was read last, as series come in the order of their columns. */
interface OpenSlices {
  readonly indexes: Int32Array;
  readonly slices: (Slice | undefined)[];
}

const NONE: Float64Array = new Float64Array(0);

export class RolledSeries implements SeriesSet {
  readonly size: number;
  #refs: readonly SeriesRef[];
  readonly #raw: StoredSeries;
  readonly #options: RolledSeriesOptions;
  readonly #rawStart: RawStart;
  #shape: RollupShape | undefined;
  #open = new Map<number, OpenSlices>();
  /** Column of the series read last, by piece. */
  #columns = new Int32Array(0);
  /** Timestamps that were joined last, and what of. */
  #joined: readonly [before: Float64Array, after: Float64Array, both: Float64Array] | undefined;
  #held = false;
  #first = NONE;
  #second = NONE;
  #values = NONE;
  #weights = NONE;
  /** Times of the series before this one, of which some were absent. */
  #kept = NONE;
  #bothValues = NONE;
  #bothWeights = NONE;

  constructor(refs: readonly SeriesRef[], raw: StoredSeries, options: RolledSeriesOptions) {
    this.size = refs.length;
    this.#refs = refs;
    this.#raw = raw;
    this.#options = options;
    this.#rawStart = new RawStart(options);
  }

  hold(cut: StoreCut | undefined): void {
    this.#raw.hold(cut);
    if (this.#held) return;
    this.#held = true;
    this.#refs = this.#refs.slice();
  }

  read(i: number): SeriesData | undefined {
    const ref = this.#refs[i]!;
    const labels = this.#options.table.labels[ref];
    const shape = labels && this.#shapeOf(ref);
    const raw = this.#raw.read(i);
    if (!labels || !shape || shape.timestamps.length === 0) return raw;
    const rolled = this.#rolled(shape, ref);
    return rolled ? this.#join(labels, rolled, raw, shape.lastMs) : raw;
  }

  #shapeOf(ref: SeriesRef): RollupShape {
    const { plan, fromMs, endMs, stepMs } = this.#options;
    const rawFromMs = this.#rawStart.of(ref);
    const known = this.#shape;
    if (known?.rawFromMs === rawFromMs) {
      let same = true;
      for (let l = 0; l < plan.levels.length; l++)
        if (plan.levels[l]!.blocks.layoutsOf(ref) !== known.lists[l]) same = false;
      if (same) return known;
    }
    const lists = plan.levels.map(({ blocks }) => blocks.layoutsOf(ref));
    const shape = shapeOf(plan, lists, { fromMs, endMs, stepMs, rawFromMs });
    this.#shape = shape;
    this.#open = new Map();
    this.#columns = new Int32Array(shape.pieces.length).fill(-1);
    this.#first = sized(this.#first, shape.ends.length);
    this.#second = sized(this.#second, shape.ends.length);
    this.#values = sized(this.#values, shape.timestamps.length);
    this.#weights = sized(this.#weights, shape.timestamps.length);
    return shape;
  }

  #rolled(shape: RollupShape, ref: SeriesRef): Samples | undefined {
    shape.pieces.forEach(({ block }, p) => {
      this.#columns[p] = block.layout.columnOf(ref, this.#columns[p]! + 1);
    });
    const { plan, deleted } = this.#options;
    const { use } = plan;
    const hidden = deleted.of(ref);
    const count = shape.timestamps.length;
    const values = this.#values.subarray(0, count);
    let weights: Float64Array | undefined;
    if (use === 'min' || use === 'max' || use === 'sum') this.#fill(shape, COLUMN[use], values);
    else if (use === 'mean' || use === 'count') {
      weights = this.#weights.subarray(0, count);
      this.#fill(shape, COLUMN.count, weights);
      this.#fill(shape, use === 'mean' ? COLUMN.sum : COLUMN.count, values);
      if (use === 'mean')
        for (let k = 0; k < count; k++) if (!isAbsent(values[k]!)) values[k]! /= weights[k]!;
    } else if (use === 'steps') {
      this.#fill(shape, COLUMN.last, this.#first);
      showRows(shape, this.#first, values);
      if (!this.#isZero(shape, COLUMN.ended)) {
        this.#fill(shape, COLUMN.ended, this.#second);
        hideEnded(shape, this.#second, values);
      }
    } else {
      const rows = shape.picks ? this.#first : values;
      this.#fill(shape, COLUMN.last, rows);
      hideRows(shape, rows, hidden);
      if (use === 'counter') {
        const firsts = this.#firstsOf(shape, rows);
        this.#asCounter(shape, rows, hidden, firsts);
        if (firsts) return { ...withFirsts(shape, rows, firsts), weights: undefined };
      }
      if (shape.picks) showRows(shape, rows, values);
      return this.#withoutAbsent(shape.timestamps, values);
    }
    hide(shape, values, hidden);
    return this.#withoutAbsent(shape.timestamps, values, weights);
  }

  /** Moves values together in their place. As it is when nothing is absent; undefined when everything is. */
  #withoutAbsent(times: Float64Array, values: Float64Array, weights?: Float64Array): Samples | undefined {
    const { length } = values;
    let [absent, odd] = [0, 0];
    for (let i = 0; i < length; i++) {
      if (!Number.isNaN(values[i]!)) continue;
      odd++;
      if (isAbsent(values[i]!)) absent++;
    }
    const plain = odd === absent;
    const count = length - absent;
    if (absent === 0) return { timestamps: times, values, weights, plain };
    if (count === 0) return undefined;
    // One array of times for series that lack the same: what was worked out for it holds for the next series.
    let kept = this.#kept.length === count ? this.#kept : new Float64Array(count);
    let n = 0;
    for (let i = 0; i < length; i++) {
      if (isAbsent(values[i]!)) continue;
      if (kept[n] !== times[i]) {
        if (kept === this.#kept) kept = this.#kept.slice();
        kept[n] = times[i]!;
      }
      values[n] = values[i]!;
      if (weights) weights[n] = weights[i]!;
      n++;
    }
    this.#kept = kept;
    return {
      timestamps: kept,
      values: values.subarray(0, count),
      weights: weights?.subarray(0, count),
      plain,
    };
  }

  /**
   * Each value less what is lost by later resets, so that the newest ones are as they were.
   */
  #asCounter(
    shape: RollupShape,
    last: Float64Array,
    hidden: HiddenSpans | undefined,
    firsts: Float64Array | undefined,
  ): void {
    if (this.#isZero(shape, COLUMN.drops)) return;
    const drops = this.#second;
    this.#fill(shape, COLUMN.drops, drops);
    const most = hidden && new Float64Array(shape.ends.length);
    if (most) this.#fill(shape, COLUMN.max, most);
    let lost = 0;
    for (let row = shape.ends.length - 1; row >= 0; row--) {
      if (isAbsent(last[row]!)) continue;
      if (lost !== 0) {
        last[row]! -= lost;
        if (firsts && !isAbsent(firsts[row]!)) firsts[row]! -= lost;
      }
      const isAfterHidden = row > 0 && isHidden(shape, row - 1, hidden, shape.deletions[row]!);
      lost += isAfterHidden ? ownDrops(drops[row]!, most![row]!) : drops[row]!;
    }
  }

  /**
   * The first values of windows with none right before them: a counter that was not reset in one has its least value first.
   * Undefined when no window has such.
   */
  #firstsOf(shape: RollupShape, rows: Float64Array): Float64Array | undefined {
    if (!hasLone(shape, rows, this.#options.fromMs)) return undefined;
    const count = shape.ends.length;
    const firsts = new Float64Array(count);
    const [drops, counts] = [this.#second, new Float64Array(count)];
    this.#fill(shape, COLUMN.min, firsts);
    this.#fill(shape, COLUMN.drops, drops);
    this.#fill(shape, COLUMN.count, counts);
    let found = false;
    for (let row = 0; row < count; row++) {
      const isKnown = isLone(shape, rows, row, this.#options.fromMs) && drops[row] === 0 && counts[row]! > 1;
      if (!isKnown || Number.isNaN(firsts[row]!)) fillAbsent(firsts, row, 1);
      else found = true;
    }
    return found ? firsts : undefined;
  }

  #fill(shape: RollupShape, column: number, target: Float64Array): void {
    for (let p = 0; p < shape.pieces.length; p++) {
      const { from, end, to } = shape.pieces[p]!;
      const slice = this.#slice(shape, p, column);
      if (slice) slice.fill(this.#columns[p]! % SLICE_COLUMNS, from, end, target, to);
      else fillAbsent(target, to, end - from);
    }
  }

  /** Whether a column is seen to be 0 in all rows, as most are that tell something rare. */
  #isZero(shape: RollupShape, column: number): boolean {
    for (let p = 0; p < shape.pieces.length; p++)
      if (this.#slice(shape, p, column)?.constant(this.#columns[p]! % SLICE_COLUMNS) !== 0) return false;
    return true;
  }

  /** Where a column of the series lies in a piece; undefined when it is damaged or gone. */
  #slice(shape: RollupShape, p: number, column: number): Slice | undefined {
    const place = this.#columns[p]!;
    if (place < 0) return undefined;
    let open = this.#open.get(column);
    if (!open) {
      open = { indexes: new Int32Array(shape.pieces.length).fill(-1), slices: [] };
      this.#open.set(column, open);
    }
    const { level, block } = shape.pieces[p]!;
    const index = column * slicesOf(block.layout) + Math.floor(place / SLICE_COLUMNS);
    if (open.indexes[p] !== index) {
      open.indexes[p] = index;
      open.slices[p] = level.blocks.slice(block, index);
    }
    return open.slices[p];
  }

  #join(labels: Labels, rolled: Samples, raw: SeriesData | undefined, lastMs: number): SeriesData {
    const tail = raw && after(raw, lastMs, this.#options.plan.use !== 'steps');
    if (!tail) return { labels, ...rolled };
    const before = rolled.timestamps.length;
    const all = before + tail.timestamps.length;
    this.#bothValues = sized(this.#bothValues, all);
    const values = this.#bothValues.subarray(0, all);
    values.set(rolled.values);
    values.set(tail.values, before);
    let weights: Float64Array | undefined;
    if (rolled.weights) {
      this.#bothWeights = sized(this.#bothWeights, all);
      weights = this.#bothWeights.subarray(0, all).fill(1, before);
      weights.set(rolled.weights);
    }
    const histograms = tail.histograms && [
      ...new Array<NativeHistogram | undefined>(before).fill(undefined),
      ...tail.histograms,
    ];
    return { labels, timestamps: this.#times(rolled.timestamps, tail), values, weights, histograms };
  }

  /** One array for series that have the same times. */
  #times(before: Float64Array, tail: SeriesData): Float64Array {
    const { timestamps } = tail;
    if (this.#joined?.[0] === before && isSameView(this.#joined[1], timestamps)) return this.#joined[2];
    const both = new Float64Array(before.length + timestamps.length);
    both.set(before);
    both.set(timestamps, before.length);
    this.#joined = [before, timestamps, both];
    return both;
  }
}

function hideEnded({ picks }: RollupShape, ended: Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) if (ended[picks![i]!]! > 0) fillAbsent(values, i, 1);
}

/** Of a pair, the beginning has the value of the row before. */
function showRows({ picks }: RollupShape, rows: Float64Array, values: Float64Array): void {
  const count = picks!.length;
  for (let i = 0; i < count; i++) {
    const pick = picks![i]!;
    if (pick >= 0) values[i] = rows[pick]!;
    else if (isAbsent(rows[~pick]!)) fillAbsent(values, i, 1);
    else values[i] = rows[~pick - 1]!;
  }
}

/** A window with a sample that was deleted since it was made shows nothing. */
function hide(shape: RollupShape, values: Float64Array, hidden: HiddenSpans | undefined): void {
  if (!hidden) return;
  const { picks } = shape;
  for (let i = 0; i < values.length; i++) {
    const pick = picks ? picks[i]! : i;
    if (isHidden(shape, pick < 0 ? ~pick : pick, hidden)) fillAbsent(values, i, 1);
  }
}

/** The same before windows are put in relation to each other. */
function hideRows(shape: RollupShape, rows: Float64Array, hidden: HiddenSpans | undefined): void {
  if (!hidden) return;
  for (let row = 0; row < shape.ends.length; row++)
    if (isHidden(shape, row, hidden)) fillAbsent(rows, row, 1);
}

/** `deletions`: those that the asker's block was made after, when that is not the row's. */
function isHidden(
  { ends, resolutions, deletions: ofRows }: RollupShape,
  row: number,
  hidden: HiddenSpans | undefined,
  deletions: number = ofRows[row]!,
): boolean {
  return hidden?.hidesWindow(deletions, ends[row]! - resolutions[row]!, ends[row]!) ?? false;
}

/** What is later than a time, for range functions without staleness markers; undefined when there is nothing. */
function after(data: SeriesData, timeMs: number, withoutMarkers: boolean): SeriesData | undefined {
  const { timestamps, values, histograms, plain } = data;
  const from = lowerBound(timestamps, timestamps.length, timeMs, true);
  if (from === timestamps.length) return undefined;
  const rest = {
    ...data,
    timestamps: timestamps.subarray(from),
    values: values.subarray(from),
    histograms: histograms?.slice(from),
  };
  if (plain || !withoutMarkers || !rest.values.some((value) => isStale(value))) return rest;
  const kept = Array.from(rest.values.keys()).filter((i) => !isStale(rest.values[i]!));
  if (kept.length === 0) return undefined;
  return {
    ...rest,
    timestamps: Float64Array.from(kept, (i) => rest.timestamps[i]!),
    values: Float64Array.from(kept, (i) => rest.values[i]!),
    histograms: rest.histograms && kept.map((i) => rest.histograms![i]),
  };
}

function sized(array: Float64Array, length: number): Float64Array {
  return array.length >= length ? array : new Float64Array(length);
}
