/**
 * How to speak HTTP to a target, a discovery endpoint or a remote store.
 * Source: prometheus/common config/http_config.go, https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config
 */
import { absolute } from './path.ts';
import type { Place } from './place.ts';
import { anyUrl, bool, dictionary, list, type ObjectOf, oneOf, readObject, secret, text } from './read.ts';
import type { Secret } from './secret.ts';
import {
  type Authorization,
  type BasicAuth,
  type HttpClientConfig,
  type HttpHeader,
  type OAuth2,
  TLS_VERSIONS,
  type TlsConfig,
} from './types.ts';

/** The keys that sections with an HTTP client share. */
export const HTTP_FIELDS = {
  basic_auth: readBasicAuth,
  authorization: readAuthorization,
  oauth2: readOAuth2,
  bearer_token: secret,
  bearer_token_file: text,
  tls_config: readTls,
  proxy_url: anyUrl,
  no_proxy: text,
  proxy_from_environment: bool,
  proxy_connect_header: dictionary(list(secret)),
  follow_redirects: bool,
  enable_http2: bool,
  http_headers: readHeaders,
} as const;

export type HttpRaw = ObjectOf<typeof HTTP_FIELDS>;

export const PLAIN_TLS: TlsConfig = {
  ca: undefined,
  caFile: undefined,
  cert: undefined,
  certFile: undefined,
  key: undefined,
  keyFile: undefined,
  serverName: '',
  insecureSkipVerify: false,
  minVersion: undefined,
  maxVersion: undefined,
};

export const PLAIN_HTTP: HttpClientConfig = {
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
  tls: PLAIN_TLS,
  proxy: { url: undefined, noProxy: '', fromEnvironment: false, connectHeader: {} },
  followRedirects: true,
  enableHttp2: true,
  headers: [],
};

/** Joins the shared keys into one client, with the checks between them. */
export function buildHttp(place: Place, raw: HttpRaw): HttpClientConfig {
  checkAuth(place, raw);
  const bearer = raw.bearer_token !== undefined || raw.bearer_token_file !== undefined;
  const authorization: Authorization | undefined = bearer
    ? {
        type: 'Bearer',
        credentials: raw.bearer_token,
        credentialsFile: absolute(place, raw.bearer_token_file),
      }
    : raw.authorization;
  return {
    basicAuth: raw.basic_auth,
    authorization,
    oauth2: raw.oauth2,
    tls: raw.tls_config ?? PLAIN_TLS,
    proxy: readProxy(place, raw),
    followRedirects: raw.follow_redirects ?? true,
    enableHttp2: raw.enable_http2 ?? true,
    headers: raw.http_headers ?? [],
  };
}

function checkAuth(place: Place, raw: HttpRaw): void {
  const bearer = raw.bearer_token !== undefined || raw.bearer_token_file !== undefined;
  const remedy = 'keep one of them';
  if (raw.bearer_token !== undefined && raw.bearer_token_file !== undefined)
    place.problem(
      `${place.name}: at most one of bearer_token & bearer_token_file must be configured`,
      remedy,
    );
  if (bearer && raw.authorization)
    place.problem(
      `${place.name}: authorization is not compatible with bearer_token & bearer_token_file`,
      remedy,
    );
  if (bearer && (raw.basic_auth || raw.oauth2)) {
    const message = 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured';
    place.problem(`${place.name}: ${message}`, remedy);
  }
  const ways = [raw.basic_auth, raw.oauth2, raw.authorization].filter((way) => way !== undefined);
  if (ways.length > 1)
    place.problem(
      `${place.name}: at most one of basic_auth, oauth2 & authorization must be configured`,
      remedy,
    );
}

function readProxy(place: Place, raw: HttpRaw): HttpClientConfig['proxy'] {
  const fromEnvironment = raw.proxy_from_environment ?? false;
  const { proxy_url: proxyUrl = '', no_proxy: noProxy = '' } = raw;
  if (fromEnvironment && proxyUrl !== '')
    place.problem(
      `${place.name}: if proxy_from_environment is configured, proxy_url must not be configured`,
      'keep one',
    );
  if (fromEnvironment && noProxy !== '')
    place.problem(
      `${place.name}: if proxy_from_environment is configured, no_proxy must not be configured`,
      'set NO_PROXY in the environment instead',
    );
  if (!fromEnvironment && proxyUrl === '' && noProxy !== '')
    place.problem(
      `${place.name}: if no_proxy is configured, proxy_url must also be configured`,
      'add "proxy_url"',
    );
  const connectHeader = raw.proxy_connect_header ?? {};
  if (Object.keys(connectHeader).length > 0 && proxyUrl === '' && !fromEnvironment) {
    const message =
      'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured';
    place.problem(`${place.name}: ${message}`, 'add "proxy_url"');
  }
  if (proxyUrl !== '' && !URL.canParse(proxyUrl))
    place.problem(`${place.name}.proxy_url is not a URL`, 'write "http://host:port"');
  const url = URL.canParse(proxyUrl) ? new URL(proxyUrl) : undefined;
  return { url, noProxy, fromEnvironment, connectHeader };
}

/** Reports when both a value and its file are given. */
function exclusive(place: Place, what: string, ...values: readonly unknown[]): void {
  if (values.filter((value) => value !== undefined).length > 1)
    place.problem(`${place.name}: at most one of ${what} must be configured`, 'keep one of them');
}

function readBasicAuth(place: Place): BasicAuth | undefined {
  if (place.kind === 'null') return undefined;
  const raw = readObject(place, {
    username: text,
    username_file: text,
    username_ref: declineRef,
    password: secret,
    password_file: text,
    password_ref: declineRef,
  });
  if (!raw) return undefined;
  exclusive(place, 'basic_auth username & username_file', raw.username, raw.username_file);
  exclusive(place, 'basic_auth password & password_file', raw.password, raw.password_file);
  return {
    username: raw.username ?? '',
    usernameFile: absolute(place, raw.username_file),
    password: raw.password,
    passwordFile: absolute(place, raw.password_file),
  };
}

function declineRef(place: Place): undefined {
  return place.problem(
    `${place.name}: references to a secret manager are not supported`,
    'use the _file form',
  );
}

function readAuthorization(place: Place): Authorization | undefined {
  if (place.kind === 'null') return undefined;
  const raw = readObject(place, {
    type: text,
    credentials: secret,
    credentials_file: text,
    credentials_ref: declineRef,
  });
  if (!raw) return undefined;
  exclusive(place, 'authorization credentials & credentials_file', raw.credentials, raw.credentials_file);
  const type = (raw.type ?? '').trim() || 'Bearer';
  if (type.toLowerCase() === 'basic')
    place.problem(`${place.name}: authorization type cannot be set to "basic"`, 'use "basic_auth" instead');
  return {
    type,
    credentials: raw.credentials,
    credentialsFile: absolute(place, raw.credentials_file),
  };
}

function readOAuth2(place: Place): OAuth2 | undefined {
  if (place.kind === 'null') return undefined;
  const raw = readObject(place, {
    client_id: text,
    client_secret: secret,
    client_secret_file: text,
    client_secret_ref: declineRef,
    scopes: list(text),
    token_url: anyUrl,
    endpoint_params: dictionary(text),
    tls_config: readTls,
    proxy_url: anyUrl,
    no_proxy: text,
    proxy_from_environment: bool,
    proxy_connect_header: dictionary(list(secret)),
  });
  if (!raw) return undefined;
  if (!raw.client_id) place.problem(`${place.name}: oauth2 client_id must be configured`, 'add "client_id"');
  if (!raw.token_url) place.problem(`${place.name}: oauth2 token_url must be configured`, 'add "token_url"');
  exclusive(place, 'oauth2 client_secret & client_secret_file', raw.client_secret, raw.client_secret_file);
  return {
    clientId: raw.client_id ?? '',
    clientSecret: raw.client_secret,
    clientSecretFile: absolute(place, raw.client_secret_file),
    tokenUrl: raw.token_url ?? '',
    scopes: raw.scopes ?? [],
    endpointParams: raw.endpoint_params ?? {},
  };
}

/** Reads a `tls_config` section. */
export function readTls(place: Place): TlsConfig | undefined {
  const raw = readObject(place, {
    ca: text,
    cert: text,
    key: secret,
    ca_file: text,
    cert_file: text,
    key_file: text,
    ca_ref: declineRef,
    cert_ref: declineRef,
    key_ref: declineRef,
    server_name: text,
    insecure_skip_verify: bool,
    min_version: oneOf(TLS_VERSIONS),
    max_version: oneOf(TLS_VERSIONS),
  });
  if (!raw) return undefined;
  exclusive(place, 'ca and ca_file', raw.ca, raw.ca_file);
  exclusive(place, 'cert and cert_file', raw.cert, raw.cert_file);
  exclusive(place, 'key and key_file', raw.key, raw.key_file);
  const cert = raw.cert ?? raw.cert_file;
  const key: Secret | string | undefined = raw.key ?? raw.key_file;
  if (cert !== undefined && key === undefined)
    place.problem(`${place.name}: a client certificate needs its key`, 'add "key_file"');
  if (key !== undefined && cert === undefined)
    place.problem(`${place.name}: a client key needs its certificate`, 'add "cert_file"');
  const { min_version: min, max_version: max } = raw;
  if (min && max && TLS_VERSIONS.indexOf(max) < TLS_VERSIONS.indexOf(min)) {
    const message =
      'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified';
    place.problem(`${place.name}: ${message}`, `write "max_version: ${min}" or later`);
  }
  return {
    ca: raw.ca,
    caFile: absolute(place, raw.ca_file),
    cert: raw.cert,
    certFile: absolute(place, raw.cert_file),
    key: raw.key,
    keyFile: absolute(place, raw.key_file),
    serverName: raw.server_name ?? '',
    insecureSkipVerify: raw.insecure_skip_verify ?? false,
    minVersion: min,
    maxVersion: max,
  };
}

/** Headers that the client sets itself; setting them by hand is refused. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

function readHeaders(place: Place): readonly HttpHeader[] | undefined {
  if (place.kind === 'null') return undefined;
  if (place.kind !== 'map')
    return place.problem(`${place.name} must be a map`, 'write "<name>: {values: [..]}"');
  const headers: HttpHeader[] = [];
  for (const [name, entry] of place.entries()) {
    if (RESERVED_HEADERS.has(name.toLowerCase()))
      entry.problem(`${place.name}: setting header ${JSON.stringify(name)} is not allowed`, 'remove it');
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      entry.problem(
        `${place.name}: ${JSON.stringify(name)} is not a header name`,
        'use letters, digits and -',
      );
    const raw = readObject(entry, { values: list(text), secrets: list(secret), files: list(text) });
    if (!raw) continue;
    const files = (raw.files ?? []).map((file) => absolute(place, file) ?? file);
    headers.push({ name, values: raw.values ?? [], secrets: raw.secrets ?? [], files });
  }
  return headers;
}
