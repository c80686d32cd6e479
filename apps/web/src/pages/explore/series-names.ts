/** Series of any query as a person tells them apart: what they have in common is left out. */
import type { Labels } from '../../api/index.ts';

/** Label names whose values differ between the series, sorted; all of them when there is one series. */
export function tellingLabels(series: readonly Labels[]): readonly string[] {
  const names = [...new Set(series.flatMap((labels) => Object.keys(labels)))].sort();
  if (series.length < 2) return names;
  return names.filter((name) => new Set(series.map((labels) => labels[name])).size > 1);
}

/** As in PromQL, with the given labels only; `{}` is a series without any. */
export function seriesName(labels: Labels, names: readonly string[]): string {
  const metric = names.includes('__name__') ? (labels['__name__'] ?? '') : '';
  const rest = names
    .filter((name) => name !== '__name__' && labels[name] !== undefined)
    .map((name) => `${name}="${labels[name]}"`);
  if (rest.length === 0) return metric || labels['__name__'] || '{}';
  return `${metric}{${rest.join(', ')}}`;
}
