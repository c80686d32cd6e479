/** /api/v1/query, query_range, format_query. Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import { formatPretty } from '@watchroom/promql';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { abortOnClose, getAndPost, merged, sendJson } from './exchange.ts';
import { envelope, resultJson } from './json.ts';
import {
  badParameter,
  limitOf,
  optionalDuration,
  parseApiDuration,
  parseParameter,
  type RawParameters,
  requiredTime,
  single,
  timeOr,
} from './parameters.ts';
import { formatQuerySchema, querySchema, rangeSchema } from './schemas.ts';

/** Source: Prometheus web/api/v1/api.go, queryRange. */
const MAX_POINTS_PER_SERIES = 11_000;

export function registerQueryRoutes(app: FastifyInstance, context: ServerContext): void {
  getAndPost(app, '/api/v1/query', querySchema, (request, reply) => instant(context, request, reply));
  getAndPost(app, '/api/v1/query_range', rangeSchema, (request, reply) => range(context, request, reply));
  getAndPost(app, '/api/v1/format_query', formatQuerySchema, (request, reply) => {
    const expr = parseParameter('query', required(merged(request), 'query'));
    return sendJson(reply, envelope(JSON.stringify(formatPretty(expr))));
  });
}

async function instant(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const raw = merged(request);
  const limit = limitOf(raw);
  const timeMs = timeOr(raw, 'time', context.clock.now());
  const expr = parseParameter('query', required(raw, 'query'));
  const result = await context.engine.for('api').instant({
    query: expr,
    timeMs,
    querier: context.store,
    signal: deadlineSignal(raw, reply),
    lookbackMs: optionalDuration(raw, 'lookback_delta'),
  });
  return answer(reply, resultJson(result, limit), result);
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
  const stepMs = parseApiDuration('step', required(raw, 'step'));
  if (stepMs <= 0) {
    throw badParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if ((endMs - startMs) / stepMs > MAX_POINTS_PER_SERIES) {
    throw new ApiError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  const expr = parseParameter('query', required(raw, 'query'));
  const result = await context.engine.for('api').range({
    query: expr,
    startMs,
    endMs,
    stepMs: Math.max(1, Math.round(stepMs)),
    querier: context.store,
    signal: deadlineSignal(raw, reply),
    lookbackMs: optionalDuration(raw, 'lookback_delta'),
  });
  return answer(reply, resultJson(result, limit), result);
}

function answer(
  reply: FastifyReply,
  result: { json: string; limited: boolean },
  notes: { warnings: readonly string[]; infos: readonly string[] },
): FastifyReply {
  const warnings = result.limited ? [...notes.warnings, 'results truncated due to limit'] : notes.warnings;
  return sendJson(reply, envelope(result.json, warnings, notes.infos));
}

/** Ends the query when the client goes or its own `timeout` is over (the engine's own deadline holds anyway). */
function deadlineSignal(raw: RawParameters, reply: FastifyReply): AbortSignal {
  const closed = abortOnClose(reply);
  const timeoutMs = optionalDuration(raw, 'timeout');
  return timeoutMs === undefined
    ? closed
    : AbortSignal.any([closed, AbortSignal.timeout(Math.max(1, timeoutMs))]);
}

function required(raw: RawParameters, name: string): string {
  const text = single(raw, name);
  if (text === undefined) throw badParameter(name, 'it must not be empty');
  return text;
}
