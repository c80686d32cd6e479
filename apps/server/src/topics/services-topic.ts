/** Topic `services`: how fresh each service's data is, by successful scrapes of its targets only. */
import type { ServiceFreshness } from '@watchroom/contract';
import type { Labels } from '@watchroom/model';

/** What the topic reads of a target. */
export interface FreshnessTarget {
  readonly labels: Labels;
  readonly health: 'up' | 'down' | 'unknown';
  readonly intervalMs: number;
  /** End of the last success. */
  readonly lastOkMs: number | undefined;
  readonly lastError: string | undefined;
}

/** One entry per value of the label `service`, from the targets as they are now. */
export function servicesDocument(targets: readonly FreshnessTarget[]): Map<string, ServiceFreshness> {
  const byService = new Map<string, FreshnessTarget[]>();
  for (const target of targets) {
    const service = target.labels.get('service');
    if (service === '') continue;
    const group = byService.get(service);
    if (group) group.push(target);
    else byService.set(service, [target]);
  }
  return new Map([...byService].map(([service, group]) => [service, freshnessOf(service, group)]));
}

function freshnessOf(service: string, targets: readonly FreshnessTarget[]): ServiceFreshness {
  const ages = targets.map((target) => target.lastOkMs ?? Number.NEGATIVE_INFINITY);
  const newest = Math.max(...ages);
  const oldest = Math.min(...ages);
  const worst = targets[ages.indexOf(oldest)]!;
  const clusters = new Set(targets.map((target) => target.labels.get('cluster')));
  return {
    service,
    cluster: clusters.size === 1 ? [...clusters][0] || undefined : [...clusters].sort().join(', '),
    targets: targets.length,
    up: targets.filter((target) => target.health === 'up').length,
    intervalMs: Math.max(...targets.map((target) => target.intervalMs)),
    newestOkMs: Number.isFinite(newest) ? newest : undefined,
    oldestOkMs: Number.isFinite(oldest) ? oldest : undefined,
    lastError: worst.lastError === '' ? undefined : worst.lastError,
  };
}
