/** /api/v1/query, query_range, format_query, parse_query. Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import { type Expr, formatPretty, type QueryResult, unwrapParens, valueTypeOf } from '@watchroom/promql';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { astJson } from './ast-json.ts';
import { envelope } from './envelope.ts';
import { abortOnClose, getAndPost, merged, sendJson } from './exchange.ts';
import {
  badParameter,
  limitOf,
  lookbackOf,
  optionalDuration,
  parseParameter,
  type RawParameters,
  requiredDuration,
  requiredTime,
  single,
  timeOr,
} from './parameters.ts';
import { statsJson } from './query-stats.ts';
import { resultPieces } from './result-json.ts';
import { formatQuerySchema, querySchema, rangeSchema } from './schemas.ts';
import { sendPieces } from './stream.ts';

/** Source: Prometheus web/api/v1/api.go, queryRange. */
const MAX_POINTS_PER_SERIES = 11_000;
/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function registerQueryRoutes(app: FastifyInstance, context: ServerContext): void {
  const parse = (text: string): Expr => context.engine.parse(text);
  getAndPost(app, '/api/v1/query', querySchema, (request, reply) => instant(context, request, reply));
  getAndPost(app, '/api/v1/query_range', rangeSchema, (request, reply) => range(context, request, reply));
  getAndPost(app, '/api/v1/format_query', formatQuerySchema, (request, reply) => {
    const expr = parseParameter(merged(request), parse);
    return sendJson(reply, envelope(JSON.stringify(formatPretty(expr))));
  });
  getAndPost(app, '/api/v1/parse_query', formatQuerySchema, (request, reply) => {
    const expr = parseParameter(merged(request), parse);
    return sendJson(reply, envelope(JSON.stringify(astJson(expr))));
  });
}

interface Asked {
  readonly raw: RawParameters;
  readonly limit: number;
  readonly query: string;
  readonly expr: Expr;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
  readonly lookbackMs: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** The parameters are looked at in Prometheus' order, so that of several faults the same one is told. */
async function instant(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const raw = merged(request);
  const limit = limitOf(raw);
  const timeMs = timeOr(raw, 'time', context.clock.now());
  return answer(context, reply, askedOf(context, raw, limit, { startMs: timeMs, endMs: timeMs, stepMs: 0 }));
}

async function range(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const raw = merged(request);
  const limit = limitOf(raw);
  const startMs = requiredTime(raw, 'start');
  const endMs = requiredTime(raw, 'end');
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time');
  const stepMs = requiredDuration(raw, 'step');
  if (stepMs <= 0) {
    const reason = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
    throw badParameter('step', reason);
  }
  if (Math.floor((endMs - startMs) / stepMs) > MAX_POINTS_PER_SERIES) {
    throw new ApiError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  const wholeStepMs = Math.max(1, Math.floor(stepMs));
  const asked = askedOf(context, raw, limit, { startMs, endMs, stepMs: wholeStepMs });
  const type = valueTypeOf(unwrapParens(asked.expr));
  if (type !== 'scalar' && type !== 'vector') {
    const name = type === 'matrix' ? 'range vector' : type;
    const reason = `invalid expression type "${name}" for range query, must be Scalar or instant Vector`;
    throw badParameter('query', reason);
  }
  return answer(context, reply, asked);
}

/** The other parameters with what was read before them; property by property, as spreads are a few percent of a small query. */
function askedOf(
  context: ServerContext,
  raw: RawParameters,
  limit: number,
  { startMs, endMs, stepMs }: Pick<Asked, 'startMs' | 'endMs' | 'stepMs'>,
): Asked {
  const timeoutMs = optionalDuration(raw, 'timeout');
  const lookbackMs = lookbackOf(raw);
  const expr = parseParameter(raw, (text) => context.engine.parse(text));
  const query = single(raw, 'query') ?? '';
  return { raw, limit, query, expr, startMs, endMs, stepMs, lookbackMs, timeoutMs };
}

async function answer(context: ServerContext, reply: FastifyReply, asked: Asked): Promise<FastifyReply> {
  const { query, startMs, endMs, stepMs, lookbackMs, timeoutMs, limit } = asked;
  const { engine } = context;
  const queries = single(asked.raw, 'nocache') === '1' ? engine.anew : engine.for('api');
  const signal = abortOnClose(reply);
  const querier = context.store;
  if (timeoutMs !== undefined && timeoutMs <= 0)
    throw new ApiError('timeout', 'query timed out in query queue');
  const deadline = timeoutMs === undefined ? undefined : Math.min(timeoutMs, MAX_TIMER_MS);
  const result: QueryResult =
    stepMs === 0
      ? await queries.instant({ query, querier, signal, lookbackMs, timeoutMs: deadline, timeMs: startMs })
      : await queries.range({
          query,
          querier,
          signal,
          lookbackMs,
          timeoutMs: deadline,
          startMs,
          endMs,
          stepMs,
        });
  const detail = single(asked.raw, 'stats');
  const stats =
    detail === undefined
      ? undefined
      : await statsJson({ ...asked, querier, queries, signal, detail }, result);
  return sendPieces(reply, resultPieces(result, { limit, stats }));
}
