/**
 * Security headers, and two rules that keep other people's pages out of a server without sign-in: a request that changes
 * something must come from our own origin, and one for a loopback listener must name a loopback host (DNS rebinding).
 * Framing is refused except on /embed/ for the origins that the configuration lists.
 */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerContext } from '../context.ts';

const NO_DOCUMENT = "default-src 'none'; frame-ancestors 'none'";
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Framing is for the origins in `frameAncestors`. `style-src 'unsafe-inline'`: Recharts and CodeMirror set style attributes and elements of their own. */
export function contentSecurityPolicy(frameAncestors: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ');
}

export function registerSecurity(app: FastifyInstance, context: ServerContext): void {
  /** The one that was allowed last: a client names the same host all the time. */
  let allowed: string | undefined;
  const isAllowed = (request: FastifyRequest): boolean => {
    const { host } = request.headers;
    if (host !== undefined && host === allowed) return true;
    if (!isHostAllowed(request, context)) return false;
    allowed = host;
    return true;
  };
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply, context);
    if (!isAllowed(request)) refuse(reply, 421, 'wrong_host', 'this server answers to loopback names only');
    else if (!SAFE_METHODS.has(request.method) && isCrossOrigin(request))
      refuse(reply, 403, 'cross_origin', 'requests from other origins may not change anything');
    else done();
  });
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): void {
  reply.code(status).type('application/json').send(JSON.stringify({ code, message }));
}

/** The headers of every answer. */
export function setHeaders(request: FastifyRequest, reply: FastifyReply, context: ServerContext): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('x-request-id', requestId());
  if (request.url.startsWith('/api/v1/')) {
    // Data for programs, and much of it: nothing here is ever a document.
    reply.header('content-security-policy', NO_DOCUMENT);
    return;
  }
  const embed = request.url.startsWith('/embed/');
  const origins = context.configuration.current.watchroom.embed.allowedOrigins;
  const ancestors = embed && origins.length > 0 ? origins.join(' ') : "'none'";
  reply.header('content-security-policy', contentSecurityPolicy(ancestors));
  if (ancestors === "'none'") reply.header('x-frame-options', 'DENY');
  reply.header('referrer-policy', 'no-referrer');
  reply.header('cross-origin-opener-policy', 'same-origin');
  reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
}

const processId = randomBytes(5).toString('hex');
let requests = 0;

/** Of this process and countable: it is for finding a request in a log, and grants nothing. */
function requestId(): string {
  return `${processId}-${(++requests).toString(36)}`;
}

/** On a loopback listener only loopback names and addresses are ours; others can only come from rebound DNS. */
export function isHostAllowed(
  request: { headers: { host?: string | undefined } },
  context: ServerContext,
): boolean {
  if (!isLoopback(context.listen.host)) return true;
  const host = hostName(request.headers.host ?? '');
  return isLoopback(host) || isIP(host) !== 0;
}

export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host)
  );
}

function hostName(header: string): string {
  const bracketed = /^\[([^\]]+)\](:\d+)?$/.exec(header);
  return bracketed?.[1] ?? header.replace(/:\d+$/, '').toLowerCase();
}

function isCrossOrigin(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] === 'cross-site';
  try {
    return new URL(origin).host !== host;
  } catch {
    return true;
  }
}
