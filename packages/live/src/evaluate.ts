/** What the hub needs from the query engine, as plain columns. */
import type { ProblemMessage, QuerySpec } from '@watchroom/contract';
import type { FeedEvent, Labels } from '@watchroom/model';

/** The grid times startMs, startMs + stepMs, … ≤ endMs. */
export interface EvaluateRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface EvaluateInstant {
  readonly timeMs: number;
}

/** Two columns of one length, times ascending; only points that exist. An instant answer has one point per series. */
export interface EvaluatedSeries {
  readonly labels: Labels;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface Evaluated {
  /** No label set twice. */
  readonly series: readonly EvaluatedSeries[];
  readonly warnings?: readonly string[] | undefined;
  /** Processor time it took in ms; without it, the time until the answer counts. */
  readonly costMs?: number | undefined;
}

/** Throws (or rejects with) LiveProblem for what the person can mend; anything else is a bug and reads `execution`. */
export type Evaluate = (
  spec: QuerySpec,
  at: EvaluateRange | EvaluateInstant,
) => Evaluated | Promise<Evaluated>;

/** One selector of a query: what must hold for a sample to feed it. */
export interface FeedSelector {
  /** Undefined when the selector has no plain name. */
  readonly metricName: string | undefined;
  readonly equals: readonly (readonly [name: string, value: string])[];
}

export interface FeedFilter {
  readonly selectors: readonly FeedSelector[];
  /** How far after an evaluation time the query reads (negative offsets); 0 for nearly all. */
  readonly aheadMs?: number | undefined;
}

/** A query that is declined or failed, in words for the person who asked. */
export class LiveProblem extends Error {
  readonly code: ProblemMessage['code'];

  constructor(code: ProblemMessage['code'], message: string) {
    super(message);
    this.name = 'LiveProblem';
    this.code = code;
  }
}

/**
 * Whether samples of a feed may reach a selector of the query. The event's labels are those that every sample carries:
 * a label that is not among them may have any value.
 */
export function feedsQuery(filter: FeedFilter, event: FeedEvent): boolean {
  return filter.selectors.some(
    ({ metricName, equals }) =>
      (metricName === undefined || event.metricNames.has(metricName)) &&
      equals.every(([name, value]) => !event.labels.has(name) || event.labels.get(name) === value),
  );
}
