/** The built web app: hashed assets cached for ever, every other page path gets index.html. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerContext } from '../context.ts';
import { answerUnmatched } from './prometheus/unmatched.ts';

const PAGES = /^\/($|\?|wall(\/|$|\?)|d\/|explore|alerts|targets|embed\/|styleguide)/;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const;
const MISSING =
  'The web app is not built. Run `npm start` in the checkout, or `node tools/bootstrap.mjs build`, then reload this page.\n';

export async function registerWebApp(app: FastifyInstance, context: ServerContext): Promise<void> {
  const root = context.webRoot;
  const built = existsSync(join(root, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root,
      index: false,
      setHeaders: (reply, path) => {
        const hashed = path.includes('/assets/');
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
    // The plugin would look for a folder listing here.
    app.get('/', { schema: { hide: true } }, (_request, reply) => sendIndex(reply));
  }
  app.setNotFoundHandler((request, reply) => {
    const { method: asked, url } = request;
    const isPage = (asked === 'GET' || asked === 'HEAD') && PAGES.test(url);
    if (isPage && built) return sendIndex(reply);
    if (isPage) return reply.code(503).type('text/plain').send(MISSING);
    const path = url.split('?')[0] ?? '';
    if (path.startsWith('/api/v1/') || path === '/federate') return answerUnmatched(app, request, reply);
    const allowed = METHODS.filter(
      (method) => app.hasRoute({ method, url: path }) || (PAGES.test(url) && /^(GET|HEAD)$/.test(method)),
    );
    if (allowed.length > 0) return answerMethod(request, reply, allowed);
    if (built && isNavigation(request, path)) return sendIndex(reply.code(404));
    const message = `there is nothing at ${asked} ${path}`;
    return reply
      .code(404)
      .type('application/json')
      .send(JSON.stringify({ code: 'not_found', message }));
  });
}

/** A person who followed a link to nowhere; the app says so in their language. Programs get JSON. */
function isNavigation({ method, headers }: FastifyRequest, path: string): boolean {
  const isOurs = /^\/(api|live|metrics|assets|-)(\/|$)/.test(path);
  return method === 'GET' && !isOurs && (headers.accept ?? '').includes('text/html');
}

function sendIndex(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache').type('text/html').sendFile('index.html');
}

/** There is something at this path, for other methods. */
function answerMethod(
  request: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): FastifyReply {
  reply.header('allow', allowed.join(', '));
  if (request.method === 'OPTIONS') return reply.code(204).send();
  const message = `${request.method} is not for this path; it takes ${allowed.join(', ')}`;
  return reply
    .code(405)
    .type('application/json')
    .send(JSON.stringify({ code: 'method_not_allowed', message }));
}
