/** What is known of one service at the end of the range: its tile's model, so that page and wall cannot disagree. */
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { HealthExplanation, ServiceFreshness } from '@watchroom/contract';
import { useMemo } from 'react';
import { fetchHealth } from '../../api/index.ts';
import { useConnection, useLiveTopic, useServerNow } from '../../live/index.ts';
import { endMs, type ResolvedRange } from '../../panels/range.ts';
import { scoreQuery } from '../../panels/service-queries.ts';
import { useVector } from '../../panels/use-vector.ts';
import { buildTiles, type TileModel } from '../wall/tile-model.ts';

/** Rates and cells of a service whose interval is not known yet. */
const ASSUMED_INTERVAL_MS = 15_000;
const EXPLAIN_EVERY_MS = 2000;

export interface ServiceFacts {
  readonly status: 'loading' | 'ready';
  /** As on the wall; undefined when nothing is known under this name now. */
  readonly tile: TileModel | undefined;
  readonly fresh: ServiceFreshness | undefined;
  readonly intervalMs: number;
  /** Every service that has a target. */
  readonly names: readonly string[];
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

export function useServiceFacts(service: string): ServiceFacts {
  const topic = useLiveTopic<ServiceFreshness>('services');
  const score = useVector(scoreQuery(service), LIVE_HEAD);
  const nowMs = useServerNow();
  const fresh = topic.entries.get(service);
  const value = score.samples[0]?.value;
  const tile = useMemo(() => {
    if (nowMs === undefined || (!fresh && value === undefined)) return undefined;
    const services = fresh ? new Map([[service, fresh]]) : NONE;
    const scores = value === undefined ? NONE : new Map([[service, value]]);
    return buildTiles({ services, scores, components: NONE, signals: NONE, nowMs })[0];
  }, [service, fresh, value, nowMs]);
  const names = useMemo(() => [...topic.entries.keys()].sort(), [topic.entries]);
  const known = topic.status === 'live' && score.status !== 'loading';
  return {
    status: known || tile ? 'ready' : 'loading',
    tile,
    fresh,
    intervalMs: fresh?.intervalMs ?? ASSUMED_INTERVAL_MS,
    names,
  };
}

const LIVE_HEAD: ResolvedRange = { kind: 'live', windowMs: 60_000, stepMs: 1000 };

/** The explanation at the end of the range; asked again every two seconds while that is now and the server is heard. */
export function useExplanation(service: string, range: ResolvedRange): UseQueryResult<HealthExplanation> {
  const { state } = useConnection();
  const timeMs = endMs(range);
  return useQuery({
    queryKey: ['health', service, timeMs],
    queryFn: ({ signal }) => fetchHealth({ service, timeMs }, signal),
    refetchInterval: timeMs === undefined && state === 'live' ? EXPLAIN_EVERY_MS : false,
    placeholderData: keepPreviousData,
    staleTime: timeMs === undefined ? 0 : Number.POSITIVE_INFINITY,
  });
}
