/** Everything live that the wall shows, joined by service. */
import type { ServiceFreshness } from '@watchroom/contract';
import { useMemo, useRef } from 'react';
import {
  type LiveQuery,
  type LiveValues,
  useLiveQuery,
  useLiveTopic,
  useLiveValues,
  useServerNow,
} from '../../live/index.ts';
import { COMPONENT, SCORE, SIGNAL_METRICS, SIGNALS, TRAFFIC_NOW } from './queries.ts';
import {
  buildTiles,
  COMPONENTS,
  type ComponentId,
  NO_SIGNALS,
  type Signals,
  type TileModel,
} from './tile-model.ts';
import { NO_ORDER, nextOrder, type TileOrder } from './tile-order.ts';

export interface WallData {
  readonly status: 'loading' | 'live' | 'error';
  readonly error: string | undefined;
  /** In the order to show. */
  readonly tiles: readonly TileModel[];
  readonly scoreQuery: LiveQuery;
}

const isComponent = (text: string | undefined): text is ComponentId =>
  COMPONENTS.some((component) => component === text);

function byService(values: LiveValues): Map<string, number> {
  const map = new Map<string, number>();
  for (const { labels, value } of values.values) if (labels['service']) map.set(labels['service'], value);
  return map;
}

function componentsOf(values: LiveValues): Map<string, Partial<Record<ComponentId, number>>> {
  const map = new Map<string, Partial<Record<ComponentId, number>>>();
  for (const { labels, value } of values.values) {
    const { service, component } = labels;
    if (service && isComponent(component)) map.set(service, { ...map.get(service), [component]: value });
  }
  return map;
}

const FIELDS: Readonly<Record<string, keyof Signals>> = SIGNAL_METRICS;

function signalsOf(values: LiveValues, traffic: LiveValues): Map<string, Signals> {
  const map = new Map<string, Signals>();
  const put = (service: string | undefined, field: keyof Signals | undefined, value: number) => {
    if (service && field) map.set(service, { ...(map.get(service) ?? NO_SIGNALS), [field]: value });
  };
  for (const { labels, value } of values.values)
    put(labels['service'], FIELDS[labels['__name__'] ?? ''], value);
  for (const { labels, value } of traffic.values) put(labels['service'], 'rate', value);
  return map;
}

export function useWallData(): WallData {
  const services = useLiveTopic<ServiceFreshness>('services');
  const scoreQuery = useLiveQuery(SCORE);
  const scores = useLiveValues(scoreQuery);
  const components = useLiveValues(useLiveQuery(COMPONENT));
  const signals = useLiveValues(useLiveQuery(SIGNALS));
  const traffic = useLiveValues(useLiveQuery(TRAFFIC_NOW));
  const nowMs = useServerNow();
  const joined = useMemo(
    () => ({
      services: services.entries,
      scores: byService(scores),
      components: componentsOf(components),
      signals: signalsOf(signals, traffic),
    }),
    [services, scores, components, signals, traffic],
  );
  const order = useRef<TileOrder>(NO_ORDER);
  const tiles = useMemo(() => {
    if (nowMs === undefined) return [];
    const built = buildTiles({ ...joined, nowMs });
    order.current = nextOrder(order.current, built, nowMs);
    const byName = new Map(built.map((tile) => [tile.service, tile]));
    return order.current.names.flatMap((name) => byName.get(name) ?? []);
  }, [joined, nowMs]);
  return { status: services.status, error: services.error, tiles, scoreQuery };
}
