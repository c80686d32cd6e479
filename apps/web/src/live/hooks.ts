/** Live data in React. Charts draw imperatively from `useLiveQuery`'s window; numbers re-render with `useLiveValues`. */
import { isNone } from '@watchroom/chart-data';
import type { Topic } from '@watchroom/contract';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Drawer } from './frame-loop.ts';
import { useLivePage } from './LiveProvider.tsx';
import { type LiveQuerySpec, querySpecKey } from './query-channel.ts';
import type { ConnectionStatus, LiveQuery, LiveTopic } from './types.ts';

/** State of the connection; re-renders when it changes. */
export function useConnection(): ConnectionStatus {
  const { connection } = useLivePage();
  return useSyncExternalStore(
    useCallback((listener) => connection.watch(listener), [connection]),
    () => connection.status,
  );
}

/**
 * Estimated server time in ms, re-rendered every `everyMs` by a ticker shared across the page; undefined before the
 * first contact. It goes on counting while the connection is cut.
 */
export function useServerNow(everyMs = 1000): number | undefined {
  const page = useLivePage();
  const [nowMs, setNowMs] = useState(() => page.serverNow());
  useEffect(() => {
    const update = () => setNowMs(page.serverNow());
    const stopWatching = page.connection.watch(update);
    const stopTicking = page.ticker.every(everyMs, update);
    return () => {
      stopWatching();
      stopTicking();
    };
  }, [page, everyMs]);
  return nowMs;
}

/**
 * A live query; equal specs share one channel. The same object for as long as the spec stays equal: re-renders when its
 * status, error or warnings change, never per frame. Undefined spec: nothing is asked.
 */
export function useLiveQuery(spec: LiveQuerySpec): LiveQuery;
export function useLiveQuery(spec: LiveQuerySpec | undefined): LiveQuery | undefined;
export function useLiveQuery(spec: LiveQuerySpec | undefined): LiveQuery | undefined {
  const { client } = useLivePage();
  const key = spec && querySpecKey(spec);
  const latest = useRef(spec);
  latest.current = spec;
  const channel = useMemo(
    () => (key === undefined || !latest.current ? undefined : client.query(latest.current)),
    [client, key],
  );
  useEffect(() => channel && client.hold(channel), [client, channel]);
  useSyncExternalStore(
    useCallback((listener) => channel?.subscribe(listener) ?? (() => undefined), [channel]),
    () => channel && `${channel.status} ${channel.stale} ${channel.error ?? ''} ${channel.warnings.join()}`,
  );
  return channel;
}

export interface LiveValue {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface LiveValues {
  /** Time of the head; undefined before the first one. */
  readonly timeMs: number | undefined;
  readonly fedAtMs: number | undefined;
  /** One per series that has a head. */
  readonly values: readonly LiveValue[];
}

const NO_VALUES: LiveValues = { timeMs: undefined, fedAtMs: undefined, values: [] };

/** The head of a live query; re-renders when it changes, in the page's animation frame. */
export function useLiveValues(query: LiveQuery | undefined): LiveValues {
  const { frames } = useLivePage();
  const [shown, setShown] = useState<{ readonly of: LiveQuery | undefined; readonly values: LiveValues }>(
    () => ({
      of: query,
      values: valuesOf(query),
    }),
  );
  useEffect(() => {
    if (!query) return undefined;
    const draw = () => setShown({ of: query, values: valuesOf(query) });
    const drawer = frames.register(draw);
    drawer.invalidate();
    const stop = query.subscribe(() => drawer.invalidate());
    return () => {
      stop();
      drawer.remove();
    };
  }, [frames, query]);
  return shown.of === query ? shown.values : valuesOf(query);
}

function valuesOf(query: LiveQuery | undefined): LiveValues {
  if (!query) return NO_VALUES;
  const { window } = query;
  return {
    timeMs: window.headMs,
    fedAtMs: window.fedAtMs,
    values: window.series
      .filter((series) => !isNone(series.head))
      .map(({ id, labels, head }) => ({ id, labels, value: head })),
  };
}

/** A live document; re-renders when it changes, in the page's animation frame, at once when its status does. `T` is the document's entry type in contract/src/live.ts. */
export function useLiveTopic<T>(topic: Topic): LiveTopic<T> {
  const { client, frames } = useLivePage();
  const channel = useMemo(() => client.topic(topic), [client, topic]);
  useEffect(() => client.hold(channel), [client, channel]);
  const watch = useCallback(
    (listener: () => void) => {
      const drawer = frames.register(listener);
      let { status } = channel;
      const stop = channel.subscribe(() => {
        if (channel.status === status) return drawer.invalidate();
        status = channel.status;
        listener();
      });
      return () => {
        stop();
        drawer.remove();
      };
    },
    [channel, frames],
  );
  return useSyncExternalStore(watch, () => channel.view() as LiveTopic<T>);
}

/**
 * Draws in the page's animation frame whenever the query has a new frame, and once at the start; call the returned
 * function to draw for another reason (a resize, a theme). `draw` may change between renders.
 */
export function useLiveDrawing(query: LiveQuery | undefined, draw: () => void): () => void {
  const { frames } = useLivePage();
  const latest = useRef(draw);
  latest.current = draw;
  const drawer = useRef<Drawer>(undefined);
  useEffect(() => {
    const own = frames.register(() => latest.current());
    drawer.current = own;
    own.invalidate();
    const stop = query?.subscribe(() => own.invalidate());
    return () => {
      stop?.();
      own.remove();
    };
  }, [frames, query]);
  return useCallback(() => drawer.current?.invalidate('now'), []);
}
