/** Whether what the page shows is still fed by the server. */
import { useConnection, useServerNow } from '../live/index.ts';

/** A reconnect that takes less than this is not worth a warning; STALE_AFTER_MS of the protocol plus this stays under 6 s. */
const LOST_GRACE_MS = 1500;

export type Freshness =
  | { readonly kind: 'live' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'cut'; readonly heardMs: number; readonly ageMs: number };

export function useFreshness(): Freshness {
  const { state, heardMs } = useConnection();
  const nowMs = useServerNow();
  if (state === 'live') return { kind: 'live' };
  if (heardMs === undefined || nowMs === undefined) return { kind: 'connecting' };
  const ageMs = nowMs - heardMs;
  return ageMs < LOST_GRACE_MS ? { kind: 'live' } : { kind: 'cut', heardMs, ageMs };
}
