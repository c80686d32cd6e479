/** The unary minus on a column. */
import type { Column } from '../eval/column.ts';
import { scaleHistogram } from './histogram-rate.ts';

export function negated(column: Column): Column {
  const histograms = column.histograms?.map((histogram) => histogram && scaleHistogram(histogram, -1));
  return { ...column, kinds: column.kinds.slice(), values: column.values.map((value) => -value), histograms };
}
