/** /-/healthy, /-/ready, /-/reload as Prometheus has them, and /metrics, /metrics/node. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ServerContext } from '../context.ts';

const nothing = z.looseObject({});
/** Asked for by whoever starts a server; the hook that compresses would load the runtime's own fetch for them, 2 MB. */
const probe = { schema: { tags: ['lifecycle'], querystring: nothing }, compress: false as const };

export function registerLifecycle(app: FastifyInstance, context: ServerContext): void {
  app.get('/-/healthy', probe, (_request, reply) => reply.type('text/plain').send('watchroom is healthy.\n'));
  app.get('/-/ready', probe, (_request, reply) =>
    context.isReady()
      ? reply.type('text/plain').send('watchroom is ready.\n')
      : reply.code(503).type('text/plain').send('watchroom is starting.\n'),
  );
  app.route({
    method: ['POST', 'PUT'],
    url: '/-/reload',
    schema: { tags: ['lifecycle'], querystring: nothing },
    handler: async (_request, reply) => {
      const problems = await context.configuration.reload();
      if (problems.length === 0) return reply.type('text/plain').send('');
      return reply
        .code(500)
        .type('text/plain')
        .send(`failed to reload config:\n${problems.join('\n')}\n`);
    },
  });
  app.get('/metrics', { schema: { tags: ['lifecycle'], querystring: nothing } }, async (_request, reply) =>
    reply.type(context.metrics.contentType).send(await context.metrics.exposition()),
  );
  app.get(
    '/metrics/node',
    { schema: { tags: ['lifecycle'], querystring: nothing } },
    async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await context.hostMetrics()),
  );
}
