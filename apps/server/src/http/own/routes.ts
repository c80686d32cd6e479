/** watchroom's own API under /api/. */
import { errorBodySchema, healthExplanationSchema, incidentStartSchema } from '@watchroom/contract';
import { explainHealth } from '@watchroom/health';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ServerContext } from '../../context.ts';
import { DemoError } from '../../demo-control.ts';
import { timeOr } from '../prometheus/parameters.ts';
import { registerExplainRoute } from './explain-route.ts';

export function registerOwnRoutes(plain: FastifyInstance, context: ServerContext): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  registerExplainRoute(app, context);
  app.get(
    '/api/services/:service/health',
    {
      schema: {
        summary: 'Why a service has its health score',
        tags: ['watchroom'],
        params: z.object({ service: z.string().min(1).max(500) }),
        querystring: z.object({ time: z.string().max(64).optional() }),
        response: { 200: healthExplanationSchema },
      },
    },
    async (request) => {
      const timeMs = timeOr(request.query, 'time', context.clock.now());
      return explainHealth({ service: request.params.service, timeMs, query: context.queryVector });
    },
  );

  app.get(
    '/api/health/rules',
    {
      schema: {
        summary:
          'The health score as Prometheus rules, ready to be edited and named in watchroom.health.rules_file',
        tags: ['watchroom'],
        querystring: z.looseObject({}),
      },
    },
    (_request, reply) => reply.type('application/yaml').send(context.healthRulesText()),
  );

  app.post(
    '/api/demo/incident',
    {
      schema: {
        summary: 'Starts an incident in the demo fleet (demo mode only)',
        tags: ['demo'],
        body: incidentStartSchema,
        response: {
          202: z.object({ started: z.literal(true) }),
          '4xx': errorBodySchema,
          '5xx': errorBodySchema,
        },
      },
    },
    async (request, reply) => {
      try {
        await context.demo.start(request.body);
      } catch (error) {
        if (!(error instanceof DemoError)) throw error;
        return reply.code(error.status as 404).send({ code: 'demo', message: error.message });
      }
      void context.refreshDemo();
      return reply.code(202).send({ started: true as const });
    },
  );

  app.delete(
    '/api/demo/incident',
    {
      schema: {
        summary: 'Ends the incident in the demo fleet (demo mode only)',
        tags: ['demo'],
        response: {
          202: z.object({ stopped: z.literal(true) }),
          '4xx': errorBodySchema,
          '5xx': errorBodySchema,
        },
      },
    },
    async (_request, reply) => {
      try {
        await context.demo.stop();
      } catch (error) {
        if (!(error instanceof DemoError)) throw error;
        return reply.code(error.status as 404).send({ code: 'demo', message: error.message });
      }
      void context.refreshDemo();
      return reply.code(202).send({ stopped: true as const });
    },
  );
}
