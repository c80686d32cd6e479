/** A recording rule: the result of an expression under another name. Source: Prometheus 3 rules/recording.go. */
import { Labels, METRIC_NAME } from '@watchroom/model';
import { type EvaluationContext, evaluateVector, newRuleState, type RuleSample } from './rule.ts';
import type { RecordingRuleSpec } from './rule-spec.ts';

export class RecordingRule {
  readonly spec: RecordingRuleSpec;
  readonly state = newRuleState();
  /** The labels written last time, by the key of those that the expression gave. */
  #made = new Map<string, Labels>();

  constructor(spec: RecordingRuleSpec) {
    this.spec = spec;
  }

  /** The samples to write; throws when the query fails, two have one label set, or there are more than the limit. */
  async evaluate(context: EvaluationContext): Promise<readonly RuleSample[]> {
    const { timeMs, queryOffsetMs, limit, query, signal, shared } = context;
    const vector = await evaluateVector(this.spec.expr, timeMs - queryOffsetMs, query, signal, shared);
    const seen = new Set<string>();
    const before = this.#made;
    this.#made = new Map();
    const samples = vector.map((sample) => {
      const { key } = sample.labels;
      const labels = before.get(key) ?? this.#labels(sample.labels);
      this.#made.set(key, labels);
      seen.add(labels.key);
      return { labels, value: sample.value, histogram: sample.histogram };
    });
    if (seen.size < samples.length)
      throw new Error('vector contains metrics with the same labelset after applying rule labels');
    if (limit > 0 && samples.length > limit)
      throw new Error(`exceeded limit of ${limit} with ${samples.length} series`);
    return samples;
  }

  #labels(labels: Labels): Labels {
    return Labels.fromPairs([...labels.pairs(), [METRIC_NAME, this.spec.name], ...this.spec.labels.pairs()]);
  }
}
