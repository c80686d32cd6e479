/** /api/v1/query_exemplars: the exemplars of the series that a query reads. */
import { type Expr, ParseError, selectorsOf } from '@watchroom/promql';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { envelope } from './envelope.ts';
import { getAndPost, merged, sendJson } from './exchange.ts';
import { MAX_TIME_MS, single, timeOr } from './parameters.ts';
import { exemplarsSchema } from './schemas.ts';

export function registerExemplarRoute(app: FastifyInstance, context: ServerContext): void {
  getAndPost(app, '/api/v1/query_exemplars', exemplarsSchema, async (request, reply) => {
    const raw = merged(request);
    const startMs = timeOr(raw, 'start', -MAX_TIME_MS);
    const endMs = timeOr(raw, 'end', MAX_TIME_MS);
    if (endMs < startMs) {
      throw new ApiError('bad_data', 'end timestamp must not be before start timestamp');
    }
    const selectors = selectorsOf(parsed(context, single(raw, 'query') ?? ''));
    if (selectors.length === 0) return reply.code(204).send();
    return sendJson(reply, envelope('[]'));
  });
}

/** Here a parse error is told without the parameter's name. */
function parsed(context: ServerContext, query: string): Expr {
  try {
    return context.engine.parse(query);
  } catch (error) {
    throw error instanceof ParseError ? new ApiError('bad_data', error.message) : error;
  }
}
