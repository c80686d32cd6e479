/** `remote_write` and `remote_read`. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write */
import { notUsed } from './global.ts';
import { buildHttp, HTTP_FIELDS, type HttpRaw } from './http-client.ts';
import type { Place } from './place.ts';
import {
  anything,
  anyUrl,
  bool,
  decimal,
  dictionary,
  duration,
  integer,
  oneOf,
  positiveDuration,
  readObject,
  text,
} from './read.ts';
import { relabelRules } from './relabel-rules.ts';
import type { RemoteEndpoint, RemoteReadConfig, RemoteWriteConfig } from './types.ts';

const WRITE_TIMEOUT_MS = 30_000;
const READ_TIMEOUT_MS = 60_000;

const ENDPOINT_FIELDS = {
  ...HTTP_FIELDS,
  url: anyUrl,
  name: text,
  remote_timeout: positiveDuration,
  headers: readHeaders,
} as const;

/** Headers that the protocol owns; `authorization` has settings of its own. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

function readHeaders(place: Place): Readonly<Record<string, string>> | undefined {
  for (const [name, entry] of place.entries()) {
    const lower = name.toLowerCase();
    if (lower === 'authorization')
      entry.problem(
        `${place.name}: authorization header must be changed via the basic_auth, authorization or oauth2 parameter`,
        'use "authorization"',
      );
    else if (RESERVED.has(lower))
      entry.problem(`${place.name}: ${name} is a reserved header. It must not be changed`, 'remove it');
  }
  return dictionary(text)(place);
}

/** Reads one `remote_write` entry. */
export function readRemoteWrite(place: Place): RemoteWriteConfig | undefined {
  const raw = readObject(place, {
    ...ENDPOINT_FIELDS,
    protobuf_message: oneOf(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']),
    write_relabel_configs: relabelRules('remote write relabeling'),
    send_exemplars: bool,
    send_native_histograms: bool,
    round_robin_dns: bool,
    queue_config: readQueue,
    metadata_config: readMetadata,
    sigv4: anything,
    azuread: anything,
    google_iam: anything,
  });
  if (!raw) return undefined;
  for (const key of ['sigv4', 'azuread', 'google_iam'] as const) {
    if (raw[key] !== undefined)
      place.problem(`${place.name}: ${key} is not supported`, 'use basic_auth or authorization');
  }
  return {
    ...buildEndpoint(place, raw, WRITE_TIMEOUT_MS),
    protobufMessage: raw.protobuf_message ?? 'prometheus.WriteRequest',
    writeRelabelConfigs: raw.write_relabel_configs ?? [],
    sendExemplars: raw.send_exemplars ?? false,
    sendNativeHistograms: raw.send_native_histograms ?? false,
  };
}

function readQueue(place: Place): undefined {
  const raw = readObject(place, {
    capacity: integer(1),
    max_shards: integer(1),
    min_shards: integer(1),
    max_samples_per_send: integer(1),
    batch_send_deadline: positiveDuration,
    min_backoff: duration,
    max_backoff: duration,
    retry_on_http_429: bool,
    sample_age_limit: duration,
  });
  if (raw?.min_backoff !== undefined && raw.max_backoff !== undefined && raw.max_backoff < raw.min_backoff)
    place.problem(`${place.name}: max_backoff must not be less than min_backoff`, 'raise max_backoff');
  if (raw?.min_shards !== undefined && raw.max_shards !== undefined && raw.max_shards < raw.min_shards)
    place.problem(`${place.name}: max_shards must not be less than min_shards`, 'raise max_shards');
}

function readMetadata(place: Place): undefined {
  readObject(place, { send: bool, send_interval: duration, max_samples_per_send: integer(1) });
}

/** Reads one `remote_read` entry. */
export function readRemoteRead(place: Place): RemoteReadConfig | undefined {
  const raw = readObject(place, {
    ...ENDPOINT_FIELDS,
    chunked_read_limit: integer(0),
    read_recent: bool,
    required_matchers: dictionary(text),
    filter_external_labels: bool,
  });
  if (!raw) return undefined;
  return {
    ...buildEndpoint(place, raw, READ_TIMEOUT_MS),
    readRecent: raw.read_recent ?? false,
    requiredMatchers: raw.required_matchers ?? {},
    filterExternalLabels: raw.filter_external_labels ?? true,
  };
}

type EndpointRaw = HttpRaw & {
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly remote_timeout: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
};

function buildEndpoint(place: Place, raw: EndpointRaw, timeoutMs: number): RemoteEndpoint {
  if (!raw.url) place.problem(`${place.name}: url is empty`, 'add "url: http://host/path"');
  return {
    url: raw.url ?? '',
    name: raw.name ?? '',
    timeoutMs: raw.remote_timeout ?? timeoutMs,
    headers: raw.headers ?? {},
    http: buildHttp(place, raw),
  };
}

/** The `tracing` section: checked, not used. */
export function readTracing(place: Place): void {
  if (place.kind === 'null') return;
  const raw = readObject(place, {
    client_type: oneOf(['grpc', 'http']),
    endpoint: text,
    sampling_fraction: decimal(0, 1),
    insecure: bool,
    tls_config: HTTP_FIELDS.tls_config,
    headers: dictionary(text),
    compression: oneOf(['gzip']),
    timeout: duration,
  });
  if (raw && !raw.endpoint) place.problem('tracing endpoint must be set', 'add "endpoint: host:port"');
  notUsed('watchroom sends no traces')(place);
}
