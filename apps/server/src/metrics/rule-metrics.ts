import type { RulesObserver } from '@watchroom/rules';
import type { Log } from '../context.ts';
import type { ServerMetrics } from './server-metrics.ts';

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What the rule groups do, as watchroom_rule_* metrics; failing rules also reach the log. */
export function ruleObserver(metrics: ServerMetrics, log: Log): RulesObserver {
  const evaluations = metrics.counter('watchroom_rule_evaluations_total', 'Rules evaluated.', [
    'group',
    'result',
  ]);
  const duration = metrics.histogram('watchroom_rule_group_seconds', 'Time to evaluate a group.', SECONDS);
  const samples = metrics.counter('watchroom_rule_samples_total', 'Samples that rules wrote.');
  const missed = metrics.counter(
    'watchroom_rule_group_missed_total',
    'Group evaluations that were skipped.',
    ['group'],
  );
  return {
    ruleEvaluated: (group, _durationMs, ok) => evaluations.inc({ group, result: ok ? 'ok' : 'failed' }),
    groupEvaluated(_group, durationMs, count) {
      duration.observe(durationMs / 1000);
      samples.inc(count);
    },
    iterationsMissed: (group, count) => missed.inc({ group }, count),
    problem: (group, rule, message) => log.warn('a rule failed', { group, rule, error: message }),
  };
}
