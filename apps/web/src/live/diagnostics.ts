/**
 * `window.__watchroom.live`: what the live connection holds, to read only, for tests and for a person at the console.
 * Times in ms; none is null, so that the answer survives JSON.
 */
import { isNone } from '@watchroom/chart-data';
import type { LivePage } from './live-page.ts';
import { QueryChannel } from './query-channel.ts';
import type { ConnectionStatus } from './types.ts';

export interface SeriesDiagnosis {
  readonly labels: Readonly<Record<string, string>>;
  /** Grid points that have a value, NaN and infinities as text. */
  readonly points: readonly (readonly [timeMs: number, value: number | string])[];
  readonly head: number | string | null;
}

export interface ChannelDiagnosis {
  readonly kind: 'query' | 'topic';
  readonly name: string;
  readonly windowMs: number | undefined;
  readonly stepMs: number | undefined;
  readonly status: string;
  readonly error: string | undefined;
  readonly stale: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly headMs: number | null;
  readonly series: readonly SeriesDiagnosis[];
  /** A topic's document. */
  readonly entries: Readonly<Record<string, unknown>>;
}

export interface LiveDiagnostics {
  readonly connection: ConnectionStatus;
  /** Estimated server time now, and its distance from the page's monotonic clock. */
  readonly serverNowMs: number | undefined;
  readonly offsetMs: number | undefined;
  readonly clockSteps: number;
  readonly attempts: number;
  /** Sample-to-pixel times of the last 1,000 feeds, the newest last. */
  readonly lagsMs: readonly number[];
  readonly frames: Readonly<Record<string, number>>;
  channels(): readonly ChannelDiagnosis[];
}

declare global {
  interface Window {
    __watchroom?: { live?: LiveDiagnostics | undefined };
  }
}

/** Puts the diagnostics in place; returns the way to take them away. */
export function exposeDiagnostics(page: LivePage): () => void {
  const live = diagnosticsOf(page);
  window.__watchroom = { ...window.__watchroom, live };
  return () => {
    if (window.__watchroom?.live === live) window.__watchroom = { ...window.__watchroom, live: undefined };
  };
}

export function diagnosticsOf(page: LivePage): LiveDiagnostics {
  const { connection, frames, client } = page;
  return Object.freeze({
    get connection() {
      return connection.status;
    },
    get serverNowMs() {
      return page.serverNow();
    },
    get offsetMs() {
      return connection.serverClock.offsetMs;
    },
    get clockSteps() {
      return connection.serverClock.steps;
    },
    get attempts() {
      return connection.attempts;
    },
    get lagsMs() {
      return [...frames.recentLagsMs];
    },
    get frames() {
      return { ...frames.counts };
    },
    channels: () => client.channels().map(diagnose),
  });
}

function diagnose(channel: ReturnType<LivePage['client']['channels']>[number]): ChannelDiagnosis {
  const { status, error, stale } = channel;
  const shared = { status, error, stale, counts: { ...channel.counts } };
  if (!(channel instanceof QueryChannel)) {
    const entries = Object.fromEntries(channel.view().entries);
    const none = { windowMs: undefined, stepMs: undefined, fromMs: 0, toMs: 0, headMs: null, series: [] };
    return { kind: 'topic', name: channel.topic, ...shared, ...none, entries };
  }
  const { window } = channel;
  return {
    kind: 'query',
    name: channel.spec.query,
    ...shared,
    windowMs: window.windowMs,
    stepMs: window.stepMs,
    fromMs: window.fromMs,
    toMs: window.toMs,
    headMs: window.headMs ?? null,
    series: window.series.map((series) => ({
      labels: series.labels,
      points: Array.from(series.values, (value, i) => [window.times[i]!, plain(value)] as const).filter(
        (point): point is readonly [number, number | string] => point[1] !== null,
      ),
      head: plain(series.head),
    })),
    entries: {},
  };
}

function plain(value: number): number | string | null {
  if (isNone(value)) return null;
  return Number.isFinite(value) ? value : String(value);
}
