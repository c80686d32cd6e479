/**
 * /api/v1/write: remote write 1.0 and 2.0. The answer's body is plain text and its counts stand in headers.
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
import type { IncomingMessage } from 'node:http';
import { release } from '@watchroom/model/release';
import type { WriteAnswer } from '@watchroom/remote';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ServerContext } from '../../context.ts';
import { readBody } from '../request-body.ts';
import { isLoopback } from '../security.ts';
import { WriteLoad } from './write-load.ts';

/** Compressed. Prometheus sends 2,000 samples a request by default, about 40 kB. */
const BODY_LIMIT_BYTES = 32 << 20;
/** At once. Each remote_write of a Prometheus has 50 shards at most, a request each. */
const MOST_REQUESTS = 256;
const MOST_BYTES = 256 << 20;

export function registerWriteRoute(app: FastifyInstance, context: ServerContext): void {
  const load = new WriteLoad(MOST_REQUESTS, MOST_BYTES);
  const busy = context.metrics.counter(
    'watchroom_remote_write_busy_total',
    'Requests sent away with 503, as too many or too large ones were on their way.',
  );
  context.metrics.readFigure(
    'watchroom_remote_write_requests_in_flight',
    'Requests on their way.',
    () => load.requests,
  );
  app.register((scope, _options, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
      readBody(payload, request.headers['content-length'], BODY_LIMIT_BYTES),
    );
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 500) context.log.error('remote write failed', { error });
      const message =
        status === 413
          ? `the request is larger than ${BODY_LIMIT_BYTES} bytes; send smaller requests`
          : status >= 500
            ? 'internal error; the log has the details'
            : error.message;
      return counted(reply, NOTHING).code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
    });
    // 503 rather than 429: a Prometheus sends again after the one, and drops samples after the other unless told not to.
    scope.addHook('onRequest', (request, reply, next) => {
      const bytes = Math.min(Number(request.headers['content-length'] ?? BODY_LIMIT_BYTES), BODY_LIMIT_BYTES);
      if (load.take(bytes)) {
        reply.raw.once('close', () => load.release(bytes));
        return next();
      }
      busy.inc();
      counted(reply, NOTHING)
        .code(503)
        .headers({ 'retry-after': '1', connection: 'close' })
        .type('text/plain; charset=utf-8')
        .send('too many remote write requests are on their way; send again later\n');
    });
    scope.post(
      '/api/v1/write',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        decompress: false,
        schema: { tags: ['prometheus'], querystring: z.looseObject({}) },
      },
      async (request, reply) => {
        if (!isLoopback(context.listen.host)) {
          return reply
            .code(404)
            .type('text/plain; charset=utf-8')
            .send('remote write is taken on a loopback address only, as there is no sign-in yet\n');
        }
        const body = request.body instanceof Uint8Array ? request.body : Buffer.alloc(0);
        const answer = await context.remoteWrite
          .take({
            body,
            contentType: request.headers['content-type'],
            contentEncoding: request.headers['content-encoding'],
            receivedAtMs: context.clock.now(),
          })
          .finally(() => release(body));
        counted(reply, answer).code(answer.status);
        if (answer.status === 204) return reply.send();
        return reply.type('text/plain; charset=utf-8').send(`${answer.message}\n`);
      },
    );
    registered();
  });
}

type Written = Pick<WriteAnswer, 'samples' | 'histograms' | 'exemplars'>;
const NOTHING: Written = { samples: 0, histograms: 0, exemplars: 0 };

/** The counts that every answer carries, those of faults too. */
function counted(reply: FastifyReply, { samples, histograms, exemplars }: Written): FastifyReply {
  return reply
    .header('x-prometheus-remote-write-samples-written', samples)
    .header('x-prometheus-remote-write-histograms-written', histograms)
    .header('x-prometheus-remote-write-exemplars-written', exemplars);
}
