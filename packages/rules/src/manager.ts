/** All rule groups of a server: reconciles them with the configuration, runs them, and tells what they write and raise. */
import {
  type Alert,
  type Appendable,
  type Clock,
  type FeedListener,
  Labels,
  type Querier,
} from '@watchroom/model';
import { AlertingRule } from './alerting-rule.ts';
import { evaluationOffset } from './evaluation-time.ts';
import { type GroupOptions, groupKey, type Rule, RuleGroup } from './group.ts';
import { GroupLoop } from './group-loop.ts';
import { type RulesObserver, silentObserver } from './observer.ts';
import type { RuleQuery } from './rule.ts';
import type { RuleGroupSpec } from './rule-spec.ts';
import { groupStatus, type RuleGroupStatus } from './status.ts';

/** What changed in one evaluation of one rule: alerts that are new, or whose state, value or annotations differ. */
export interface AlertUpdate {
  readonly timeMs: number;
  /** An alert that ended is `inactive` with `resolvedAtMs`; one that never fired is not listed any more after that. */
  readonly changed: readonly Alert[];
}

export interface RuleManagerOptions {
  /** Evaluates an instant query; see `engineQuery`. */
  readonly query: RuleQuery;
  /** Reads the alert states of the run before. */
  readonly querier: Querier;
  /** What is committed must be visible to `query` at once. */
  readonly appendable: Appendable;
  readonly clock: Clock;
  /** Told after each evaluation of a group, with the names that it records. */
  readonly onFeed?: FeedListener;
  readonly observer?: RulesObserver;
  /** Asked at each evaluation, as a reload may change them. */
  readonly externalLabels?: () => Readonly<Record<string, string>>;
  /** Where people reach the product; templates build links with it. */
  readonly externalUrl?: string;
  /** The distance of a group's evaluation times from the multiples of its interval; Prometheus' own when absent. */
  readonly offset?: (group: RuleGroupSpec, intervalMs: number) => number;
}

interface Running {
  readonly group: RuleGroup;
  readonly loop: GroupLoop;
}

export class RuleManager {
  readonly #options: RuleManagerOptions;
  readonly #observer: RulesObserver;
  readonly #groupOptions: GroupOptions;
  readonly #listeners = new Set<(update: AlertUpdate) => void>();
  #running = new Map<string, Running>();
  #applied = false;
  #closed = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(options: RuleManagerOptions) {
    this.#options = options;
    this.#observer = options.observer ?? silentObserver;
    this.#groupOptions = {
      query: options.query,
      querier: options.querier,
      appendable: options.appendable,
      clock: options.clock,
      observer: this.#observer,
      get externalLabels() {
        return options.externalLabels?.() ?? {};
      },
      externalUrl: (options.externalUrl ?? '').replace(/\/$/, ''),
      onAlertingRule: (rule, timeMs) => this.#tell(rule.changes(timeMs), timeMs),
    };
  }

  /**
   * Runs exactly these groups from now on. A group that did not change keeps running; one that did keeps the alerts and
   * series of the rules it still has; the series of a group that is gone become stale. Resolves when that is done.
   */
  apply(groups: readonly RuleGroupSpec[], defaultIntervalMs: number): Promise<void> {
    this.#queue = this.#queue.then(() => this.#reconcile(groups, defaultIntervalMs));
    return this.#queue;
  }

  /** In the order of the files. */
  groups(): RuleGroupStatus[] {
    return [...this.#running.values()].map(({ group }) => groupStatus(group));
  }

  /** Pending, firing and lately resolved alerts. */
  alerts(): Alert[] {
    return [...this.#running.values()].flatMap(({ group }) =>
      group.rules.flatMap((rule) => (rule instanceof AlertingRule ? rule.alerts() : [])),
    );
  }

  /** Calls `listener` on every change of an alert; the answer ends that. */
  onAlerts(listener: (update: AlertUpdate) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Stops all groups; resolves when running evaluations have ended. Series are left as they are. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
    await Promise.all([...this.#running.values()].map(({ loop }) => loop.stop()));
  }

  async #reconcile(specs: readonly RuleGroupSpec[], defaultIntervalMs: number): Promise<void> {
    if (this.#closed) return;
    const next = new Map<string, Running>();
    const started: Running[] = [];
    const before = this.#running;
    for (const spec of specs) {
      const key = groupKey(spec);
      const old = before.get(key);
      if (old && sameGroup(old.group, spec, defaultIntervalMs)) {
        next.set(key, old);
        continue;
      }
      await old?.loop.stop();
      const running = this.#create(spec, defaultIntervalMs);
      if (old) for (const gone of running.group.adopt(old.group)) this.#end(gone);
      next.set(key, running);
      started.push(running);
    }
    this.#running = next;
    this.#applied = true;
    for (const { loop } of started) loop.start();
    for (const [key, old] of before) if (!next.has(key)) await this.#retire(old);
  }

  #create(spec: RuleGroupSpec, defaultIntervalMs: number): Running {
    const restores = !this.#applied;
    const group = new RuleGroup(spec, defaultIntervalMs, this.#groupOptions, !restores);
    const { clock, offset } = this.#options;
    const { intervalMs } = group;
    const loop = new GroupLoop(group, {
      clock,
      offsetMs: offset ? offset(spec, intervalMs) : evaluationOffset(spec.file, spec.name, intervalMs),
      restores,
      onEvaluated: (timeMs) => this.#feed(group, timeMs),
      onMissed: (count) => this.#observer.iterationsMissed(group.key, count),
    });
    return { group, loop };
  }

  async #retire({ group, loop }: Running): Promise<void> {
    await loop.stop();
    const { clock } = this.#options;
    const goneMs = clock.now();
    for (const rule of group.rules) this.#end(rule);
    this.#observer.groupGone(group.key);
    // A renamed group writes the same series; it gets two intervals to do so before they are marked stale.
    clock.after(2 * group.intervalMs, () => {
      if (!this.#closed) group.retire(goneMs);
    });
  }

  #feed(group: RuleGroup, timeMs: number): void {
    this.#options.onFeed?.({
      metricNames: group.metricNames,
      labels: Labels.EMPTY,
      sampleTimeMs: timeMs - (group.spec.queryOffsetMs ?? 0),
      endedAtMs: this.#options.clock.now(),
      source: 'rule',
    });
  }

  /** The alerts of a rule that is gone end with it. */
  #end(rule: Rule): void {
    const nowMs = this.#options.clock.now();
    if (rule instanceof AlertingRule) this.#tell(rule.end(nowMs), nowMs);
  }

  #tell(changed: readonly Alert[], timeMs: number): void {
    if (changed.length > 0) for (const listener of this.#listeners) listener({ timeMs, changed });
  }
}

/** Whether the group as it runs is what the specification asks for; lines do not count. */
function sameGroup(group: RuleGroup, spec: RuleGroupSpec, defaultIntervalMs: number): boolean {
  return group.intervalMs === (spec.intervalMs ?? defaultIntervalMs) && content(group.spec) === content(spec);
}

function content(spec: RuleGroupSpec): string {
  return JSON.stringify([
    spec.queryOffsetMs ?? null,
    spec.limit,
    spec.rules.map((rule) => [
      rule.kind,
      rule.name,
      rule.expr,
      rule.labels.key,
      ...(rule.kind === 'alerting' ? [rule.annotations.key, rule.forMs, rule.keepFiringForMs] : []),
    ]),
  ]);
}
