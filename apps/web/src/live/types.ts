/** What the page sees of the live connection. */
import type { SeriesWindow } from '@watchroom/chart-data';
import type { Outage } from '@watchroom/contract';

/**
 * `connecting`: never heard the server yet. `live`: heard it within STALE_AFTER_MS. `stale`: connected, but silent.
 * `lost`: no connection. What is shown stays visible in the last two, marked.
 */
export type ConnectionState = 'connecting' | 'live' | 'stale' | 'lost';

export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** Estimated server time at which the state began; undefined before the first contact. */
  readonly sinceMs: number | undefined;
  /** Estimated server time at which the server was last heard. */
  readonly heardMs: number | undefined;
  /** One run of the server. */
  readonly epoch: string | undefined;
  readonly version: string | undefined;
  readonly webBuild: string | undefined;
  /** Spans in which the server was not collecting: charts break their lines there. */
  readonly outages: readonly Outage[];
}

/** `error` carries the server's words; the window keeps what it had. */
export interface QueryStatus {
  readonly status: 'loading' | 'live' | 'error';
  readonly error: string | undefined;
  /** True from the loss of the connection until the first frame after it. */
  readonly stale: boolean;
}

/** A live query as the page holds it; one object per spec while anybody uses it. */
export interface LiveQuery extends QueryStatus {
  readonly window: SeriesWindow;
  /** The window's version. */
  readonly version: number;
  readonly warnings: readonly string[];
  /** Called after each applied frame and each change of status; returns the way to stop. */
  subscribe(listener: () => void): () => void;
}

export interface LiveTopic<T> {
  /** A new map after each change. */
  readonly entries: ReadonlyMap<string, T>;
  readonly status: 'loading' | 'live' | 'error';
  readonly error: string | undefined;
  /** True from the loss of the connection until the first frame after it. */
  readonly stale: boolean;
  /** Server time at which the newest evaluation behind it had ended. */
  readonly fedAtMs: number | undefined;
}
