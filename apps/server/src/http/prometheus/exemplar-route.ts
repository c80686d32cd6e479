/** /api/v1/query_exemplars: the exemplars of the series that a query reads. */
import type { SeriesExemplars } from '@watchroom/model';
import { type Expr, ParseError, selectorsOf } from '@watchroom/promql';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { ByteWriter, jsonValue } from './byte-writer.ts';
import { getAndPost, merged } from './exchange.ts';
import { MAX_TIME_MS, single, timeOr } from './parameters.ts';
import { exemplarsSchema } from './schemas.ts';
import { sendPieces } from './stream.ts';

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
    const sets = selectors.map(({ matchers }) => matchers);
    return sendPieces(reply, exemplarPieces(context.store.exemplars(sets, { startMs, endMs })));
  });
}

/** Source: Prometheus web/api/v1/json_codec.go, marshalExemplarJSON. */
function* exemplarPieces(found: readonly SeriesExemplars[]): Generator<Buffer, void> {
  const writer = new ByteWriter();
  writer.text('{"status":"success","data":[');
  for (const [i, { labels, exemplars }] of found.entries()) {
    writer.text(`${i === 0 ? '' : ','}{"seriesLabels":${labels.json},"exemplars":[`);
    for (const [n, exemplar] of exemplars.entries()) {
      const comma = n === 0 ? '' : ',';
      const value = jsonValue(exemplar.value);
      writer.text(`${comma}{"labels":${exemplar.labels.json},"value":"${value}","timestamp":`);
      writer.time(exemplar.timeMs);
      writer.text('}');
      while (writer.hasPiece) yield writer.take();
    }
    writer.text(']}');
  }
  writer.text(']}');
  while (writer.hasPiece) yield writer.take();
  yield writer.rest();
}

/** Here a parse error is told without the parameter's name. */
function parsed(context: ServerContext, query: string): Expr {
  try {
    return context.engine.parse(query);
  } catch (error) {
    throw error instanceof ParseError ? new ApiError('bad_data', error.message) : error;
  }
}
