/** /api/v1/status/*: what a client of Prometheus asks to learn whom it talks to. */
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { getOnly, merged, sendJson } from './exchange.ts';
import { envelope } from './json.ts';
import { limitOf } from './parameters.ts';
import { noParameters, seriesSchema } from './schemas.ts';

/** The Prometheus release whose API this is; Grafana picks features by it. */
const PROMETHEUS_API_VERSION = '3.5.0';
const TOP_CARDINALITY = 10;

export function registerStatusRoutes(app: FastifyInstance, context: ServerContext): void {
  getOnly(app, '/api/v1/status/config', noParameters, (_request, reply) =>
    sendJson(reply, envelope(JSON.stringify({ yaml: context.configuration.printed() }))),
  );
  getOnly(app, '/api/v1/status/flags', noParameters, (_request, reply) =>
    sendJson(reply, envelope(JSON.stringify(context.flags))),
  );
  getOnly(app, '/api/v1/status/buildinfo', noParameters, (_request, reply) =>
    sendJson(
      reply,
      envelope(
        JSON.stringify({
          version: PROMETHEUS_API_VERSION,
          revision: `watchroom ${context.version}`,
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: '',
          application: 'watchroom',
        }),
      ),
    ),
  );
  getOnly(app, '/api/v1/status/runtimeinfo', noParameters, (_request, reply) => {
    const { configuration, store } = context;
    return sendJson(
      reply,
      envelope(
        JSON.stringify({
          startTime: new Date(context.startedAtMs).toISOString(),
          CWD: '',
          hostname: '',
          serverTime: new Date(context.clock.now()).toISOString(),
          reloadConfigSuccess: configuration.status.ok,
          lastConfigTime: new Date(configuration.status.loadedAtMs).toISOString(),
          corruptionCount: store.problems().length,
          goroutineCount: 0,
          GOMAXPROCS: 1,
          GOMEMLIMIT: 0,
          GOGC: '',
          GODEBUG: '',
          storageRetention: configuration.retentionText(),
        }),
      ),
    );
  });
  getOnly(app, '/api/v1/status/tsdb', seriesSchema, (request, reply) => {
    const limit = Math.min(limitOf(merged(request)), 10_000);
    const top = context.store.topCardinality(Number.isFinite(limit) ? limit : TOP_CARDINALITY);
    const stats = context.store.stats();
    return sendJson(
      reply,
      envelope(
        JSON.stringify({
          headStats: {
            numSeries: stats.series,
            numLabelPairs: top.seriesByLabelPair.length,
            chunkCount: stats.chunks,
            minTime: stats.minTimeMs ?? 0,
            maxTime: stats.maxTimeMs ?? 0,
          },
          seriesCountByMetricName: named(top.seriesByMetricName),
          labelValueCountByLabelName: named(top.valuesByLabelName),
          memoryInBytesByLabelName: [],
          seriesCountByLabelValuePair: named(top.seriesByLabelPair),
        }),
      ),
    );
  });
  getOnly(app, '/api/v1/status/walreplay', noParameters, (_request, reply) =>
    sendJson(reply, envelope(JSON.stringify({ min: 0, max: 0, current: 0 }))),
  );
}

/** Prometheus calls the count `value`. */
function named(entries: readonly { name: string; count: number }[]): { name: string; value: number }[] {
  return entries.map(({ name, count }) => ({ name, value: count }));
}
