/** Type and help of a metric. Bucket, sum and count series have their family's. */
import { fetchMetadata as fetchAll } from '../../api/index.ts';

export interface MetricMetadata {
  readonly type: string;
  readonly help: string;
}

/** Undefined when nothing is known, or the server does not answer. */
export async function fetchMetadata(metric: string): Promise<MetricMetadata | undefined> {
  const family = metric.replace(/_(bucket|sum|count)$/, '');
  try {
    for (const name of new Set([metric, family])) {
      const found = (await fetchAll(name))[name]?.[0];
      if (found) return found;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
