/** The arithmetic of the aggregates: raw samples → windows, and windows → longer windows. See levels.ts for the columns. */
import { isStale } from '@watchroom/model';
import { fillAbsent, isAbsent, isHistogram } from '../chunk/absent.ts';
import { COLUMN, COLUMNS } from './levels.ts';

/** The columns of many series over the windows of one span, each column in one array: those of series after series. */
export class RollupColumns {
  readonly rows: number;
  readonly series: number;
  readonly cells: readonly Float64Array<ArrayBuffer>[];

  constructor(series: number, rows: number) {
    this.rows = rows;
    this.series = series;
    this.cells = Array.from({ length: COLUMNS }, () => {
      const cells = new Float64Array(series * rows);
      fillAbsent(cells, 0, cells.length);
      return cells;
    });
  }
}

/** What is known of the window at hand. */
class Running {
  count = 0;
  last = 0;
  isEnded = false;
  drops = 0;
  min = Number.NaN;
  max = Number.NaN;
  sum = 0;
  rest = 0;

  clear(): void {
    this.count = 0;
    this.isEnded = false;
    this.drops = 0;
    this.min = Number.NaN;
    this.max = Number.NaN;
    this.sum = 0;
    this.rest = 0;
  }

  extreme(min: number, max: number): void {
    if (min < this.min || Number.isNaN(this.min)) this.min = min;
    if (max > this.max || Number.isNaN(this.max)) this.max = max;
  }

  /** Compensated after Neumaier, as PromQL's sums. */
  add(value: number): void {
    const sum = this.sum + value;
    if (Number.isFinite(sum))
      this.rest += Math.abs(this.sum) >= Math.abs(value) ? this.sum - sum + value : value - sum + this.sum;
    this.sum = sum;
  }

  put(into: RollupColumns, at: number): void {
    const { cells } = into;
    cells[COLUMN.last]![at] = this.last;
    cells[COLUMN.ended]![at] = this.isEnded ? 1 : 0;
    cells[COLUMN.drops]![at] = this.drops;
    cells[COLUMN.min]![at] = this.min;
    cells[COLUMN.max]![at] = this.max;
    cells[COLUMN.sum]![at] = Number.isFinite(this.sum) ? this.sum + this.rest : this.sum;
    cells[COLUMN.count]![at] = this.count;
  }
}

const running = new Running();

/**
 * Puts the windows of one series into its place. Samples ascend and may begin before the first window: the last of those
 * tells whether the first one inside is a drop. Gives how many windows have samples.
 */
export function aggregateRaw(
  timestamps: Float64Array,
  values: Float64Array,
  ends: Float64Array,
  into: RollupColumns,
  place: number,
): number {
  const resolutionMs = ends[1]! - ends[0]!;
  const fromMs = ends[0]! - resolutionMs;
  let row = 0;
  let windows = 0;
  let previous = Number.NaN;
  running.clear();
  const close = (): void => {
    if (running.count > 0) {
      running.put(into, place * ends.length + row);
      windows++;
    }
    running.clear();
  };
  for (let i = 0; i < timestamps.length; i++) {
    const timeMs = timestamps[i]!;
    const value = values[i]!;
    const odd = Number.isNaN(value);
    if (odd && isHistogram(value)) continue;
    if (timeMs <= fromMs) {
      if (!odd || !isStale(value)) previous = value;
      continue;
    }
    if (timeMs > ends[row]!) {
      close();
      row = Math.ceil((timeMs - fromMs) / resolutionMs) - 1;
      if (row >= ends.length) return windows;
    }
    if (odd && isStale(value)) {
      running.isEnded = true;
      continue;
    }
    if (value < previous) running.drops += previous;
    previous = value;
    running.isEnded = false;
    running.count++;
    running.last = value;
    if (!odd) running.extreme(value, value);
    running.add(value);
  }
  close();
  return windows;
}

/** The columns of one series over any number of shorter windows, without absent ones. */
export interface FineRows {
  readonly ends: Float64Array;
  /** By column. */
  readonly values: readonly Float64Array[];
}

/** As `aggregateRaw`, of shorter windows. */
export function aggregateRows(
  fine: FineRows,
  ends: Float64Array,
  into: RollupColumns,
  place: number,
): number {
  const resolutionMs = ends[1]! - ends[0]!;
  const fromMs = ends[0]! - resolutionMs;
  let row = 0;
  let windows = 0;
  let lastEndMs = Number.NEGATIVE_INFINITY;
  running.clear();
  const close = (): void => {
    if (running.count > 0) {
      // Nothing in the last of the shorter windows: older than the look-back, of which they are as long.
      running.isEnded ||= lastEndMs < ends[row]!;
      running.put(into, place * ends.length + row);
      windows++;
    }
    running.clear();
  };
  for (let i = 0; i < fine.ends.length; i++) {
    const endMs = fine.ends[i]!;
    const next = Math.ceil((endMs - fromMs) / resolutionMs) - 1;
    if (next < 0 || next >= ends.length || isAbsent(fine.values[COLUMN.count]![i]!)) continue;
    if (next !== row) close();
    row = next;
    lastEndMs = endMs;
    running.last = fine.values[COLUMN.last]![i]!;
    running.isEnded = fine.values[COLUMN.ended]![i]! > 0;
    running.drops += fine.values[COLUMN.drops]![i]!;
    running.count += fine.values[COLUMN.count]![i]!;
    const [min, max] = [fine.values[COLUMN.min]![i]!, fine.values[COLUMN.max]![i]!];
    if (!Number.isNaN(min)) running.extreme(min, max);
    running.add(fine.values[COLUMN.sum]![i]!);
  }
  close();
  return windows;
}

/**
 * What a window lost by its own resets, right after one that is hidden: what its first sample was less than the last one before tells of a
 * deleted sample. The two are one figure; one reset of its own loses no more than its largest value, and what is more is taken
 * for the other, so that a deleted peak never comes back and of several resets in five minutes some may be missing.
 */
export function ownDrops(drops: number, max: number): number {
  return drops <= max ? drops : 0;
}
