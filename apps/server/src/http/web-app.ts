/** The built web app: hashed assets cached for ever, every other page path gets index.html. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.ts';

const PAGES = /^\/($|\?|wall(\/|$|\?)|d\/|explore|alerts|targets|embed\/|styleguide)/;
const MISSING =
  'The web app is not built. Run `npm start` in the checkout, or `node tools/bootstrap.mjs build`, then reload this page.\n';

export async function registerWebApp(app: FastifyInstance, context: ServerContext): Promise<void> {
  const root = context.webRoot;
  const built = existsSync(join(root, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root,
      index: false,
      wildcard: false,
      setHeaders: (reply, path) => {
        const hashed = path.includes('/assets/');
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && PAGES.test(request.url);
    if (isPage && built)
      return reply.header('cache-control', 'no-cache').type('text/html').sendFile('index.html');
    if (isPage) return reply.code(503).type('text/plain').send(MISSING);
    const message = `there is nothing at ${request.method} ${request.url.split('?')[0]}`;
    return reply
      .code(404)
      .type('application/json')
      .send(JSON.stringify({ code: 'not_found', message }));
  });
}
