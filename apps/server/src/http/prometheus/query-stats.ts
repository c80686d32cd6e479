/**
 * The `stats` object of the query endpoints: timings, and the samples that Prometheus calls queryable. An instant selector
 * counts one for each series with a value, a range selector every sample in its window, at each step anew; of a subquery
 * its own points count, not what it reads. PromQL itself can count them. Source: Prometheus util/stats/query_stats.go.
 */
import type { Querier } from '@watchroom/model';
import { type Expr, formatExpr, type QueryResult, walk } from '@watchroom/promql';
import type { Queries } from '../../query-engine.ts';

export interface StatsRequest {
  readonly expr: Expr;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
  readonly lookbackMs: number | undefined;
  readonly querier: Querier;
  readonly queries: Queries;
  readonly signal: AbortSignal;
  /** `all` adds the counts of each step. */
  readonly detail: string;
}

/** The object as JSON. Costs about as much as the query itself. */
export async function statsJson(request: StatsRequest, result: QueryResult): Promise<string> {
  const perStep = await queryableSamples(request);
  const { queueMs, evalMs, samples: read } = result.stats;
  const total = perStep.reduce((sum, count) => sum + count, 0);
  const steps = perStep.map((count, i) => [(request.startMs + i * request.stepMs) / 1000, count]);
  const isText = result.value.type === 'string';
  return JSON.stringify({
    timings: {
      evalTotalTime: evalMs / 1000,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: evalMs / 1000,
      execQueueTime: queueMs / 1000,
      execTotalTime: evalMs / 1000,
    },
    samples: {
      ...(request.detail === 'all' && !isText ? { totalQueryableSamplesPerStep: steps } : {}),
      totalQueryableSamples: total,
      peakSamples: isText ? 0 : Math.max(read, pointsOf(result)),
    },
  });
}

async function queryableSamples(request: StatsRequest): Promise<number[]> {
  const { queries, querier, signal, lookbackMs, startMs, endMs, stepMs } = request;
  const count = stepMs === 0 ? 1 : Math.floor((endMs - startMs) / stepMs) + 1;
  const perStep = new Array<number>(count).fill(0);
  for (const query of countingQueries(request.expr)) {
    const common = { query, querier, signal, lookbackMs };
    const step = stepMs === 0 ? 1 : stepMs;
    const { value } = await queries.range({ ...common, startMs, endMs, stepMs: step });
    if (value.type !== 'matrix') continue;
    for (const { timestamps, values } of value.series)
      timestamps.forEach((timeMs, i) => {
        perStep[Math.round((timeMs - startMs) / step)]! += values[i]!;
      });
  }
  return perStep;
}

/** A query for each outermost selector and subquery, whose value is the number of its samples. */
function countingQueries(expr: Expr): string[] {
  const found: string[] = [];
  walk(expr, (node, path) => {
    const inside = path.some(({ type }) => type === 'subquery' || type === 'matrixSelector');
    if (inside) return;
    if (node.type === 'vectorSelector') found.push(`count(${formatExpr(node)})`);
    if (node.type === 'matrixSelector' || node.type === 'subquery')
      found.push(`sum(count_over_time(${formatExpr(node)}))`);
  });
  return found;
}

function pointsOf({ value }: QueryResult): number {
  if (value.type === 'scalar') return 1;
  if (value.type === 'vector') return value.samples.length;
  return value.type === 'matrix' ? value.series.reduce((sum, one) => sum + one.timestamps.length, 0) : 0;
}
