/** Failures of a fetch in the words that users of Prometheus know. Never a query string, a header or a secret. */
import type { LimitKind } from './observer.ts';

/** Why a fetch gave no body. `message` is for the targets page. */
export class FetchError extends Error {
  readonly limit: LimitKind | undefined;

  constructor(message: string, limit?: LimitKind) {
    super(message);
    this.name = 'FetchError';
    this.limit = limit;
  }
}

export const DEADLINE = 'context deadline exceeded';
export const CANCELED = 'context canceled';

const KNOWN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  EPIPE: 'write: broken pipe',
  ETIMEDOUT: 'i/o timeout',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'temporary failure in name resolution',
  HPE_INVALID_CONSTANT: 'malformed HTTP response',
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls: failed to verify certificate: certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls: failed to verify certificate: certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'tls: failed to verify certificate: certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'tls: failed to verify certificate: certificate signed by unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls: failed to verify certificate: certificate is not valid for this name',
};

/** Any failure of a request to `url` as one line. */
export function describeFailure(url: URL, error: unknown): string {
  return `Get "${shownUrl(url)}": ${reasonOf(url, error)}`;
}

function reasonOf(url: URL, error: unknown): string {
  if (error instanceof FetchError) return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(url, error.errors.at(-1));
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  if (code === 'ECONNREFUSED' || code.endsWith('UNREACH')) return `dial tcp ${url.host}: ${KNOWN[code]}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${url.hostname}: ${KNOWN[code]}`;
  if (code.startsWith('HPE_')) return 'malformed HTTP response';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return tlsReason(error);
  return KNOWN[code] ?? (error instanceof Error ? error.message : code);
}

/** Without OpenSSL's places in its own source. */
function tlsReason(error: unknown): string {
  const { reason, message } = error as { reason?: unknown; message: string };
  const why = typeof reason === 'string' ? reason : (/:([a-z0-9 ]+):[^:]*\.c:/.exec(message)?.[1] ?? '');
  if (why === 'wrong version number') return 'http: server gave HTTP response to HTTPS client';
  return `tls: ${why || 'handshake failed'}`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Of a request by way of a proxy: a connection that does not come about is the proxy's, in Go's words. */
export function proxyError(proxy: URL, error: unknown): unknown {
  const isConnecting = typeof error === 'object' && error !== null && 'syscall' in error;
  const syscall = isConnecting ? String(error.syscall) : '';
  if (syscall !== 'connect' && syscall !== 'getaddrinfo') return error;
  return new FetchError(`proxyconnect tcp: ${reasonOf(proxy, error)}`);
}

/** A URL without user, password and query. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
