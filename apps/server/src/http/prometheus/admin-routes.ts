/**
 * /api/v1/admin/tsdb/: deleting series, taking deleted samples off the disk, and snapshots. Offered with
 * `watchroom: { admin_api: true }`, as by a Prometheus with --web.enable-admin-api; otherwise the paths answer as one without.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/#tsdb-admin-apis
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodType } from 'zod';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { envelope } from './envelope.ts';
import { merged, sendJson } from './exchange.ts';
import { boolOf, MAX_TIME_MS, openMatcherSets, type RawParameters, repeated, timeOr } from './parameters.ts';
import { deleteSchema, noParameters, snapshotSchema } from './schemas.ts';

type Action = (raw: RawParameters, reply: FastifyReply) => Promise<FastifyReply>;

export function registerAdminRoutes(app: FastifyInstance, context: ServerContext): void {
  adminRoute(app, context, 'delete_series', deleteSchema, async (raw, reply) => {
    if (repeated(raw, 'match[]').length === 0)
      throw new ApiError('bad_data', 'no match[] parameter provided');
    const startMs = timeOr(raw, 'start', -MAX_TIME_MS);
    const endMs = timeOr(raw, 'end', MAX_TIME_MS);
    const sets = openMatcherSets(raw);
    const series = await refusable(context.store.deleteSeries(sets, { startMs, endMs }));
    context.log.info('series deleted', { match: repeated(raw, 'match[]'), startMs, endMs, series });
    return reply.code(204).send();
  });

  adminRoute(app, context, 'clean_tombstones', noParameters, async (_raw, reply) => {
    await refusable(context.store.cleanTombstones());
    return reply.code(204).send();
  });

  adminRoute(app, context, 'snapshot', snapshotSchema, async (raw, reply) => {
    const name = await refusable(context.store.snapshot({ skipHead: boolOf(raw, 'skip_head') }));
    context.log.info('snapshot taken', { name });
    return sendJson(reply, envelope(JSON.stringify({ name })));
  });

  app.get(
    '/api/v1/notifications',
    { schema: { querystring: noParameters, tags: ['prometheus'] }, exposeHeadRoute: false },
    (_request, reply) => sendJson(reply, envelope('[]')),
  );
}

function adminRoute(
  app: FastifyInstance,
  context: ServerContext,
  name: string,
  schema: ZodType,
  run: Action,
): void {
  app.route({
    method: ['POST', 'PUT'],
    url: `/api/v1/admin/tsdb/${name}`,
    schema: { querystring: schema, body: schema, tags: ['prometheus'] },
    handler: (request, reply) => {
      if (context.configuration.current.watchroom.adminApi) return run(merged(request), reply);
      const answer = { status: 'error', errorType: 'unavailable', error: 'admin APIs disabled' };
      // Not 503: Prometheus 3.5 answers so.
      return sendJson(reply, JSON.stringify(answer), 500);
    },
  });
}

/** What the disk or the store refuses is the operator's to know. */
async function refusable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new ApiError('internal', error instanceof Error ? error.message : String(error));
  }
}
