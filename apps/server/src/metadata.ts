import type { MetricMetadata } from '@watchroom/model';
import type { TargetMetadata } from '@watchroom/scrape';

/** Metadata of all targets by metric family, or of one family; what targets agree on stands once. */
export function mergeMetadata(
  targets: readonly TargetMetadata[],
  family: string | undefined,
): ReadonlyMap<string, MetricMetadata[]> {
  const merged = new Map<string, MetricMetadata[]>();
  for (const { metrics } of targets) {
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
