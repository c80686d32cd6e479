/** /api/v1/status/*: what a client of Prometheus asks to learn whom it talks to. */
import { formatDuration } from '@watchroom/model';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { envelope } from './envelope.ts';
import { getOnly, merged, sendJson } from './exchange.ts';
import { single, wholeNumber } from './parameters.ts';
import { noParameters, tsdbSchema } from './schemas.ts';

/** The Prometheus release whose API this is; Grafana picks features by it. */
const PROMETHEUS_API_VERSION = '3.5.0';
const TOP_CARDINALITY = 10;

export function registerStatusRoutes(app: FastifyInstance, context: ServerContext): void {
  getOnly(app, '/api/v1/status/config', noParameters, (_request, reply) =>
    sendJson(reply, envelope(JSON.stringify({ yaml: context.configuration.printed() }))),
  );
  getOnly(app, '/api/v1/status/flags', noParameters, (_request, reply) =>
    sendJson(reply, envelope(JSON.stringify({ ...context.flags, ...queryFlags(context) }))),
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
  getOnly(app, '/api/v1/status/tsdb', tsdbSchema, (request, reply) => {
    const text = single(merged(request), 'limit');
    const limit = text === undefined ? TOP_CARDINALITY : (wholeNumber(text) ?? 0);
    if (limit < 1) throw new ApiError('bad_data', 'limit must be a positive number');
    return sendJson(reply, envelope(JSON.stringify(tsdbStatus(context, limit))));
  });
  getOnly(app, '/api/v1/status/walreplay', noParameters, (_request, reply) =>
    sendJson(reply, envelope(JSON.stringify({ min: 0, max: 0, current: 0 }))),
  );
}

/** The engine's settings under the names of Prometheus' flags. */
function queryFlags({ configuration }: ServerContext): Record<string, string> {
  const { promql, storage } = configuration.current.watchroom;
  return {
    'query.lookback-delta': formatDuration(promql.lookbackDeltaMs),
    'query.max-concurrency': String(promql.maxConcurrency),
    'query.max-samples': String(promql.maxSamples),
    'query.timeout': formatDuration(promql.timeoutMs),
    'storage.tsdb.retention.time': formatDuration(storage.retentionMs),
    'storage.tsdb.retention.size': `${storage.maxSizeBytes}B`,
  };
}

function tsdbStatus({ store }: ServerContext, limit: number): object {
  const all = store.topCardinality(Number.POSITIVE_INFINITY);
  const { series, chunks, minTimeMs, maxTimeMs } = store.stats();
  return {
    headStats: {
      numSeries: series,
      numLabelPairs: all.seriesByLabelPair.length,
      chunkCount: chunks,
      minTime: minTimeMs ?? 0,
      maxTime: maxTimeMs ?? 0,
    },
    seriesCountByMetricName: named(all.seriesByMetricName.slice(0, limit)),
    labelValueCountByLabelName: named(all.valuesByLabelName.slice(0, limit)),
    memoryInBytesByLabelName: named(valueBytes(all.seriesByLabelPair).slice(0, limit)),
    seriesCountByLabelValuePair: named(all.seriesByLabelPair.slice(0, limit)),
  };
}

/** Bytes of each label's values, counted once for each series that has them; the largest first. */
function valueBytes(pairs: readonly { name: string; count: number }[]): { name: string; count: number }[] {
  const bytes = new Map<string, number>();
  for (const { name: pair, count } of pairs) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    bytes.set(name, (bytes.get(name) ?? 0) + Buffer.byteLength(pair.slice(at + 1)) * count);
  }
  return [...bytes].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}

/** Prometheus calls the count `value`. */
function named(entries: readonly { name: string; count: number }[]): { name: string; value: number }[] {
  return entries.map(({ name, count }) => ({ name, value: count }));
}
