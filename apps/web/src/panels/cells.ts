/** Cells of heatmaps over time: columns with their names, latency buckets trimmed to what is in use. */
import {
  type BucketGrid,
  type BucketRow,
  bucketCells,
  extent,
  formatUnit,
  type HeatGrid,
} from '@watchroom/chart-data';
import type { Labels } from '../api/index.ts';
import { formatClock } from '../i18n/format.ts';

export interface CellSeries {
  readonly labels: Labels;
  readonly values: ArrayLike<number>;
}

export interface Cells {
  readonly series: readonly CellSeries[];
  /** End of each cell, ascending. */
  readonly timesMs: readonly number[];
  /** The last cell is not complete yet. */
  readonly open: boolean;
}

const DAY_MS = 86_400_000;

/** Texts of columns, all different: seconds only where cells are shorter than a minute, the day where one day is too short. */
export function columnNames(timesMs: readonly number[], cellMs: number): readonly string[] {
  const length = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0);
  return timesMs.map((timeMs) => {
    const clock = cellMs < 60_000 ? formatClock(timeMs) : formatClock(timeMs).slice(0, 5);
    if (length < DAY_MS) return clock;
    const at = new Date(timeMs);
    return `${at.getMonth() + 1}-${at.getDate()} ${clock}`;
  });
}

export interface LatencyCells {
  /** Square roots of counts: a few slow requests beside thousands of fast ones must be seen. */
  readonly grid: HeatGrid;
  readonly names: readonly string[];
  readonly domain: readonly [number, number];
}

export function latencyCells({ series, timesMs }: Cells): LatencyCells {
  const all = bucketCells(series, timesMs.length);
  const { grid, bounds } = trimmed(all);
  const cells = grid.cells.map((value) => Math.sqrt(value));
  const most = Math.max(1, extent([cells])?.[1] ?? 1);
  return { grid: { ...grid, cells }, names: bounds.map(boundName), domain: [0, most] };
}

/** `≤ 250 ms`; the last bucket has no upper bound. */
export function boundName({ lower, upper }: BucketRow): string {
  return Number.isFinite(upper) ? `≤ ${formatUnit(upper, 'seconds')}` : `> ${formatUnit(lower, 'seconds')}`;
}

/** Rows from the highest to the lowest bucket that counted anything, with one empty row above as the ceiling. */
export function trimmed(all: BucketGrid): { grid: HeatGrid; bounds: readonly BucketRow[] } {
  const used = (row: number): boolean => {
    for (let i = row * all.columns; i < (row + 1) * all.columns; i++) if (all.cells[i]! > 0) return true;
    return false;
  };
  const rows = Array.from({ length: all.rows }, (_, row) => row).filter(used);
  const first = Math.max(0, (rows[0] ?? 0) - 1);
  const end = rows.length === 0 ? 0 : rows.at(-1)! + 1;
  return {
    grid: {
      columns: all.columns,
      rows: end - first,
      cells: all.cells.slice(first * all.columns, end * all.columns),
    },
    bounds: all.bounds.slice(first, end),
  };
}

/** The busiest rows, by name. `left`: rows that had no room. */
export function busiest(
  series: readonly CellSeries[],
  most: number,
): { rows: readonly CellSeries[]; left: number } {
  const newest = ({ values }: CellSeries): number => {
    for (let i = values.length - 1; i >= 0; i--) if (!Number.isNaN(values[i]!)) return values[i]!;
    return -1;
  };
  const rows = [...series].sort((a, b) => newest(b) - newest(a)).slice(0, most);
  const name = ({ labels }: CellSeries): string => labels['instance'] ?? '';
  rows.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  return { rows, left: series.length - rows.length };
}
