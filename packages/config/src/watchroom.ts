/** Our own section, `watchroom:`. */
import { absolute } from './path.ts';
import type { Place } from './place.ts';
import {
  bool,
  byteSize,
  decimal,
  duration,
  filled,
  httpUrl,
  integer,
  list,
  positiveDuration,
  readObject,
  shown,
  text,
} from './read.ts';
import type { HealthObjective, HealthSettings, WatchroomSettings } from './types.ts';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
const GIB = 1024 ** 3;

/** The settings that hold where the configuration says nothing. */
export const WATCHROOM_DEFAULTS: WatchroomSettings = {
  storage: {
    retentionMs: 15 * DAY_MS,
    maxSizeBytes: 10 * GIB,
    retention5mMs: 90 * DAY_MS,
    retention1hMs: 730 * DAY_MS,
    maxSeries: 2_000_000,
  },
  health: { enabled: true, intervalMs: 5 * SECOND_MS, weights: {}, objectives: [], rulesFile: undefined },
  embed: { allowedOrigins: [] },
  demo: { controlUrl: undefined },
  adminApi: false,
  scrape: { nativeHistograms: false },
  promql: {
    experimental: false,
    timeoutMs: 120 * SECOND_MS,
    maxSamples: 50_000_000,
    maxConcurrency: 20,
    lookbackDeltaMs: 300 * SECOND_MS,
  },
};

/** Reads `watchroom`; absent keys take the defaults. */
export function readWatchroom(place: Place): WatchroomSettings {
  const base = WATCHROOM_DEFAULTS;
  const raw = readObject(place, {
    storage: readStorageSettings,
    health: readHealth,
    embed: (at) => readObject(at, { allowed_origins: list(origin) }),
    demo: (at) => readObject(at, { control_url: httpUrl }),
    admin_api: bool,
    scrape: (at) => readObject(at, { native_histograms: bool }),
    promql: (at) =>
      readObject(at, {
        experimental: bool,
        timeout: positiveDuration,
        max_samples: integer(1),
        max_concurrency: integer(1),
        lookback_delta: positiveDuration,
      }),
  });
  const { storage, promql } = raw ?? {};
  return {
    storage: {
      retentionMs: storage?.retention ?? base.storage.retentionMs,
      maxSizeBytes: storage?.max_size ?? base.storage.maxSizeBytes,
      retention5mMs: storage?.retention_5m ?? base.storage.retention5mMs,
      retention1hMs: storage?.retention_1h ?? base.storage.retention1hMs,
      maxSeries:
        storage?.max_series === 0
          ? Number.POSITIVE_INFINITY
          : (storage?.max_series ?? base.storage.maxSeries),
    },
    health: raw?.health ?? base.health,
    embed: { allowedOrigins: raw?.embed?.allowed_origins ?? base.embed.allowedOrigins },
    demo: { controlUrl: raw?.demo?.control_url },
    adminApi: raw?.admin_api ?? base.adminApi,
    scrape: { nativeHistograms: raw?.scrape?.native_histograms ?? base.scrape.nativeHistograms },
    promql: {
      experimental: promql?.experimental ?? base.promql.experimental,
      timeoutMs: promql?.timeout ?? base.promql.timeoutMs,
      maxSamples: promql?.max_samples ?? base.promql.maxSamples,
      maxConcurrency: promql?.max_concurrency ?? base.promql.maxConcurrency,
      lookbackDeltaMs: promql?.lookback_delta ?? base.promql.lookbackDeltaMs,
    },
  };
}

/** One-hour aggregates are made of five days of five-minute ones at a time, a while after their end. */
const LEAST_5M_MS = 10 * DAY_MS;

function readStorageSettings(place: Place) {
  const raw = readObject(place, {
    retention: positiveDuration,
    max_size: byteSize,
    retention_5m: readRetention5m,
    retention_1h: duration,
    max_series: integer(0),
  });
  if (raw?.retention_5m === 0 && raw.retention_1h !== 0)
    place.problem(
      `${place.name}: one-hour aggregates are made of five-minute ones, which retention_5m: 0s turns off`,
      'write "retention_1h: 0s" too, or set retention_5m to 10d or more',
    );
  return raw;
}

function readRetention5m(place: Place): number | undefined {
  const value = duration(place);
  if (value === undefined || value === 0 || value >= LEAST_5M_MS) return value;
  return place.problem(
    `${place.name}: ${shown(place)} is too short: one-hour aggregates are made of five days of five-minute ones at a time`,
    'write 10d or more, or 0s for no aggregates',
  );
}

const weight = decimal(0, 1_000_000);

function readHealth(place: Place): HealthSettings | undefined {
  const raw = readObject(place, {
    enabled: bool,
    interval: positiveDuration,
    weights: (at) =>
      readObject(at, {
        availability: weight,
        latency: weight,
        tail: weight,
        saturation: weight,
        instances: weight,
      }),
    objectives: list(readObjective, 'empty or null objective'),
    rules_file: filled,
  });
  if (!raw) return undefined;
  const base = WATCHROOM_DEFAULTS.health;
  const weights = Object.fromEntries(
    Object.entries(raw.weights ?? {}).filter(([, value]) => value !== undefined),
  );
  return {
    enabled: raw.enabled ?? base.enabled,
    intervalMs: raw.interval ?? base.intervalMs,
    weights,
    objectives: raw.objectives ?? [],
    rulesFile: absolute(place, raw.rules_file),
  };
}

function readObjective(place: Place): HealthObjective | undefined {
  const raw = readObject(place, {
    service: filled,
    availability: readShare,
    latency: positiveDuration,
    p99: positiveDuration,
  });
  if (!raw) return undefined;
  if (raw.service === undefined)
    return place.problem(`${place.name}: an objective needs its service`, 'add "service: <name>"');
  return {
    service: raw.service,
    availability: raw.availability,
    latencySeconds: inSeconds(raw.latency),
    p99Seconds: inSeconds(raw.p99),
  };
}

/** `0.999` or `99.9%`, below 1: an objective of all requests leaves no error budget. */
function readShare(place: Place): number | undefined {
  const written = text(place);
  if (written === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(written);
  // In decimal: 99.9 / 100 is not 0.999.
  const share = match ? Number(`${match[1]}e${match[2] === '%' ? -2 : 0}`) : Number.NaN;
  if (share > 0 && share < 1) return share;
  return place.problem(
    `${place.name}: ${shown(place)} is not a share of requests below 1`,
    'write it like 0.999 or 99.9%',
  );
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / SECOND_MS;
}

/** A web origin: scheme, host and port alone. */
function origin(place: Place): string | undefined {
  const written = filled(place);
  if (written === undefined) return undefined;
  const bare = URL.canParse(written) ? new URL(written) : undefined;
  const isOrigin =
    bare !== undefined && /^https?:$/.test(bare.protocol) && /^https?:\/\/[^/?#@*;,\s]+\/?$/.test(written);
  if (isOrigin) return bare.origin;
  return place.problem(
    `${place.name}: ${shown(place)} is not an origin`,
    'write it like "https://portal.example.com"',
  );
}
