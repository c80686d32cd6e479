/** Series of a result as lines of a chart: how many, under which names, in which colours. */
import type { Labels } from '../../api/index.ts';
import { type ChartLine, seriesColour } from '../../charts/index.ts';
import { legendText, uniqueNames } from './legend-text.ts';
import { seriesName, tellingLabels } from './series-names.ts';

/** Drawn when not all are asked for: more lines tell nothing more. */
export const MOST_LINES = 50;

export interface ResultSeries {
  readonly labels: Labels;
  /** One per time; NaN for none. */
  readonly values: ArrayLike<number>;
}

/** A name for each series, in their order: from the template, or by what tells them apart. */
export function namesOf(series: readonly Labels[], template: string): readonly string[] {
  if (template !== '') return uniqueNames(series.map((labels) => legendText(template, labels)));
  const names = tellingLabels(series);
  return uniqueNames(series.map((labels) => seriesName(labels, names)));
}

/**
 * At most `most`: those with the highest newest values; in the order of their names, by which they are coloured, from the
 * colour at `first` in the palette.
 */
export function chartLines(
  series: readonly ResultSeries[],
  names: readonly string[],
  most: number,
  first = 0,
): readonly ChartLine[] {
  const all = series.map(({ values }, i) => ({ name: names[i]!, values, newest: newestOf(values) }));
  const kept = all.length <= most ? all : all.toSorted((a, b) => b.newest - a.newest).slice(0, most);
  return kept
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(({ name, values }, i) => ({ name, values, colour: seriesColour(first + i) }));
}

function newestOf(values: ArrayLike<number>): number {
  for (let i = values.length - 1; i >= 0; i--) if (!Number.isNaN(values[i]!)) return values[i]!;
  return Number.NEGATIVE_INFINITY;
}
