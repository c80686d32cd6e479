/** Series of any query as a person tells them apart: what they have in common is left out. */
import type { Labels } from '../../api/index.ts';

/**
 * The fewest label names found that tell all series apart, the most telling first: each next one is the one that
 * separates most of what is still alike. All names, sorted, when there is one series.
 */
export function tellingLabels(series: readonly Labels[]): readonly string[] {
  const names = [...new Set(series.flatMap((labels) => Object.keys(labels)))].sort();
  if (series.length < 2) return names;
  const chosen: string[] = [];
  let apart = 1;
  while (apart < series.length) {
    const counts = names.map((name) => distinct(series, [...chosen, name]));
    const best = Math.max(...counts);
    if (best <= apart) break;
    chosen.push(names[counts.indexOf(best)]!);
    apart = best;
  }
  return chosen;
}

function distinct(series: readonly Labels[], names: readonly string[]): number {
  return new Set(series.map((labels) => names.map((name) => labels[name] ?? '').join('\u0000'))).size;
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
