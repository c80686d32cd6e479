/** What the live hub asks of the query engine: plain columns, and which samples feed a query. */
import type { QuerySpec } from '@watchroom/contract';
import { type Evaluate, type EvaluatedSeries, type FeedFilter, LiveProblem } from '@watchroom/live';
import { Labels, type Matcher, METRIC_NAME, type Querier } from '@watchroom/model';
import { ParseError, parseExpr, type QueryResult, selectorsOf } from '@watchroom/promql';
import type { Queries } from './query-engine.ts';

/** Evaluates live queries. */
export function liveEvaluate(queries: Queries, querier: Querier): Evaluate {
  return async (spec: QuerySpec, at) => {
    try {
      const result =
        'timeMs' in at
          ? await queries.instant({ query: spec.query, timeMs: at.timeMs, querier })
          : await queries.range({ query: spec.query, ...at, querier });
      return { series: columnsOf(result), warnings: result.warnings };
    } catch (error) {
      throw problemOf(error);
    }
  };
}

function columnsOf({ value }: QueryResult): EvaluatedSeries[] {
  switch (value.type) {
    case 'matrix':
      return value.series.map(({ labels, timestamps, values }) => ({ labels, times: timestamps, values }));
    case 'vector':
      return value.samples.map((sample) => ({
        labels: sample.labels,
        times: [sample.timeMs],
        values: [sample.value],
      }));
    case 'scalar':
      return [{ labels: Labels.EMPTY, times: [value.timeMs], values: [value.value] }];
    case 'string':
      throw new LiveProblem('bad_query', 'a string cannot be drawn');
  }
}

/** Which samples feed a query, experimental or not: the engine judges that. Throws LiveProblem bad_query. */
export function feedFilterOf(query: string): FeedFilter {
  try {
    const selectors = selectorsOf(parseExpr(query, { experimental: true }));
    return {
      selectors: selectors.flatMap(({ matchers }) => {
        const equals = matchers
          .filter(({ name, operator, value }) => name !== METRIC_NAME && operator === '=' && value !== '')
          .map(({ name, value }) => [name, value] as const);
        return metricNamesOf(matchers).map((metricName) => ({ metricName, equals }));
      }),
      aheadMs: Math.max(0, ...selectors.map(({ offsetMs }) => -(offsetMs ?? 0))),
    };
  } catch (error) {
    throw problemOf(error);
  }
}

/** The metrics that a selector can read: by name, or by names in a regular expression such as `a|b`; else any. */
function metricNamesOf(matchers: readonly Matcher[]): readonly (string | undefined)[] {
  for (const { name, operator, value } of matchers) {
    if (name !== METRIC_NAME) continue;
    if (operator === '=') return [value];
    const names = value.split('|');
    if (operator === '=~' && names.every((one) => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(one))) return names;
  }
  return [undefined];
}

function problemOf(error: unknown): unknown {
  if (error instanceof LiveProblem) return error;
  if (error instanceof ParseError) return new LiveProblem('bad_query', error.message);
  const declined = error instanceof Error && /^(Execution|TooManySamples|Query\w+)Error$/.test(error.name);
  return declined ? new LiveProblem('execution', (error as Error).message) : error;
}
