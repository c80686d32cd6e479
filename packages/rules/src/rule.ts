/** What the two kinds of rules have in common. */
import { type Awaitable, Labels } from '@watchroom/model';
import type { QueryValue } from '@watchroom/promql';

/** Evaluates an instant query; rejects when it fails. The manager's own view of the engine. */
export type RuleQuery = (promql: string, timeMs: number, signal?: AbortSignal) => Awaitable<QueryValue>;

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** A sample that a rule wants written; its time is the evaluation's. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
}

export interface EvaluationContext {
  /** The slot of the group. */
  readonly timeMs: number;
  /** Queries look this far back. */
  readonly queryOffsetMs: number;
  readonly limit: number;
  readonly query: RuleQuery;
  readonly signal: AbortSignal;
}

/** How the last evaluation of a rule went. Times in ms; `lastEvaluationMs` is wall time, 0 before the first. */
export interface RuleState {
  health: RuleHealth;
  lastError: string | undefined;
  lastEvaluationMs: number;
  evaluationMs: number;
}

export const newRuleState = (): RuleState => ({
  health: 'unknown',
  lastError: undefined,
  lastEvaluationMs: 0,
  evaluationMs: 0,
});

/** A vector, or a scalar as a vector of one sample without labels; other results cannot be recorded. */
export async function evaluateVector(
  promql: string,
  timeMs: number,
  query: RuleQuery,
  signal: AbortSignal | undefined,
): Promise<readonly RuleSample[]> {
  const result = await query(promql, timeMs, signal);
  if (result.type === 'scalar') return [{ labels: Labels.EMPTY, value: result.value }];
  if (result.type !== 'vector') throw new Error('rule result is not a vector or scalar');
  const histogram = result.samples.find((sample) => sample.histogram !== undefined);
  if (histogram) throw new Error(`${histogram.labels} is a native histogram; rules record numbers`);
  return result.samples;
}
