/** /api/v1/series, labels, label/NAME/values, metadata. */
import { compareBytes, type Labels, type MetricMetadata, type TimeRange } from '@watchroom/model';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ServerContext } from '../../context.ts';
import { ApiError } from './api-error.ts';
import { ByteWriter } from './byte-writer.ts';
import { envelope, notesJson } from './envelope.ts';
import { getAndPost, getOnly, merged, sendJson } from './exchange.ts';
import { limitOf, matcherSets, plainLimit, rangeOf, repeated, single } from './parameters.ts';
import { TRUNCATED } from './result-json.ts';
import { metadataSchema, seriesSchema } from './schemas.ts';
import { sendPieces } from './stream.ts';

export function registerSeriesRoutes(app: FastifyInstance, context: ServerContext): void {
  getAndPost(app, '/api/v1/series', seriesSchema, async (request, reply) => {
    const raw = merged(request);
    if (repeated(raw, 'match[]').length === 0)
      throw new ApiError('bad_data', 'no match[] parameter provided');
    const limit = limitOf(raw);
    const range = rangeOf(raw);
    const found = await seriesOf(context, matcherSets(raw), range);
    return sendPieces(reply, seriesPieces(found, limit));
  });

  getAndPost(app, '/api/v1/labels', seriesSchema, async (request, reply) => {
    const { texts, limit } = await gather(request, (matchers, range) =>
      context.store.labelNames(matchers, range),
    );
    return sendJson(reply, limitedStrings(texts, limit));
  });

  const params = z.object({ name: z.string().min(1).max(1000) });
  app.get(
    '/api/v1/label/:name/values',
    {
      schema: { params, querystring: seriesSchema, tags: ['prometheus'] },
      exposeHeadRoute: false,
      decompress: false,
    },
    async (request, reply) => {
      const name = unescapeName((request.params as z.infer<typeof params>).name);
      if (name.includes('\0') || !name.isWellFormed())
        throw new ApiError('bad_data', `invalid label name: ${JSON.stringify(name)}`);
      const { texts, limit } = await gather(request, (matchers, range) =>
        context.store.labelValues(name, matchers, range),
      );
      return sendJson(reply, limitedStrings(texts, limit));
    },
  );

  getOnly(app, '/api/v1/metadata', metadataSchema, (request, reply) => {
    const raw = merged(request);
    const limit = plainLimit(raw, 'limit');
    const perMetric = plainLimit(raw, 'limit_per_metric') || Number.POSITIVE_INFINITY;
    const families = [...context.metadata(single(raw, 'metric'))]
      .sort(([a], [b]) => compareBytes(a, b))
      .slice(0, limit);
    const answer = families.map(([family, all]) => [family, all.slice(0, perMetric).map(metadataBody)]);
    return sendJson(reply, envelope(JSON.stringify(Object.fromEntries(answer))));
  });
}

function metadataBody({ type, unit, help }: MetricMetadata): object {
  return { type, unit, help };
}

type Matchers = ReturnType<typeof matcherSets>[number];

async function seriesOf(context: ServerContext, sets: Matchers[], range: TimeRange): Promise<Labels[]> {
  const byKey = new Map<string, Labels>();
  for (const matchers of sets) {
    for (const labels of await context.store.series(matchers, range)) byKey.set(labels.key, labels);
  }
  return [...byKey.values()].sort((a, b) => a.compare(b));
}

/** Label sets are written piece by piece: there may be very many. */
function* seriesPieces(found: readonly Labels[], limit: number): Generator<Buffer, void> {
  const writer = new ByteWriter();
  writer.text('{"status":"success","data":[');
  const count = Math.min(found.length, limit);
  for (let i = 0; i < count; i++) {
    writer.text(i === 0 ? found[i]!.json : `,${found[i]!.json}`);
    while (writer.hasPiece) yield writer.take();
  }
  writer.text(`]${notesJson(found.length > limit ? [TRUNCATED] : [], [])}}`);
  while (writer.hasPiece) yield writer.take();
  yield writer.rest();
}

/** What the store has for any of the request's selectors, in byte order. */
async function gather(
  request: FastifyRequest,
  read: (matchers: Matchers, range: TimeRange) => readonly string[] | Promise<readonly string[]>,
): Promise<{ readonly texts: readonly string[]; readonly limit: number }> {
  const raw = merged(request);
  const limit = limitOf(raw);
  const range = rangeOf(raw);
  const sets = matcherSets(raw);
  // The store's own answers are in order.
  if (sets.length <= 1) return { texts: await read(sets[0] ?? [], range), limit };
  const all = new Set<string>();
  for (const matchers of sets) for (const text of await read(matchers, range)) all.add(text);
  return { texts: [...all].sort(compareBytes), limit };
}

function limitedStrings(all: readonly string[], limit: number): string {
  return envelope(JSON.stringify(all.slice(0, limit)), all.length > limit ? [TRUNCATED] : []);
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
