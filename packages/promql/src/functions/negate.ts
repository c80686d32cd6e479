/** The unary minus on a column. */
import type { Column } from '../eval/column.ts';
import { multiplyHistogram } from '../histogram/arithmetic.ts';

export function negated(column: Column): Column {
  const histograms = column.histograms?.map((histogram) => histogram && multiplyHistogram(histogram, -1));
  return { ...column, kinds: column.kinds.slice(), values: column.values.map((value) => -value), histograms };
}
