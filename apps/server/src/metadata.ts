import type { MetricMetadata } from '@watchroom/model';

/** What one target or all senders of remote writes say about metric families. */
interface MetadataSource {
  readonly metrics: Iterable<readonly [family: string, metadata: MetricMetadata]>;
}

/** Metadata of all sources by metric family, or of one family; what they agree on stands once. */
export function mergeMetadata(
  sources: readonly MetadataSource[],
  family: string | undefined,
): ReadonlyMap<string, MetricMetadata[]> {
  const merged = new Map<string, MetricMetadata[]>();
  for (const { metrics } of sources) {
    for (const [name, metadata] of metrics) {
      if (family !== undefined && name !== family) continue;
      const known = merged.get(name);
      if (!known) merged.set(name, [metadata]);
      else if (!known.some((entry) => isSame(entry, metadata))) known.push(metadata);
    }
  }
  return merged;
}

function isSame(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}
