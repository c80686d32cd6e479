/** The administration API, which is not offered: its paths say so as a Prometheus without --web.enable-admin-api does. */
import type { FastifyInstance } from 'fastify';
import { envelope } from './envelope.ts';
import { sendJson } from './exchange.ts';
import { noParameters } from './schemas.ts';

const PATHS = ['delete_series', 'clean_tombstones', 'snapshot'];

export function registerAdminRoutes(app: FastifyInstance): void {
  for (const path of PATHS) {
    app.route({
      method: ['POST', 'PUT'],
      url: `/api/v1/admin/tsdb/${path}`,
      schema: { querystring: noParameters, body: noParameters, tags: ['prometheus'] },
      handler: (_request, reply) => {
        const answer = { status: 'error', errorType: 'unavailable', error: 'admin APIs disabled' };
        return sendJson(reply, JSON.stringify(answer), 500);
      },
    });
  }
  app.get(
    '/api/v1/notifications',
    { schema: { querystring: noParameters, tags: ['prometheus'] }, exposeHeadRoute: false },
    (_request, reply) => sendJson(reply, envelope('[]')),
  );
}
