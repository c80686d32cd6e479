/** A range of a query: asked once for a fixed one, subscribed to for a live one; both as columns. */
import { useQuery } from '@tanstack/react-query';
import type { Outage } from '@watchroom/contract';
import { useMemo } from 'react';
import { fetchRange } from '../../api/index.ts';
import { useClockEdge } from '../../charts/index.ts';
import { type LiveQuery, useConnection, useLiveQuery, useLiveValues } from '../../live/index.ts';
import type { ResolvedRange } from '../../panels/range.ts';
import type { ResultSeries } from './chart-lines.ts';

export interface RangeResult {
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: string | undefined;
  readonly times: ArrayLike<number>;
  readonly series: readonly ResultSeries[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly outages: readonly Outage[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly tookMs: number | undefined;
  readonly samples: number | undefined;
  /** What is shown is that of before. */
  readonly busy: boolean;
  readonly retry: (() => void) | undefined;
}

const NO_TEXTS: readonly string[] = [];
const NO_SERIES: readonly ResultSeries[] = [];
const NO_OUTAGES: readonly Outage[] = [];

export function useRangeResult(query: string, range: ResolvedRange): RangeResult {
  const live = useLiveResult(query, range);
  const fixed = useFixedResult(query, range);
  return live ?? fixed;
}

function useFixedResult(query: string, range: ResolvedRange): RangeResult {
  const fixed = range.kind === 'fixed' ? range : undefined;
  const answer = useQuery({
    queryKey: ['explore', 'range', query, fixed?.fromMs, fixed?.toMs, fixed?.stepMs],
    queryFn: ({ signal }) => fetchRange({ query, ...fixed! }, signal),
    enabled: fixed !== undefined,
    placeholderData: (before, former) => (former?.queryKey[2] === query ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const { data, error } = answer;
  return {
    status: error ? 'error' : data ? 'ready' : 'loading',
    error: error?.message,
    times: data?.times ?? [],
    series: data?.series ?? NO_SERIES,
    fromMs: fixed?.fromMs ?? 0,
    toMs: fixed?.toMs ?? 0,
    outages: NO_OUTAGES,
    warnings: data?.warnings ?? NO_TEXTS,
    infos: data?.infos ?? NO_TEXTS,
    tookMs: data?.tookMs,
    samples: data?.samplesRead,
    busy: answer.isFetching && data !== undefined,
    retry: () => void answer.refetch(),
  };
}

function useLiveResult(text: string, range: ResolvedRange): RangeResult | undefined {
  const query = useLiveQuery(
    range.kind === 'live'
      ? { query: text, windowMs: range.windowMs, stepMs: range.stepMs, head: 'now' }
      : undefined,
  );
  // Renders once a frame in which something came.
  useLiveValues(query);
  const edgeMs = useClockEdge();
  const { outages } = useConnection();
  const version = query?.window.version;
  const columns = useMemo(
    () => (query && version !== undefined ? columnsOf(query) : undefined),
    [query, version],
  );
  if (!query || !columns) return undefined;
  const toMs = edgeMs ?? query.window.toMs;
  return {
    status: query.status === 'live' ? 'ready' : query.status,
    error: query.error,
    ...columns,
    fromMs: toMs - query.window.windowMs,
    toMs,
    outages,
    warnings: query.warnings,
    infos: NO_TEXTS,
    tookMs: undefined,
    samples: undefined,
    busy: query.stale,
    retry: undefined,
  };
}

/** The window as it is now, its head as one more time: the window itself goes on changing. */
function columnsOf({ window }: LiveQuery): Pick<RangeResult, 'times' | 'series'> {
  const { headMs } = window;
  const hasHead = headMs !== undefined && headMs > (window.times.at(-1) ?? Number.NEGATIVE_INFINITY);
  const length = window.times.length + (hasHead ? 1 : 0);
  const withHead = (column: Float64Array, head: number): Float64Array => {
    const copy = new Float64Array(length);
    copy.set(column);
    if (hasHead) copy[length - 1] = head;
    return copy;
  };
  return {
    times: withHead(window.times, headMs ?? 0),
    series: window.series.map(({ labels, values, head }) => ({ labels, values: withHead(values, head) })),
  };
}
