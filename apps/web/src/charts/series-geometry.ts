/** What a chart of many series computes: stacked columns, the value under the pointer, the domain. */
import { extent, niceDomain, project } from '@watchroom/chart-data';

export interface ChartLine {
  /** Unique in its chart. */
  readonly name: string;
  readonly colour: string;
  /** One per time; NaN for none. */
  readonly values: ArrayLike<number>;
}

export interface StackedLine extends ChartLine {
  /** Upper and lower edge of its band; both NaN where it has no value. */
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/** Each band lies on those before it; a missing value has no height and leaves a gap in its own band only. */
export function stacked(lines: readonly ChartLine[], length: number): readonly StackedLine[] {
  const sum = new Float64Array(length);
  return lines.map((line) => {
    const upper = new Float64Array(length).fill(Number.NaN);
    const lower = new Float64Array(length).fill(Number.NaN);
    for (let i = 0; i < length; i++) {
      const value = line.values[i]!;
      if (!Number.isFinite(value)) continue;
      lower[i] = sum[i]!;
      sum[i]! += value;
      upper[i] = sum[i]!;
    }
    return { ...line, upper, lower };
  });
}

/** Round ends around all that is drawn; zero is inside when it is stacked. */
export function valueDomain(
  columns: readonly ArrayLike<number>[],
  include: readonly number[],
): readonly [number, number] {
  return niceDomain(extent([...columns, include]));
}

/** Place of the time nearest to `timeMs`; -1 when there are none. */
export function nearestTime(times: ArrayLike<number>, timeMs: number): number {
  let [low, high] = [0, times.length - 1];
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low > 0 && timeMs - times[low - 1]! < times[low]! - timeMs ? low - 1 : low;
}

/** The column nearest to a height at one time, by its place; undefined when none has a value there. */
export function nearestLine(
  columns: readonly ArrayLike<number>[],
  at: number,
  yPx: number,
  scale: { readonly domain: readonly [number, number]; readonly range: readonly [number, number] },
): number | undefined {
  const toY = project(scale);
  let found: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  columns.forEach((values, i) => {
    const away = Math.abs(toY(values[at]!) - yPx);
    if (away < least) [found, least] = [i, away];
  });
  return found;
}

export interface Reading {
  readonly name: string;
  readonly colour: string;
  readonly value: number;
}

/** Values at one time, the highest first, at most `most`; `first` is always among them. */
export function readingsAt(
  lines: readonly ChartLine[],
  at: number,
  most: number,
  first: string | undefined,
): { readonly readings: readonly Reading[]; readonly left: number } {
  const all = lines
    .map(({ name, colour, values }) => ({ name, colour, value: values[at] ?? Number.NaN }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value);
  const shown = all.slice(0, most);
  const missing = all.find(({ name }) => name === first);
  if (missing && !shown.includes(missing)) shown[shown.length - 1] = missing;
  return { readings: shown, left: all.length - shown.length };
}
