/** The y domain of a live chart: round, grows at once, shrinks only when less than half of it is used. */
import { extent, niceDomain, type WindowSeries } from '@watchroom/chart-data';
import { useCallback, useState } from 'react';

export interface DomainBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Values that must be inside, such as thresholds. */
  readonly include?: readonly number[] | undefined;
}

export type Domain = readonly [number, number];

export function nextDomain(before: Domain, shown: readonly WindowSeries[], bounds: DomainBounds): Domain {
  const columns = shown.map((series) => series.values);
  const heads = shown.map((series) => series.head);
  const found = extent([...columns, heads, bounds.include ?? []]);
  const [low, high] = niceDomain(found, { min: bounds.min, max: bounds.max });
  const fits = low >= before[0] && high <= before[1];
  const roomy = high - low < (before[1] - before[0]) / 2;
  if (fits && !roomy) return before;
  return low === before[0] && high === before[1] ? before : [low, high];
}

export function useLiveDomain(
  bounds: DomainBounds,
): readonly [Domain, (shown: readonly WindowSeries[]) => Domain] {
  const { min, max, include } = bounds;
  const [domain, setDomain] = useState<Domain>([0, 0]);
  const update = useCallback(
    (shown: readonly WindowSeries[]) => {
      const next = nextDomain(domain, shown, { min, max, include });
      if (next !== domain) setDomain(next);
      return next;
    },
    [domain, min, max, include],
  );
  return [domain, update];
}
