/** Requests under /api/v1/ and of /federate that no route takes, answered as Prometheus' router does. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const METHODS = ['GET', 'POST', 'PUT'] as const;
const LABEL_VALUES = '/api/v1/label/:name/values';

export function answerUnmatched(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (request.method === 'OPTIONS') return reply.code(204).send();
  const path = request.url.split('?')[0] ?? '';
  const url = path.replace(/^\/api\/v1\/label\/[^/]+\/values$/, LABEL_VALUES);
  const allowed = METHODS.filter((method) => app.hasRoute({ method, url }));
  reply.type('text/plain; charset=utf-8');
  if (allowed.length === 0) return reply.code(404).send('404 page not found\n');
  return reply
    .code(405)
    .header('allow', [...allowed, 'OPTIONS'].sort().join(', '))
    .send('Method Not Allowed\n');
}
