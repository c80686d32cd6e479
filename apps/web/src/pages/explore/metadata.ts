/** Type and help of a metric: GET /api/v1/metadata. Bucket, sum and count series have their family's. */
import { z } from 'zod';
import { fetchJson } from '../../app/fetch-json.ts';

const schema = z.object({
  data: z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string() }))),
});

export interface MetricMetadata {
  readonly type: string;
  readonly help: string;
}

/** Undefined when nothing is known, or the server does not answer. */
export async function fetchMetadata(metric: string): Promise<MetricMetadata | undefined> {
  const family = metric.replace(/_(bucket|sum|count)$/, '');
  try {
    for (const name of new Set([metric, family])) {
      const body = await fetchJson(`/api/v1/metadata?metric=${encodeURIComponent(name)}`);
      const found = schema.parse(body).data[name]?.[0];
      if (found) return found;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
