import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser page of this origin may connect: the server's own pages (Origin names the Host asked for) and the
 * origins that the configuration allows to embed. No Origin: not a browser page. `null` (a sandboxed frame) is nobody's.
 */
export function isAllowedOrigin(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  const parsed = URL.parse(origin);
  return parsed !== null && parsed.host !== '' && parsed.host === host?.toLowerCase();
}
