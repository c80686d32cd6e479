/** POST /api/explore/explain: a query is run, and what each node of its tree cost is told. The result itself is not sent. */
import {
  type ExplainAnswer,
  type ExplainRequest,
  errorBodySchema,
  explainAnswerSchema,
  explainRequestSchema,
  MAX_POINTS,
} from '@watchroom/contract';
import type { QueryResult } from '@watchroom/promql';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ServerContext } from '../../context.ts';
import { ApiError, toApiError } from '../prometheus/api-error.ts';
import { abortOnClose } from '../prometheus/exchange.ts';

export function registerExplainRoute(plain: FastifyInstance, context: ServerContext): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.post(
    '/api/explore/explain',
    {
      schema: {
        summary: 'Runs a query and tells what each node of its tree cost: time, series, samples read',
        tags: ['watchroom'],
        body: explainRequestSchema,
        response: { 200: explainAnswerSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
      },
    },
    async (request, reply) => {
      try {
        return answerOf(await run(context, request.body, abortOnClose(reply)));
      } catch (error) {
        const known = toApiError(error);
        if (known.errorType === 'internal') throw error;
        return reply.code(known.status as 400).send({ code: known.errorType, message: known.message });
      }
    },
  );
}

async function run(context: ServerContext, body: ExplainRequest, signal: AbortSignal): Promise<QueryResult> {
  const common = { query: body.query, querier: context.store, signal, explain: true };
  const engine = context.engine.for('api');
  if ('timeMs' in body) return engine.instant({ ...common, timeMs: body.timeMs });
  const { fromMs, toMs, stepMs } = body;
  if (toMs < fromMs)
    throw new ApiError('bad_data', 'invalid parameter "toMs": it must not be before "fromMs"');
  if ((toMs - fromMs) / stepMs > MAX_POINTS) {
    throw new ApiError(
      'bad_data',
      `exceeded maximum resolution of ${MAX_POINTS} points per timeseries. Take a longer step or a shorter range`,
    );
  }
  return engine.range({ ...common, startMs: fromMs, endMs: toMs, stepMs });
}

function answerOf({ explain, stats, warnings, infos }: QueryResult): ExplainAnswer {
  if (!explain) throw new Error('an explained query has its tree');
  const { samples, queueMs, evalMs } = stats;
  return {
    tree: explain,
    series: explain.series,
    samples,
    queueMs,
    evalMs,
    warnings: [...warnings],
    infos: [...infos],
  };
}
