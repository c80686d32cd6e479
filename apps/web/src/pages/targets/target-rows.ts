/** Targets as rows: what is wrong comes first. */
import type { DroppedTarget, Labels, RelabelTrace, Target } from '../../api/index.ts';
import type { Sort } from '../../components/index.ts';
import type { State } from '../../design/state.ts';
import { labelTexts, matchesText } from '../alerts/alert-groups.ts';

export interface Pool {
  readonly name: string;
  readonly up: number;
  readonly total: number;
}

export interface TargetFilter {
  readonly text: string;
  /** Undefined: all. */
  readonly pool: string | undefined;
  readonly unhealthy: boolean;
}

export function poolsOf(targets: readonly Target[]): readonly Pool[] {
  const pools = new Map<string, { up: number; total: number }>();
  for (const { scrapePool, health } of targets) {
    const pool = pools.get(scrapePool) ?? { up: 0, total: 0 };
    pool.total++;
    if (health === 'up') pool.up++;
    pools.set(scrapePool, pool);
  }
  return [...pools].map(([name, counts]) => ({ name, ...counts })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function filterTargets(targets: readonly Target[], filter: TargetFilter): readonly Target[] {
  return targets.filter(
    (target) =>
      (filter.pool === undefined || target.scrapePool === filter.pool) &&
      (!filter.unhealthy || target.health !== 'up') &&
      matchesText(filter.text, [
        target.scrapeUrl,
        target.scrapePool,
        target.lastError,
        ...labelTexts(target.labels),
      ]),
  );
}

export function filterDropped(
  targets: readonly DroppedTarget[],
  { text, pool }: Pick<TargetFilter, 'text' | 'pool'>,
): readonly DroppedTarget[] {
  return targets.filter(
    (target) =>
      (pool === undefined || target.scrapePool === pool) &&
      matchesText(text, [target.scrapePool, target.fault ?? '', ...labelTexts(target.discoveredLabels)]),
  );
}

const RANK: Readonly<Record<Target['health'], number>> = { down: 0, unknown: 1, up: 2 };

const BY: Readonly<Record<string, (target: Target) => string | number>> = {
  state: ({ health }) => RANK[health],
  address: ({ scrapeUrl }) => scrapeUrl,
  last: ({ lastScrape }) => -(lastScrape ?? 0),
  duration: ({ lastScrapeDuration }) => lastScrapeDuration,
};

/** Stable: equal rows stay in the server's order. */
export function sortTargets(targets: readonly Target[], sort: Sort): readonly Target[] {
  const by = BY[sort.key] ?? BY['state']!;
  const sign = sort.descending ? -1 : 1;
  return [...targets].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    return x === y ? 0 : x < y ? -sign : sign;
  });
}

export function targetState({ health }: Pick<Target, 'health'>): State {
  return { up: 'healthy', down: 'critical', unknown: 'unknown' }[health] as State;
}

export interface LabelChange {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Labels that a step added, changed or removed, by name. */
export function labelChanges(before: Labels, after: Labels): readonly LabelChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, before: before[name], after: after[name] }));
}

export interface TraceStep {
  /** From 1. */
  readonly number: number;
  readonly action: string;
  readonly rule: string;
  readonly before: Labels;
  /** Null: dropped here. */
  readonly after: Labels | null;
}

/** Each step with the labels before and after it. */
export function traceSteps({ discoveredLabels, steps }: RelabelTrace): readonly TraceStep[] {
  return steps.map(({ rule, labels }, i) => ({
    number: i + 1,
    action: typeof rule['action'] === 'string' ? rule['action'] : '',
    rule: ruleText(rule),
    before: i === 0 ? discoveredLabels : (steps[i - 1]?.labels ?? {}),
    after: labels,
  }));
}

/** The rule's fields as in the configuration; the action stands in the heading. */
export function ruleText(rule: Readonly<Record<string, unknown>>): string {
  return Object.entries(rule)
    .filter(([name]) => name !== 'action')
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`)
    .join(', ');
}
