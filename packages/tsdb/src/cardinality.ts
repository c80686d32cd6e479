import { compareBytes, METRIC_NAME } from '@watchroom/model';
import type { LabelIndex } from './label-index.ts';
import type { Cardinality, CardinalityEntry } from './types.ts';

/** Counts over all series the store knows, the largest `limit` of each kind. */
export function cardinalityOf(index: LabelIndex, limit: number): Cardinality {
  const byMetric: CardinalityEntry[] = [];
  const byLabel: CardinalityEntry[] = [];
  const byPair: CardinalityEntry[] = [];
  for (const [name, values] of index.entries()) {
    byLabel.push({ name, count: values.size });
    for (const [value, refs] of values) {
      byPair.push({ name: `${name}=${value}`, count: refs.length });
      if (name === METRIC_NAME) byMetric.push({ name: value, count: refs.length });
    }
  }
  return {
    seriesByMetricName: top(byMetric, limit),
    valuesByLabelName: top(byLabel, limit),
    seriesByLabelPair: top(byPair, limit),
  };
}

function top(entries: CardinalityEntry[], limit: number): CardinalityEntry[] {
  return entries.sort((a, b) => b.count - a.count || compareBytes(a.name, b.name)).slice(0, limit);
}
