/** The metrics there are, what is known of one, and the selector that a person puts together. */
import type { Labels } from '../../api/index.ts';

export interface MetricInfo {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface MetricEntry extends MetricInfo {
  readonly name: string;
}

export type MetadataMap = Readonly<Record<string, readonly MetricInfo[]>>;

const SUFFIX = /_(bucket|sum|count|total|created|info)$/;

/** Names with what is known of each; parts of a histogram or summary have their family's. */
export function metricEntries(names: readonly string[], metadata: MetadataMap): readonly MetricEntry[] {
  return names.map((name) => {
    const known = metadata[name]?.[0] ?? metadata[name.replace(SUFFIX, '')]?.[0];
    return {
      name,
      type: known?.type ?? 'unknown',
      help: known?.help ?? '',
      unit: known?.unit || unitOf(name),
    };
  });
}

/** The unit that a name ends in, by convention. */
function unitOf(name: string): string {
  return (
    /_(seconds|bytes|ratio|celsius|volts|amperes|joules|grams|meters)(_(total|bucket|sum|count))?$/.exec(
      name,
    )?.[1] ?? ''
  );
}

/** Those whose name or help has every word; a name that begins with the text comes first. */
export function matchingMetrics(
  entries: readonly MetricEntry[],
  text: string,
  type: string,
): readonly MetricEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ name }: MetricEntry): number => {
    const lower = name.toLowerCase();
    if (words.length === 0) return 0;
    if (lower.startsWith(words[0]!)) return 0;
    return words.every((word) => lower.includes(word)) ? 1 : 2;
  };
  return entries
    .filter((entry) => {
      const haystack = `${entry.name} ${entry.help}`.toLowerCase();
      return (type === '' || entry.type === type) && words.every((word) => haystack.includes(word));
    })
    .map((entry) => ({ entry, at: rank(entry) }))
    .sort((a, b) => a.at - b.at || (a.entry.name < b.entry.name ? -1 : 1))
    .map(({ entry }) => entry);
}

export interface LabelCount {
  readonly name: string;
  /** Most series first. */
  readonly values: readonly { readonly value: string; readonly series: number }[];
}

/** The labels of some series: each with its values and the number of series that have each. */
export function countLabels(series: readonly Labels[]): readonly LabelCount[] {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (const [name, value] of Object.entries(labels)) {
      if (name === '__name__') continue;
      const values = counts.get(name) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(name, values);
    }
  }
  return [...counts]
    .map(([name, values]) => ({
      name,
      values: [...values]
        .map(([value, count]) => ({ value, series: count }))
        .sort((a, b) => b.series - a.series || (a.value < b.value ? -1 : 1)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Chosen values by label name. */
export type Choice = ReadonlyMap<string, ReadonlySet<string>>;

export function chosen(choice: Choice, name: string, value: string): Choice {
  const next = new Map(choice);
  const values = new Set(next.get(name));
  if (!values.delete(value)) values.add(value);
  if (values.size === 0) next.delete(name);
  else next.set(name, values);
  return next;
}

/** Series that have one of the chosen values for each chosen label. */
export function narrowed(series: readonly Labels[], choice: Choice): readonly Labels[] {
  return series.filter((labels) => [...choice].every(([name, values]) => values.has(labels[name] ?? '')));
}

const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const REGEX_SIGNS = /[\\^$.|?*+()[\]{}]/g;

/** `name{a="b", c=~"d|e"}`; names beyond the old character set are quoted, as Prometheus 3 writes them. */
export function selectorText(metric: string, choice: Choice): string {
  const matchers = [...choice].map(([name, values]) => {
    const label = PLAIN_LABEL.test(name) ? name : JSON.stringify(name);
    const list = [...values].sort();
    if (list.length === 1) return `${label}=${JSON.stringify(list[0])}`;
    return `${label}=~${JSON.stringify(list.map((value) => value.replace(REGEX_SIGNS, '\\$&')).join('|'))}`;
  });
  const plain = PLAIN_NAME.test(metric);
  const inside = (plain ? matchers : [JSON.stringify(metric), ...matchers]).join(', ');
  return `${plain ? metric : ''}${inside === '' ? '' : `{${inside}}`}`;
}

export type Recipe = 'plain' | 'rate' | 'sum' | 'p99';

/** What people ask of a metric of this type, the likeliest first. */
export function recipesOf({ name, type }: MetricEntry): readonly Recipe[] {
  if (/_bucket$/.test(name)) return ['p99', 'rate', 'plain'];
  if (type === 'counter' || /_(total|sum|count)$/.test(name)) return ['rate', 'sum', 'plain'];
  return ['plain', 'sum'];
}

export function recipeText(recipe: Recipe, selector: string, { name, type }: MetricEntry): string {
  const counts = type === 'counter' || /_(total|sum|count|bucket)$/.test(name);
  switch (recipe) {
    case 'plain':
      return selector;
    case 'rate':
      return `rate(${selector}[5m])`;
    case 'sum':
      return counts ? `sum(rate(${selector}[5m]))` : `sum(${selector})`;
    case 'p99':
      return `histogram_quantile(0.99, sum by (le) (rate(${selector}[5m])))`;
  }
}
