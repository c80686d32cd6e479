import type { ScrapeConfig } from '@watchroom/config';

/**
 * What a body may be packed with. Between programs of one machine packing takes both of them longer than it saves, so that a target here
 * is asked to leave it if it can; by way of a proxy `localhost` is another machine.
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3, https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
export function acceptEncoding(
  { enableCompression, http }: Pick<ScrapeConfig, 'enableCompression' | 'http'>,
  { hostname }: URL,
): string {
  if (!enableCompression) return 'identity';
  const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return isHere && !http.proxy.url ? 'identity, gzip;q=0.5' : 'gzip';
}
