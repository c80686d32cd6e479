/** Rows of the resource heatmap from a live window: instances by service, the busiest kept when there are too many. */
import { type HeatGrid, isNone, rowCells, type SeriesWindow, type WindowSeries } from '@watchroom/chart-data';

export interface ResourceGrid {
  readonly grid: HeatGrid;
  readonly names: readonly string[];
  readonly timesMs: readonly number[];
  /** The last column is the cell that is still open. */
  readonly open: boolean;
  /** Instances that had no room. */
  readonly left: number;
}

type LabelSet = Readonly<Record<string, string>>;

/**
 * `order · 127.0.0.1:9101`; the instance alone when there is no service. When every instance is on the same host, its
 * port says enough: `order :9101`.
 */
export function rowNames(rows: readonly LabelSet[]): readonly string[] {
  const hosts = new Set(rows.map(({ instance = '' }) => instance.replace(/:\d+$/, '')));
  return rows.map(({ service, instance = '' }) => {
    if (!service) return instance;
    return hosts.size === 1 ? `${service} ${instance.replace(/^.*:/, ':')}` : `${service} · ${instance}`;
  });
}

const sortKey = ({ service = '', instance = '' }: LabelSet): string => `${service} ${instance}`;

/** Newest value, and the one before the open cell when that has none yet. */
function newest(series: WindowSeries): number {
  if (!isNone(series.head)) return series.head;
  const last = series.values.at(-1);
  return last === undefined || isNone(last) ? -1 : last;
}

export function resourceGrid(window: SeriesWindow, mostRows: number, mostColumns: number): ResourceGrid {
  const busiest = [...window.series].sort((a, b) => newest(b) - newest(a)).slice(0, mostRows);
  const rows = busiest.sort((a, b) => (sortKey(a.labels) < sortKey(b.labels) ? -1 : 1));
  const { headMs } = window;
  const open = headMs !== undefined && headMs > window.toMs;
  const closed = Math.min(window.length, Math.max(0, mostColumns - (open ? 1 : 0)));
  const from = window.length - closed;
  const cells = rows.map((series) => {
    const values = [...series.values.subarray(from)];
    return open ? [...values, series.head] : values;
  });
  const times = [...window.times.subarray(from)];
  return {
    grid: rowCells(cells, closed + (open ? 1 : 0)),
    names: rowNames(rows.map((series) => series.labels)),
    timesMs: open && headMs !== undefined ? [...times, headMs] : times,
    open,
    left: window.series.length - rows.length,
  };
}
