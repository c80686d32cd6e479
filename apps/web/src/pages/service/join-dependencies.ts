import type { Vector } from '../../panels/use-vector.ts';

export interface Dependency {
  readonly name: string;
  /** Calls per second; the other two are NaN when nothing was counted. */
  readonly rate: number;
  readonly errors: number;
  readonly p99: number;
}

type Samples = Pick<Vector, 'samples'>;

/** One row per service at the other end, the busiest first. */
export function joinDependencies(
  label: string,
  { rate, errors, p99 }: { readonly rate: Samples; readonly errors: Samples; readonly p99: Samples },
): readonly Dependency[] {
  const byName = ({ samples }: Samples): Map<string, number> =>
    new Map(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
  const [errorsOf, p99Of] = [byName(errors), byName(p99)];
  return [...byName(rate)]
    .filter(([name]) => name !== '')
    .map(([name, value]) => ({
      name,
      rate: value,
      errors: errorsOf.get(name) ?? Number.NaN,
      p99: p99Of.get(name) ?? Number.NaN,
    }))
    .sort((a, b) => b.rate - a.rate || (a.name < b.name ? -1 : 1));
}
