/** A recording rule: the result of an expression under another name. Source: Prometheus 3 rules/recording.go. */
import { Labels, METRIC_NAME } from '@watchroom/model';
import { type EvaluationContext, evaluateRule, newRuleState, type RuleSample } from './rule.ts';
import type { RecordingRuleSpec } from './rule-spec.ts';

export class RecordingRule {
  readonly spec: RecordingRuleSpec;
  readonly state = newRuleState();
  /** What the expression gave last time, in its order, and the labels that were written for it. */
  #given: readonly Labels[] = [];
  #written: readonly Labels[] = [];

  constructor(spec: RecordingRuleSpec) {
    this.spec = spec;
  }

  /** The samples to write; throws when the query fails, two have one label set, or there are more than the limit. */
  async evaluate(context: EvaluationContext): Promise<readonly RuleSample[]> {
    const { limit } = context;
    const vector = await evaluateRule(this.spec.expr, context);
    if (!this.#isAsBefore(vector)) this.#prepare(vector);
    if (limit > 0 && vector.length > limit)
      throw new Error(`exceeded limit of ${limit} with ${vector.length} series`);
    return vector.map(({ value, histogram }, i) => ({ labels: this.#written[i]!, value, histogram }));
  }

  #isAsBefore(vector: readonly RuleSample[]): boolean {
    if (vector.length !== this.#given.length) return false;
    for (let i = 0; i < vector.length; i++) if (vector[i]!.labels !== this.#given[i]) return false;
    return true;
  }

  #prepare(vector: readonly RuleSample[]): void {
    const made = new Map(this.#given.map(({ key }, i) => [key, this.#written[i]!]));
    const given = vector.map(({ labels }) => labels);
    const written = given.map((labels) => made.get(labels.key) ?? this.#labels(labels));
    if (new Set(written.map(({ key }) => key)).size < written.length)
      throw new Error('vector contains metrics with the same labelset after applying rule labels');
    this.#given = given;
    this.#written = written;
  }

  #labels(labels: Labels): Labels {
    return Labels.fromPairs([...labels.pairs(), [METRIC_NAME, this.spec.name], ...this.spec.labels.pairs()]);
  }
}
