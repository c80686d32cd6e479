/** What the two kinds of rules have in common. */
import { type Awaitable, Labels, type NativeHistogram } from '@watchroom/model';
import type { QueryValue, SharedResults } from '@watchroom/promql';
import type { KnownAnswers } from './known-answers.ts';

/** Evaluates an instant query; rejects when it fails. The manager's own view of the engine. */
export type RuleQuery = (
  promql: string,
  timeMs: number,
  signal?: AbortSignal,
  /** What rules of one evaluation have in common. */
  shared?: SharedResults,
) => Awaitable<QueryValue>;

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** A sample that a rule wants written; its time is the evaluation's. */
export interface RuleSample {
  readonly labels: Labels;
  /** Counts for nothing where there is a histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
}

export interface EvaluationContext {
  /** The slot of the group. */
  readonly timeMs: number;
  /** Queries look this far back. */
  readonly queryOffsetMs: number;
  readonly limit: number;
  readonly query: RuleQuery;
  readonly signal: AbortSignal;
  /** What the group's expressions have in common. */
  readonly shared: SharedResults;
  /** What need not be asked. */
  readonly known: KnownAnswers;
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

/** What a rule's expression gives in this evaluation. */
export async function evaluateRule(
  promql: string,
  context: EvaluationContext,
): Promise<readonly RuleSample[]> {
  const { timeMs, queryOffsetMs, query, signal, shared, known } = context;
  const answer = known.of(promql);
  if (answer) return answer;
  const vector = await evaluateVector(promql, timeMs - queryOffsetMs, query, signal, shared);
  known.learn(promql, vector);
  return vector;
}

/** A vector, or a scalar as a vector of one sample without labels; other results cannot be recorded. */
export async function evaluateVector(
  promql: string,
  timeMs: number,
  query: RuleQuery,
  signal: AbortSignal | undefined,
  shared?: SharedResults,
): Promise<readonly RuleSample[]> {
  const result = await query(promql, timeMs, signal, shared);
  if (result.type === 'scalar') return [{ labels: Labels.EMPTY, value: result.value }];
  if (result.type !== 'vector') throw new Error('rule result is not a vector or scalar');
  return result.samples;
}
