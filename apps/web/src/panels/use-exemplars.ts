/** Exemplars of the series that a query reads, for a span of time that may slide. */
import { useQuery } from '@tanstack/react-query';
import { type Exemplar, fetchExemplars } from '../api/index.ts';

/** A sliding span is asked for anew when it has moved this far. */
const GRID_MS = 10_000;
/** New exemplars of a live span come at this pace. */
const LIVE_MS = 5000;
const NONE: readonly Exemplar[] = [];

/** None while `query` is undefined, and when the server has none to give: they are an extra, never an error. */
export function useExemplars(
  query: string | undefined,
  { fromMs, toMs, live }: { readonly fromMs: number; readonly toMs: number; readonly live: boolean },
): readonly Exemplar[] {
  const from = Math.floor(fromMs / GRID_MS) * GRID_MS;
  const to = Math.ceil(toMs / GRID_MS) * GRID_MS;
  const answer = useQuery({
    queryKey: ['explore', 'exemplars', query, from, to],
    queryFn: ({ signal }) => fetchExemplars({ query: query!, fromMs: from, toMs: to }, signal),
    enabled: query !== undefined,
    placeholderData: (before, former) => (former?.queryKey[2] === query ? before : undefined),
    refetchInterval: live ? LIVE_MS : false,
    staleTime: LIVE_MS,
    retry: false,
  });
  return query === undefined ? NONE : (answer.data ?? NONE);
}
