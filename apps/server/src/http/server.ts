/**
 * The HTTP server: Fastify with schema validation on every route, security headers, one error mapping for each API, and
 * OpenAPI at /api/docs. Routes are registered by the files beside it.
 */
import compress from '@fastify/compress';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ServerContext } from '../context.ts';
import { registerLifecycle } from './lifecycle-routes.ts';
import { registerOwnRoutes } from './own/routes.ts';
import { toApiError } from './prometheus/api-error.ts';
import { COMPRESS_FROM_BYTES, sendJson } from './prometheus/exchange.ts';
import { registerPrometheusApi } from './prometheus/routes.ts';
import { contentSecurityPolicy, registerSecurity, setHeaders } from './security.ts';
import { registerWebApp } from './web-app.ts';

const BODY_LIMIT_BYTES = 1 << 20;
/** Queries stand in addresses too; this is what Go's servers take. */
const HEADER_LIMIT_BYTES = 1 << 20;
const REQUEST_TIMEOUT_MS = 60_000;

export async function buildHttpServer(context: ServerContext): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // A GET without a body needs no stream for it.
    http: { maxHeaderSize: HEADER_LIMIT_BYTES, optimizeEmptyRequests: true },
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => {
      setHeaders(request, reply, context);
      answerError(context, error, request, reply);
    },
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 1000 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, formFields(String(body)));
    },
  );
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(context, error, request, reply));
  registerSecurity(app, context);
  context.metrics.instrument(app);
  await app.register(compress, {
    encodings: ['gzip', 'deflate', 'identity'],
    threshold: COMPRESS_FROM_BYTES,
  });
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'watchroom',
        version: context.version,
        description: "watchroom's own API under /api/ and Prometheus' HTTP API under /api/v1/.",
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: contentSecurityPolicy("'none'"),
    // The interface would send our document to a validator elsewhere.
    uiConfig: { validatorUrl: null },
  });
  registerLifecycle(app, context);
  registerPrometheusApi(app, context);
  registerOwnRoutes(app, context);
  await registerWebApp(app, context);
  return app;
}

/** Repeated names become lists. */
function formFields(body: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const former = fields[name];
    fields[name] = former === undefined ? value : [former, value].flat();
  }
  return fields;
}

function answerError(
  context: ServerContext,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.validation ? 400 : (error.statusCode ?? 500);
  if (request.url.startsWith('/api/v1/')) {
    const clientFault = status < 500 && error.statusCode !== undefined;
    const known = clientFault || error.validation ? undefined : toApiError(error);
    if (known?.errorType === 'internal')
      context.log.error('request failed', { url: request.url.split('?')[0], error });
    const body = {
      status: 'error',
      errorType: known?.errorType ?? 'bad_data',
      error: known?.message ?? error.message,
    };
    return sendJson(reply, JSON.stringify(body), known?.status ?? status);
  }
  if (status >= 500) context.log.error('request failed', { url: request.url.split('?')[0], error });
  const message = status >= 500 ? 'internal error; the log has the details' : error.message;
  return reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ code: error.code ?? 'error', message }));
}
