import { Labels, systemClock } from '@watchroom/model';
import type { RuleGroupStatus } from '@watchroom/rules';
import { describe, expect, it } from 'vitest';
import { ruleObserver } from '../src/metrics/rule-metrics.ts';
import { ServerMetrics } from '../src/metrics/server-metrics.ts';

const RULE = {
  kind: 'recording',
  name: 'x',
  expr: '1',
  labels: Labels.EMPTY,
  health: 'ok',
  line: 1,
} as const;

const group = (name: string): RuleGroupStatus => ({
  name,
  file: 'a.yml',
  intervalMs: 5000,
  limit: 0,
  lastEvaluationMs: 1_700_000_000_500,
  evaluationMs: 250,
  samples: 7,
  restoreMs: 0,
  rules: [100, 50].map((evaluationMs) => ({
    ...RULE,
    lastError: undefined,
    lastEvaluationMs: 0,
    evaluationMs,
    alerting: undefined,
  })),
});

describe('metrics of rule groups', () => {
  it('have the names that dashboards for Prometheus ask for, and go with their group', async () => {
    const metrics = new ServerMetrics('1');
    const warned: unknown[] = [];
    const log = { info() {}, warn: (...args: unknown[]) => void warned.push(args), error() {} };
    let groups = [group('one'), group('two')];
    const observer = ruleObserver(metrics, log, systemClock, () => groups);
    observer.ruleEvaluated('a.yml;one', 100, true);
    observer.ruleEvaluated('a.yml;one', 50, false);
    observer.groupEvaluated('a.yml;one', 250, 7);
    observer.iterationsMissed('a.yml;one', 3);
    observer.problem('a.yml;one', 'x', 'no');
    const lines = async (): Promise<string[]> =>
      (await metrics.exposition()).split('\n').filter((line) => line.includes('a.yml;'));
    expect((await lines()).filter((line) => line.includes('one'))).toEqual([
      'prometheus_rule_evaluations_total{rule_group="a.yml;one"} 2',
      'prometheus_rule_evaluation_failures_total{rule_group="a.yml;one"} 1',
      'prometheus_rule_group_iterations_total{rule_group="a.yml;one"} 4',
      'prometheus_rule_group_iterations_missed_total{rule_group="a.yml;one"} 3',
      'prometheus_rule_group_interval_seconds{rule_group="a.yml;one"} 5',
      'prometheus_rule_group_rules{rule_group="a.yml;one"} 2',
      'prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="a.yml;one"} 1700000000.5',
      'prometheus_rule_group_last_duration_seconds{rule_group="a.yml;one"} 0.25',
      'prometheus_rule_group_last_rule_duration_sum_seconds{rule_group="a.yml;one"} 0.15',
      'prometheus_rule_group_last_restore_duration_seconds{rule_group="a.yml;one"} 0',
      'prometheus_rule_group_last_evaluation_samples{rule_group="a.yml;one"} 7',
    ]);
    const text = await metrics.exposition();
    expect(text).toContain('prometheus_rule_group_duration_seconds{quantile="0.99"} 0.25');
    expect(text).toContain('prometheus_rule_evaluation_duration_seconds_count 2');
    expect(warned.length).toBe(1);
    groups = [group('two')];
    observer.groupGone('a.yml;one');
    expect((await lines()).filter((line) => line.includes('one'))).toEqual([]);
    groups = [group('one')];
    expect(await lines()).toContain('prometheus_rule_evaluations_total{rule_group="a.yml;one"} 0');
  });
});
