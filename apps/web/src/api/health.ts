import { type HealthExplanation, healthExplanationSchema } from '@watchroom/contract';
import { fetchJson } from '../app/fetch-json.ts';

/** Why a service has its score, now or at a time. */
export async function fetchHealth(
  { service, timeMs }: { readonly service: string; readonly timeMs: number | undefined },
  signal?: AbortSignal,
): Promise<HealthExplanation> {
  const at = timeMs === undefined ? '' : `?time=${timeMs / 1000}`;
  const path = `/api/services/${encodeURIComponent(service)}/health${at}`;
  return healthExplanationSchema.parse(await fetchJson(path, signal ? { signal } : {}));
}
