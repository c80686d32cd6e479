/** Which targets are this server itself. */
import type { ListenAddress } from './context.ts';
import { isLoopback } from './http/security.ts';

const EVERYWHERE = new Set(['0.0.0.0', '::']);

/** Whether a URL leads to what listens there; a port that the system chooses (0) is nobody's yet. */
export function isOwnUrl(url: string, listen: ListenAddress): boolean {
  const { hostname, port, protocol } = new URL(url);
  if (Number(port || (protocol === 'https:' ? 443 : 80)) !== listen.port) return false;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === listen.host) return true;
  return isLoopback(host) && (isLoopback(listen.host) || EVERYWHERE.has(listen.host));
}
