/** An instant result as a table: one column per label that any sample has. */
import type { InstantSample } from '../../api/index.ts';
import type { Sort } from '../../components/index.ts';

/** Label names of the columns: the metric's name first, the rest by name. */
export function labelColumns(samples: readonly InstantSample[]): readonly string[] {
  const names = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
  const rest = [...names].filter((name) => name !== '__name__').sort();
  return names.has('__name__') ? ['__name__', ...rest] : rest;
}

/** NaN sorts last either way. */
export function sortSamples(
  samples: readonly InstantSample[],
  sort: Sort | undefined,
): readonly InstantSample[] {
  if (!sort) return samples;
  const sign = sort.descending ? -1 : 1;
  if (sort.key === 'value') {
    return [...samples].sort((a, b) => {
      if (Number.isNaN(a.value) || Number.isNaN(b.value))
        return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
      return sign * (a.value === b.value ? 0 : a.value < b.value ? -1 : 1);
    });
  }
  const name = sort.key.replace(/^label:/, '');
  return [...samples].sort((a, b) => sign * (a.labels[name] ?? '').localeCompare(b.labels[name] ?? '', 'en'));
}
