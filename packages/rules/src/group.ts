/**
 * A rule group: its rules are evaluated in order, and each one's samples are visible to the next.
 * Series that a rule no longer gives get a staleness marker; after a failed evaluation they stay as they are.
 * Source: Prometheus 3 rules/group.go, Group.Eval and Group.CopyState.
 */
import {
  type Appendable,
  type Appender,
  type AppendOutcome,
  type Clock,
  type Labels,
  type Querier,
  STALE,
} from '@watchroom/model';
import { type Expr, parseExpr, SharedExpressions } from '@watchroom/promql';
import { AlertingRule, type AlertSurroundings } from './alerting-rule.ts';
import { KnownAnswers } from './known-answers.ts';
import type { RulesObserver } from './observer.ts';
import { RecordingRule } from './recording-rule.ts';
import { restoreForState } from './restore.ts';
import type { EvaluationContext, RuleQuery, RuleSample } from './rule.ts';
import type { RuleGroupSpec, RuleSpec } from './rule-spec.ts';

export type Rule = RecordingRule | AlertingRule;
type SeriesByKey = ReadonlyMap<string, Labels>;

export interface GroupOptions extends AlertSurroundings {
  readonly query: RuleQuery;
  readonly querier: Querier;
  readonly appendable: Appendable;
  readonly clock: Clock;
  readonly observer: RulesObserver;
  /** Told of each alerting rule after its evaluation. */
  readonly onAlertingRule: (rule: AlertingRule, timeMs: number) => void;
}

const NO_SERIES: SeriesByKey = new Map();

export class RuleGroup {
  readonly spec: RuleGroupSpec;
  readonly intervalMs: number;
  readonly rules: readonly Rule[];
  /** The metrics it writes; one set for all feed events. */
  readonly metricNames: ReadonlySet<string>;
  /** Wall time of the start of the last evaluation, 0 before the first, and how long it took. */
  lastEvaluationMs = 0;
  evaluationMs = 0;
  /** Samples of the last evaluation. */
  samples = 0;
  /** How long the look-up of the alerts before a restart took. */
  restoreMs = 0;
  readonly #options: GroupOptions;
  readonly #shared: SharedExpressions;
  readonly #known: KnownAnswers;
  readonly #previous: SeriesByKey[];
  /** Series of rules that are gone. */
  #orphans: readonly Labels[] = [];

  constructor(spec: RuleGroupSpec, defaultIntervalMs: number, options: GroupOptions, restored: boolean) {
    this.spec = spec;
    this.intervalMs = spec.intervalMs ?? defaultIntervalMs;
    this.rules = spec.rules.map((rule) => newRule(rule, options, restored));
    this.metricNames = new Set(
      spec.rules.flatMap((rule) =>
        rule.kind === 'recording' ? [rule.name] : ['ALERTS', 'ALERTS_FOR_STATE'],
      ),
    );
    const expressions = expressionsOf(spec);
    this.#shared = new SharedExpressions(
      spec.rules.flatMap(({ expr }) => expressions.get(expr) ?? []),
      this.metricNames,
    );
    this.#known = new KnownAnswers(expressions, options.querier);
    this.#options = options;
    this.#previous = this.rules.map(() => NO_SERIES);
  }

  get key(): string {
    return groupKey(this.spec);
  }

  /** One evaluation of all rules at the slot `timeMs`; never rejects. Stops between rules when the signal is aborted. */
  async evaluate(timeMs: number, signal: AbortSignal): Promise<void> {
    const { clock, observer } = this.#options;
    const startedMs = clock.monotonic();
    this.lastEvaluationMs = clock.now();
    const context: EvaluationContext = {
      timeMs,
      queryOffsetMs: this.spec.queryOffsetMs ?? 0,
      limit: this.spec.limit,
      query: this.#options.query,
      signal,
      shared: this.#shared.begin(),
      known: this.#known,
    };
    let samples = 0;
    for (let i = 0; i < this.rules.length && !signal.aborted; i++)
      samples += await this.#evaluateRule(i, context);
    this.#markOrphans(timeMs);
    this.evaluationMs = clock.monotonic() - startedMs;
    this.samples = samples;
    observer.groupEvaluated(this.key, this.evaluationMs, samples);
  }

  /** Looks up how long alerts had been pending before a restart. Never rejects. */
  async restore(nowMs: number): Promise<void> {
    const { clock } = this.#options;
    const startedMs = clock.monotonic();
    for (const rule of this.rules) {
      if (!(rule instanceof AlertingRule) || rule.restored) continue;
      try {
        await restoreForState(rule, this.#options.querier, nowMs);
      } catch (error) {
        this.#options.observer.problem(this.key, rule.spec.name, `state not restored: ${messageOf(error)}`);
      }
    }
    this.restoreMs = clock.monotonic() - startedMs;
  }

  /**
   * Takes over alerts and series of the group as it was before a reload. Rules are paired by name and labels, in order.
   * Gives the rules that are gone.
   */
  adopt(other: RuleGroup): Rule[] {
    this.lastEvaluationMs = other.lastEvaluationMs;
    this.evaluationMs = other.evaluationMs;
    this.samples = other.samples;
    this.restoreMs = other.restoreMs;
    const unpaired = new Set(other.rules.keys());
    this.rules.forEach((rule, i) => {
      const j = other.rules.findIndex((one, at) => unpaired.has(at) && identity(one) === identity(rule));
      if (j < 0) return;
      unpaired.delete(j);
      this.#previous[i] = other.#previous[j]!;
      const before = other.rules[j]!;
      Object.assign(rule.state, before.state);
      if (rule instanceof AlertingRule && before instanceof AlertingRule) rule.adopt(before);
    });
    this.#orphans = [...other.#orphans, ...[...unpaired].flatMap((j) => [...other.#previous[j]!.values()])];
    return [...unpaired].map((j) => other.rules[j]!);
  }

  /** Marks all series of the group stale, for a group that is gone. */
  retire(timeMs: number): void {
    this.#orphans = [...this.#orphans, ...this.#previous.flatMap((series) => [...series.values()])];
    this.#previous.fill(NO_SERIES);
    this.#markOrphans(timeMs);
  }

  /** The number of samples. */
  async #evaluateRule(i: number, context: EvaluationContext): Promise<number> {
    const { clock, observer, onAlertingRule } = this.#options;
    const rule = this.rules[i]!;
    const startedMs = clock.monotonic();
    rule.state.lastEvaluationMs = clock.now();
    let samples: readonly RuleSample[] = [];
    let fault: string | undefined;
    try {
      samples = await rule.evaluate(context);
      fault = this.#write(i, samples, context.timeMs - context.queryOffsetMs);
    } catch (error) {
      fault = messageOf(error);
    }
    if (fault !== undefined && context.signal.aborted) return 0;
    rule.state.evaluationMs = clock.monotonic() - startedMs;
    rule.state.health = fault === undefined ? 'ok' : 'err';
    rule.state.lastError = fault;
    observer.ruleEvaluated(this.key, rule.state.evaluationMs, fault === undefined);
    if (fault !== undefined) observer.problem(this.key, rule.spec.name, fault);
    if (rule instanceof AlertingRule) onAlertingRule(rule, context.timeMs);
    return samples.length;
  }

  /** Appends and commits; gives what kept a sample from being stored. */
  #write(i: number, samples: readonly RuleSample[], timeMs: number): string | undefined {
    const before = this.#previous[i]!;
    if (samples.length === 0 && before.size === 0) return undefined;
    const appender = this.#options.appendable.appender();
    const stored: Labels[] = [];
    const refused = new Map<AppendOutcome, number>();
    for (const { labels, value, histogram } of samples) {
      const ref = appender.series(labels);
      const outcome = histogram
        ? appender.appendHistogram(ref, timeMs, histogram)
        : appender.append(ref, timeMs, value);
      if (outcome === 'ok' || outcome === 'duplicate') stored.push(labels);
      else refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
    }
    const written = isSame(stored, before) ? before : new Map(stored.map((labels) => [labels.key, labels]));
    if (written !== before)
      for (const [key, labels] of before) if (!written.has(key)) markStale(appender, labels, timeMs);
    appender.commit();
    this.#previous[i] = written;
    if (refused.size === 0) return undefined;
    return `the store refused ${[...refused].map(([why, count]) => `${count} samples (${why})`).join(', ')}`;
  }

  #markOrphans(timeMs: number): void {
    if (this.#orphans.length === 0) return;
    try {
      const appender = this.#options.appendable.appender();
      for (const labels of this.#orphans)
        markStale(appender, labels, timeMs - (this.spec.queryOffsetMs ?? 0));
      appender.commit();
      this.#orphans = [];
    } catch (error) {
      this.#options.observer.problem(this.key, '', `series of former rules not ended: ${messageOf(error)}`);
    }
  }
}

/** By their texts. Those that an engine with other settings cannot read fail when they are evaluated. */
function expressionsOf(spec: RuleGroupSpec): Map<string, Expr> {
  const found = new Map<string, Expr>();
  for (const { expr } of spec.rules) {
    try {
      found.set(expr, parseExpr(expr, { experimental: true }));
    } catch {}
  }
  return found;
}

/** Whether the list is of these series, in their order. */
function isSame(list: readonly Labels[], series: SeriesByKey): boolean {
  if (list.length !== series.size) return false;
  let i = 0;
  for (const labels of series.values()) if (labels !== list[i++]) return false;
  return true;
}

/** Names a group among all files. */
export function groupKey({ file, name }: Pick<RuleGroupSpec, 'file' | 'name'>): string {
  return `${file};${name}`;
}

/** A marker that another rule's sample of the same time forbids is not needed. */
function markStale(appender: Appender, labels: Labels, timeMs: number): void {
  appender.append(appender.series(labels), timeMs, STALE);
}

function newRule(spec: RuleSpec, options: GroupOptions, restored: boolean): Rule {
  return spec.kind === 'recording' ? new RecordingRule(spec) : new AlertingRule(spec, options, restored);
}

const identity = ({ spec }: Rule): string => `${spec.kind} ${spec.name} ${spec.labels.key}`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
