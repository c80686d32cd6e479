/**
 * Columns to the cells of a heatmap, row by row from the top. A cell without a value is NaN, never 0.
 * Classic histograms: buckets are cumulative by `le`, so a row is the difference of neighbours.
 * Source: https://prometheus.io/docs/concepts/metric_types/#histogram
 */
export interface HeatGrid {
  readonly columns: number;
  readonly rows: number;
  /** `cells[row × columns + column]`; row 0 is the top. */
  readonly cells: Float64Array;
}

/** One row of a latency heatmap: observations above `lower` and at most `upper`. */
export interface BucketRow {
  readonly lower: number;
  readonly upper: number;
}

export interface BucketGrid extends HeatGrid {
  /** Row by row, the highest buckets first. */
  readonly bounds: readonly BucketRow[];
}

interface BucketColumn {
  readonly le: number;
  readonly values: ArrayLike<number>;
}

/** Series with an `le` label, such as `sum by (le) (rate(x_bucket[1m]))`, over `columns` times. Others are passed over. */
export function bucketCells(
  series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly values: ArrayLike<number>;
  }[],
  columns: number,
): BucketGrid {
  const buckets = bucketColumns(series);
  const rows = buckets.length;
  const cells = new Float64Array(rows * columns).fill(Number.NaN);
  for (let column = 0; column < columns; column++) {
    let below = 0;
    for (let i = 0; i < rows; i++) {
      const upTo = buckets[i]!.values[column] ?? Number.NaN;
      if (Number.isNaN(upTo)) continue;
      // Rates of neighbouring buckets may disagree by rounding; a count cannot be negative.
      cells[(rows - 1 - i) * columns + column] = Math.max(0, upTo - below);
      below = Math.max(below, upTo);
    }
  }
  const bounds = buckets.map(({ le }, i) => ({
    lower: i === 0 ? lowest(le) : buckets[i - 1]!.le,
    upper: le,
  }));
  return { columns, rows, cells, bounds: bounds.reverse() };
}

function bucketColumns(
  series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly values: ArrayLike<number>;
  }[],
): BucketColumn[] {
  const byBound = new Map<number, BucketColumn>();
  for (const { labels, values } of series) {
    const text = labels['le'];
    if (text === undefined || text === '') continue;
    const le = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
    if (!Number.isNaN(le) && !byBound.has(le)) byBound.set(le, { le, values });
  }
  return [...byBound.values()].sort((a, b) => a.le - b.le);
}

/** The first bucket of positive bounds begins at 0. */
function lowest(le: number): number {
  return le > 0 ? 0 : Number.NEGATIVE_INFINITY;
}

/** Rows as they are given, one per series, over `columns` times (resources, instances). */
export function rowCells(rows: readonly ArrayLike<number>[], columns: number): HeatGrid {
  const cells = new Float64Array(rows.length * columns).fill(Number.NaN);
  rows.forEach((values, row) => {
    for (let column = 0; column < Math.min(columns, values.length); column++) {
      const value = values[column]!;
      if (Number.isFinite(value)) cells[row * columns + column] = value;
    }
  });
  return { columns, rows: rows.length, cells };
}

/** Paints a grid into an image of one pixel per cell; cells without a value get `empty` (0 is transparent). */
export function paintCells(
  grid: HeatGrid,
  target: Uint32Array,
  options: {
    readonly table: Uint32Array;
    readonly domain: readonly [number, number];
    readonly empty?: number;
  },
): void {
  const { table, domain, empty = 0 } = options;
  const factor = domain[1] > domain[0] ? 255 / (domain[1] - domain[0]) : 0;
  const count = Math.min(target.length, grid.cells.length);
  for (let i = 0; i < count; i++) {
    const value = grid.cells[i]!;
    if (Number.isNaN(value)) target[i] = empty;
    else target[i] = table[Math.round(Math.min(255, Math.max(0, (value - domain[0]) * factor)))]!;
  }
}
