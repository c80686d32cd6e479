/**
 * /api/v1/write: remote write 1.0 and 2.0. The answer's body is plain text and its counts stand in headers.
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */

import type { WriteAnswer } from '@watchroom/remote';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { ServerContext } from '../../context.ts';
import { isLoopback } from '../security.ts';

/** Compressed. Prometheus sends 2,000 samples a request by default, about 40 kB. */
const BODY_LIMIT_BYTES = 32 << 20;

export function registerWriteRoute(app: FastifyInstance, context: ServerContext): void {
  app.register((scope, _options, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
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
    scope.post(
      '/api/v1/write',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        decompress: false,
        schema: { tags: ['prometheus'], querystring: z.looseObject({}) },
      },
      (request, reply) => {
        if (!isLoopback(context.listen.host)) {
          return reply
            .code(404)
            .type('text/plain; charset=utf-8')
            .send('remote write is taken on a loopback address only, as there is no sign-in yet\n');
        }
        const answer = context.remoteWrite.receive({
          body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          contentType: request.headers['content-type'],
          contentEncoding: request.headers['content-encoding'],
          receivedAtMs: context.clock.now(),
        });
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
