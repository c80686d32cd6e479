/** Range and instant queries through react-query; nothing is asked while the range is live. */
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { fetchInstant, fetchRange, type InstantAnswer, type RangeAnswer } from '../api/index.ts';
import type { ResolvedRange } from './range.ts';

export function useRangeAnswer(query: string, range: ResolvedRange): UseQueryResult<RangeAnswer> {
  const fixed = range.kind === 'fixed' ? range : undefined;
  return useQuery({
    queryKey: ['range', query, fixed?.fromMs, fixed?.toMs, fixed?.stepMs],
    queryFn: ({ signal }) => fetchRange({ query, ...fixed! }, signal),
    enabled: fixed !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** `timeMs` undefined: nothing is asked. */
export function useInstantAnswer(query: string, timeMs: number | undefined): UseQueryResult<InstantAnswer> {
  return useQuery({
    queryKey: ['instant', query, timeMs],
    queryFn: ({ signal }) => fetchInstant({ query, timeMs }, signal),
    enabled: timeMs !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
