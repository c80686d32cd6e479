/**
 * The live protocol over socket.io (namespace `/`, path `/live`).
 *
 * A client opens channels. A *query* channel is a PromQL expression over a sliding window; a *topic* channel is a keyed
 * document that the server owns (services, alerts, status). Each channel has a sequence of its own: the first frame is a
 * `snapshot`, then come `delta`s, each one higher. The client keeps `{epoch, seq, toMs}` and offers it as `have` when it
 * subscribes again after a cut; the server answers with a `fill` (what lies after `toMs`, a few points of overlap
 * included) or with a `snapshot`. `epoch` names one run of the server: sequence numbers mean nothing across epochs, times do.
 *
 * Points are upserts by time: a later frame's value for a time replaces an earlier one, `null` says there is none. A
 * fill's block is complete: at its times, series that it does not name have no value. A time that lies outside the
 * window is forgotten by both sides. A client takes a new channel id for each subscription, so that frames of an earlier
 * one cannot be mistaken; a window's grid times are the last floor(windowMs / stepMs) + 1 multiples of stepMs up to now. The `head` is the provisional point after the last grid
 * time: each frame replaces it. A slow client gets fewer frames: the server merges what it could not send, so `seq`
 * stays gapless on the wire; a hole in `seq` means loss, and the client subscribes again with `have`.
 */
import type { PaintReport, SubscribeMessage } from './live-schemas.ts';

export const LIVE_PATH = '/live';
export const PROTOCOL_VERSION = 1;

/**
 * How often a client is told the time when nothing else is sent to it, so that it hears something at least every two of these;
 * one that hears nothing for STALE_AFTER_MS calls everything it shows stale.
 */
export const HEARTBEAT_MS = 1000;
export const STALE_AFTER_MS = 4000;

export const MAX_QUERY_LENGTH = 20_000;
export const MAX_CHANNELS_PER_CLIENT = 500;
export const MAX_POINTS = 11_000;

export const TOPICS = ['services', 'alerts', 'status', 'demo'] as const;

/** A value on the wire: JSON has no NaN or infinities; null is no sample. */
export type WireValue = number | 'NaN' | '+Inf' | '-Inf' | null;

/** A span in which this server was not collecting; charts show it as a gap whatever a query's lookback bridges. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface HelloMessage {
  readonly protocol: number;
  readonly epoch: string;
  readonly serverMs: number;
  readonly version: string;
  /** Changes when the web app was rebuilt; an unattended wall reloads itself once when it does. */
  readonly webBuild: string;
  readonly outages: readonly Outage[];
}

export interface BeatMessage {
  readonly serverMs: number;
}

/** One series of a channel; `key` is its number within the channel and epoch, never reused. */
export interface WireSeries {
  readonly key: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Points as columns: `values[i]` belongs to series `keys[i]`, one value per time of `times`. */
export interface WireBlock {
  readonly times: readonly number[];
  readonly keys: readonly number[];
  readonly values: readonly (readonly WireValue[])[];
}

export interface WireHead {
  readonly timeMs: number;
  readonly keys: readonly number[];
  readonly values: readonly WireValue[];
}

export interface QueryFrame {
  readonly id: string;
  readonly kind: 'snapshot' | 'fill' | 'delta';
  readonly epoch: string;
  readonly seq: number;
  readonly serverMs: number;
  /** The grid covered so far: [fromMs, toMs]. */
  readonly fromMs: number;
  readonly toMs: number;
  /** All series for a snapshot or fill, the new ones for a delta. */
  readonly series: readonly WireSeries[];
  /** Keys that carry nothing in the window any more; the server does not use them again. */
  readonly removed?: readonly number[] | undefined;
  readonly block: WireBlock | undefined;
  /** Undefined leaves the client's head as it is. */
  readonly head: WireHead | undefined;
  /** Server time at which the newest scrape or evaluation that this frame reflects had ended; undefined when none fed it. */
  readonly fedAtMs: number | undefined;
  /** Warnings of the query engine; undefined leaves them as they are. */
  readonly warnings?: readonly string[];
}

/** A topic's document changes by key. A snapshot or fill replaces the whole document. */
export interface TopicFrame {
  readonly id: string;
  readonly kind: 'snapshot' | 'delta';
  readonly epoch: string;
  readonly seq: number;
  readonly serverMs: number;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly fedAtMs: number | undefined;
}

/**
 * A channel that cannot be served. After `execution` it stays open and its next frame ends the problem; any other code
 * closes it, and the client may subscribe again later.
 */
export interface ProblemMessage {
  readonly id: string;
  readonly code: 'bad_query' | 'bad_message' | 'limit' | 'execution' | 'forbidden';
  readonly message: string;
  readonly serverMs: number;
}

/** Document of topic `services`: key = service name. Freshness is by successful scrapes only. */
export interface ServiceFreshness {
  readonly service: string;
  readonly cluster: string | undefined;
  readonly targets: number;
  readonly up: number;
  /** The longest scrape interval among its targets. */
  readonly intervalMs: number;
  /** End of the last successful scrape: newest and oldest among its targets; undefined when one never succeeded. */
  readonly newestOkMs: number | undefined;
  readonly oldestOkMs: number | undefined;
  /** Of the target that is longest without success. */
  readonly lastError: string | undefined;
}

/** Document of topic `alerts`: key = fingerprint. Times in ms. */
export interface LiveAlert {
  readonly name: string;
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: WireValue;
  readonly activeAtMs: number;
  readonly firedAtMs: number | undefined;
  readonly resolvedAtMs: number | undefined;
}

/** Document of topic `status`, key `server`. */
export interface ServerStatus {
  readonly version: string;
  readonly startedAtMs: number;
  readonly demo: boolean;
  readonly config: {
    readonly ok: boolean;
    readonly file: string | undefined;
    readonly loadedAtMs: number;
    readonly error: string | undefined;
  };
  readonly store: { readonly series: number; readonly bytes: number; readonly problems: readonly string[] };
  readonly sampleToPixel:
    | { readonly p50Ms: number; readonly p99Ms: number; readonly count: number }
    | undefined;
  readonly outages: readonly Outage[];
}

/** Document of topic `demo`, key `incident`. */
export interface DemoStatus {
  readonly available: boolean;
  readonly running: boolean;
  readonly name: string | undefined;
  readonly speed: number;
  readonly phase: string;
  /** Seconds of scenario time since its start, and its length. */
  readonly elapsedS: number;
  readonly lengthS: number;
}

/** Events from the server. */
export interface ServerToClient {
  hello(message: HelloMessage): void;
  beat(message: BeatMessage): void;
  frame(message: QueryFrame): void;
  topic(message: TopicFrame): void;
  problem(message: ProblemMessage): void;
}

/** Events from the client; `clock` is answered with the server's time for the offset (half the round trip is subtracted). */
export interface ClientToServer {
  subscribe(message: SubscribeMessage): void;
  unsubscribe(message: { id: string }): void;
  painted(message: PaintReport): void;
  clock(answer: (serverMs: number) => void): void;
}

const STEPS_MS = [
  1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
  7_200_000, 21_600_000, 43_200_000, 86_400_000,
] as const;

/** The smallest round step that gives at most `maxPoints` grid times over the window. */
export function stepFor(windowMs: number, maxPoints: number): number {
  const wanted = windowMs / Math.max(1, maxPoints);
  return STEPS_MS.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400_000) * 86_400_000;
}

export function toWireValue(value: number): WireValue {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

export function fromWireValue(value: WireValue): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null) return undefined;
  return value === 'NaN'
    ? Number.NaN
    : value === '+Inf'
      ? Number.POSITIVE_INFINITY
      : Number.NEGATIVE_INFINITY;
}
