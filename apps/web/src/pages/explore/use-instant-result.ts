/** The values of a query at the end of the range; while that is now, asked again every two seconds. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { fetchInstant, type InstantAnswer } from '../../api/index.ts';
import { useConnection } from '../../live/index.ts';
import { endMs, type ResolvedRange } from '../../panels/range.ts';

const EVERY_MS = 2000;

export function useInstantResult(query: string, range: ResolvedRange): UseQueryResult<InstantAnswer> {
  const { state } = useConnection();
  const timeMs = endMs(range);
  return useQuery({
    queryKey: ['explore', 'instant', query, timeMs],
    queryFn: ({ signal }) => fetchInstant({ query, timeMs }, signal),
    placeholderData: (before, former) => (former?.queryKey[2] === query ? before : undefined),
    refetchInterval: timeMs === undefined && state === 'live' ? EVERY_MS : false,
    staleTime: timeMs === undefined ? 0 : Number.POSITIVE_INFINITY,
    retry: false,
  });
}
