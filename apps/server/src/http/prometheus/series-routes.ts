/** /api/v1/series, labels, label/NAME/values, metadata. */
import { compareBytes, type Labels, type MetricMetadata, type TimeRange } from '@watchroom/model';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { getAndPost, getOnly, merged, sendJson } from './exchange.ts';
import { envelope, labelsJson } from './json.ts';
import { badParameter, limitOf, matcherSets, rangeOf, single } from './parameters.ts';
import { metadataSchema, seriesSchema } from './schemas.ts';

const TRUNCATED = ['results truncated due to limit'];

export function registerSeriesRoutes(app: FastifyInstance, context: ServerContext): void {
  getAndPost(app, '/api/v1/series', seriesSchema, async (request, reply) => {
    const raw = merged(request);
    const sets = matcherSets(raw);
    if (sets.length === 0) throw new ApiError('bad_data', 'no match[] parameter provided');
    const found = await seriesOf(context, sets, rangeOf(raw, context.clock.now()));
    const limit = limitOf(raw);
    const data = `[${found.slice(0, limit).map(labelsJson).join(',')}]`;
    return sendJson(reply, envelope(data, found.length > limit ? TRUNCATED : []));
  });

  getAndPost(app, '/api/v1/labels', seriesSchema, async (request, reply) => {
    const names = await gather(context, request, (matchers, range) =>
      context.store.labelNames(matchers, range),
    );
    return sendJson(reply, limitedStrings(names, limitOf(merged(request))));
  });

  const params = z.object({ name: z.string().min(1).max(1000) });
  app.get(
    '/api/v1/label/:name/values',
    { schema: { params, querystring: seriesSchema, tags: ['prometheus'] } },
    async (request, reply) => {
      const name = unescapeName((request.params as z.infer<typeof params>).name);
      if (name.includes('\0')) throw badParameter('name', `invalid label name: ${JSON.stringify(name)}`);
      const values = await gather(context, request, (matchers, range) =>
        context.store.labelValues(name, matchers, range),
      );
      return sendJson(reply, limitedStrings(values, limitOf(merged(request))));
    },
  );

  getOnly(app, '/api/v1/metadata', metadataSchema, (request, reply) => {
    const raw = merged(request);
    const perMetric = limitOf(raw, 'limit_per_metric');
    const answer: Record<string, MetricMetadata[]> = {};
    for (const [family, entries] of [...context.metadata(single(raw, 'metric'))].slice(0, limitOf(raw))) {
      answer[family] = entries.slice(0, perMetric);
    }
    return sendJson(reply, envelope(JSON.stringify(answer)));
  });
}

type Matchers = ReturnType<typeof matcherSets>[number];

async function seriesOf(context: ServerContext, sets: Matchers[], range: TimeRange): Promise<Labels[]> {
  const byKey = new Map<string, Labels>();
  for (const matchers of sets) {
    for (const labels of await context.store.series(matchers, range)) byKey.set(labels.key, labels);
  }
  return [...byKey.values()].sort((a, b) => a.compare(b));
}

async function gather(
  context: ServerContext,
  request: FastifyRequest,
  read: (matchers: Matchers, range: TimeRange) => readonly string[] | Promise<readonly string[]>,
): Promise<string[]> {
  const raw = merged(request);
  const sets = matcherSets(raw);
  const range = rangeOf(raw, context.clock.now());
  const all = new Set<string>();
  for (const matchers of sets.length > 0 ? sets : [[]]) {
    for (const text of await read(matchers, range)) all.add(text);
  }
  return [...all].sort(compareBytes);
}

function limitedStrings(all: readonly string[], limit: number): string {
  return envelope(JSON.stringify(all.slice(0, limit)), all.length > limit ? TRUNCATED : []);
}

/**
 * `U__` names carry other characters as `_HEX_` and underscores doubled.
 * Source: prometheus/common model/metric.go, UnescapeName with ValueEncodingEscaping.
 */
function unescapeName(name: string): string {
  if (!name.startsWith('U__')) return name;
  return name.slice(3).replace(/__|_([0-9a-fA-F]{1,6})_/g, (_, hex: string | undefined) => {
    return hex === undefined ? '_' : String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
  });
}
