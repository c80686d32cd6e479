/** How full each resource of each instance is, 0–1, under one name: from services themselves and from node_exporter. */
import type { RuleText } from './yaml-text.ts';

const RATIO = 'watchroom:resource:ratio';
const KEEP = 'cluster, service, job, instance';
/** File systems without storage behind them. */
const REAL =
  'fstype!~"tmpfs|devtmpfs|ramfs|overlay|squashfs|iso9660|erofs|fuse.lxcfs|nsfs|proc|sysfs|cgroup2?|autofs|rpc_pipefs"';

/** A machine's own figure steps back where the instance reports the resource itself, or both would write one series. */
function machine(resource: string, expr: string): RuleText {
  return {
    record: RATIO,
    labels: { resource },
    expr: `${expr}\nunless on (job, instance) svc_saturation_ratio{resource="${resource}"}`,
  };
}

export const RESOURCE_RULES: readonly RuleText[] = [
  { record: RATIO, expr: `max by (${KEEP}, resource) (svc_saturation_ratio)` },
  machine('cpu', `clamp(1 - avg by (${KEEP}) (rate(node_cpu_seconds_total{mode="idle"}[1m])), 0, 1)`),
  machine('memory', `max by (${KEEP}) (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)`),
  machine(
    'disk',
    `max by (${KEEP}) (1 - node_filesystem_avail_bytes{${REAL}} / (node_filesystem_size_bytes{${REAL}} > 0))`,
  ),
];
