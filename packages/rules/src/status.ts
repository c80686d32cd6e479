/** What the API and the pages say of rules. */
import type { Alert, AlertState, Labels } from '@watchroom/model';
import { AlertingRule } from './alerting-rule.ts';
import type { Rule, RuleGroup } from './group.ts';
import type { RuleHealth } from './rule.ts';

export interface RuleStatus {
  readonly kind: 'recording' | 'alerting';
  readonly name: string;
  readonly expr: string;
  readonly labels: Labels;
  readonly health: RuleHealth;
  readonly lastError: string | undefined;
  /** Wall time in ms, 0 before the first evaluation. */
  readonly lastEvaluationMs: number;
  /** How long the last evaluation took. */
  readonly evaluationMs: number;
  /** The line of the rule file it starts at. */
  readonly line: number;
  /** Of alerting rules only. */
  readonly alerting: AlertingStatus | undefined;
}

export interface AlertingStatus {
  readonly state: AlertState;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: Labels;
  /** Pending and firing alerts. */
  readonly alerts: readonly Alert[];
}

export interface RuleGroupStatus {
  readonly name: string;
  readonly file: string;
  readonly intervalMs: number;
  readonly limit: number;
  readonly lastEvaluationMs: number;
  readonly evaluationMs: number;
  /** Samples of the last evaluation. */
  readonly samples: number;
  /** How long it took to look up the alerts of before the restart; 0 when that was not done. */
  readonly restoreMs: number;
  readonly rules: readonly RuleStatus[];
}

export function groupStatus(group: RuleGroup): RuleGroupStatus {
  const { name, file, limit } = group.spec;
  const { intervalMs, lastEvaluationMs, evaluationMs, samples, restoreMs } = group;
  return {
    name,
    file,
    intervalMs,
    limit,
    lastEvaluationMs,
    evaluationMs,
    samples,
    restoreMs,
    rules: group.rules.map(ruleStatus),
  };
}

function ruleStatus(rule: Rule): RuleStatus {
  const { kind, name, expr, labels, line } = rule.spec;
  return { kind, name, expr, labels, line, ...rule.state, alerting: alertingStatus(rule) };
}

function alertingStatus(rule: Rule): AlertingStatus | undefined {
  if (!(rule instanceof AlertingRule)) return undefined;
  const { forMs, keepFiringForMs, annotations } = rule.spec;
  const alerts = rule.alerts().filter((alert) => alert.state !== 'inactive');
  return { state: rule.alertState, forMs, keepFiringForMs, annotations, alerts };
}
