/** Rules as a file states them, checked. Source: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
import type { Labels } from '@watchroom/model';

export interface RecordingRuleSpec {
  readonly kind: 'recording';
  /** The metric it writes. */
  readonly name: string;
  readonly expr: string;
  /** Set on every series it writes; the group's labels are among them. */
  readonly labels: Labels;
  /** Those of them that stand at the rule itself. */
  readonly ownLabels: Labels;
  /** Where the rule starts in its file, from 1. */
  readonly line: number;
}

export interface AlertingRuleSpec {
  readonly kind: 'alerting';
  /** The value of `alertname`. */
  readonly name: string;
  readonly expr: string;
  /** Templates; the group's labels are among them. */
  readonly labels: Labels;
  /** Those of them that stand at the rule itself. */
  readonly ownLabels: Labels;
  /** Templates. */
  readonly annotations: Labels;
  /** How long the condition holds before the alert fires. */
  readonly forMs: number;
  /** How long the alert goes on firing when the condition no longer holds. */
  readonly keepFiringForMs: number;
  readonly line: number;
}

export type RuleSpec = RecordingRuleSpec | AlertingRuleSpec;

export interface RuleGroupSpec {
  /** The path as the configuration resolves it: part of the group's identity and of its evaluation offset. */
  readonly file: string;
  readonly name: string;
  /** Undefined takes the default of the configuration. */
  readonly intervalMs: number | undefined;
  /** Queries look this far back from the evaluation time, and samples are written there. */
  readonly queryOffsetMs: number | undefined;
  /** Most series of a recording rule or alerts of an alerting rule; 0 for no limit. */
  readonly limit: number;
  readonly rules: readonly RuleSpec[];
  readonly line: number;
}

/** What is wrong with a rule file. An error means that the file must not be used; a warning that it may. */
export interface RuleProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly column: number;
  /** Names the group, the rule, the value and the remedy. */
  readonly message: string;
}
