/** What the rule groups do, under the names that Prometheus gives it; failing rules also reach the log. */
import type { Clock } from '@watchroom/model';
import type { RuleGroupStatus, RulesObserver } from '@watchroom/rules';
import type { Log } from '../context.ts';
import type { ServerMetrics } from './server-metrics.ts';

const COUNTERS = {
  evaluations: ['prometheus_rule_evaluations_total', 'Rules evaluated.'],
  failures: ['prometheus_rule_evaluation_failures_total', 'Rule evaluations that failed.'],
  iterations: [
    'prometheus_rule_group_iterations_total',
    'Evaluations of a group that were due, whether they took place or were missed.',
  ],
  missed: [
    'prometheus_rule_group_iterations_missed_total',
    'Evaluations of a group that were missed because the one before took too long.',
  ],
} as const;

type Count = keyof typeof COUNTERS;

const GAUGES: readonly (readonly [string, string, (group: RuleGroupStatus) => number])[] = [
  ['prometheus_rule_group_interval_seconds', 'Time between evaluations.', (group) => group.intervalMs / 1000],
  ['prometheus_rule_group_rules', 'Rules in the group.', (group) => group.rules.length],
  [
    'prometheus_rule_group_last_evaluation_timestamp_seconds',
    'When the last evaluation began.',
    (group) => group.lastEvaluationMs / 1000,
  ],
  [
    'prometheus_rule_group_last_duration_seconds',
    'How long the last evaluation took.',
    (group) => group.evaluationMs / 1000,
  ],
  [
    'prometheus_rule_group_last_rule_duration_sum_seconds',
    'How long the rules of the last evaluation took together.',
    (group) => group.rules.reduce((sum, rule) => sum + rule.evaluationMs, 0) / 1000,
  ],
  [
    'prometheus_rule_group_last_restore_duration_seconds',
    'How long it took to look up the alerts of before the restart.',
    (group) => group.restoreMs / 1000,
  ],
  [
    'prometheus_rule_group_last_evaluation_samples',
    'Samples of the last evaluation.',
    (group) => group.samples,
  ],
];

const RULE_QUANTILES = [0.5, 0.9, 0.99];
const GROUP_QUANTILES = [0.01, 0.05, ...RULE_QUANTILES];

/** `groups` are those that run now; the figures of others are dropped. */
export function ruleObserver(
  metrics: ServerMetrics,
  log: Log,
  clock: Clock,
  groups: () => readonly RuleGroupStatus[],
): RulesObserver {
  const counts = new Map<string, Record<Count, number>>();
  const count = (group: string, what: Count, by = 1): void => {
    const own = counts.get(group) ?? { evaluations: 0, failures: 0, iterations: 0, missed: 0 };
    own[what] += by;
    counts.set(group, own);
  };
  for (const [what, [name, help]] of Object.entries(COUNTERS))
    metrics.readFigures(name, help, 'rule_group', () =>
      groups().map((group) => [keyOf(group), counts.get(keyOf(group))?.[what as Count] ?? 0]),
    );
  for (const [name, help, read] of GAUGES)
    metrics.readFigures(name, help, 'rule_group', () => groups().map((group) => [keyOf(group), read(group)]));
  const ofRule = metrics.summary(
    'prometheus_rule_evaluation_duration_seconds',
    'Time to evaluate a rule.',
    RULE_QUANTILES,
    clock,
  );
  const ofGroup = metrics.summary(
    'prometheus_rule_group_duration_seconds',
    'Time to evaluate a group.',
    GROUP_QUANTILES,
    clock,
  );
  return {
    ruleEvaluated(group, durationMs, ok) {
      ofRule.observe(durationMs / 1000);
      count(group, 'evaluations');
      if (!ok) count(group, 'failures');
    },
    groupEvaluated(group, durationMs) {
      ofGroup.observe(durationMs / 1000);
      count(group, 'iterations');
    },
    iterationsMissed(group, missed) {
      count(group, 'iterations', missed);
      count(group, 'missed', missed);
    },
    groupGone: (group) => void counts.delete(group),
    problem: (group, rule, message) => log.warn('a rule failed', { group, rule, error: message }),
  };
}

const keyOf = ({ file, name }: RuleGroupStatus): string => `${file};${name}`;
