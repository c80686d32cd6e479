/**
 * /federate: the newest sample of each selected series, for another server to scrape. Always text 0.0.4, which every
 * scraper falls back to; native histograms, which text cannot say, are left out and counted.
 * Source: https://prometheus.io/docs/prometheus/latest/federation/ and Prometheus web/federate.go.
 */
import { isStale, type Matcher, type SeriesData } from '@watchroom/model';
import { ParseError, parseMetricSelector } from '@watchroom/promql';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ServerContext } from '../../../context.ts';
import { getOnly, merged } from '../exchange.ts';
import { repeated } from '../parameters.ts';
import { federateSchema } from '../schemas.ts';
import { sendPieces } from '../stream.ts';
import { contentType, escapingOf } from './accept.ts';
import { attachedLabels, exposition, type FederatedSample, inOrder } from './exposition.ts';

export function registerFederation(app: FastifyInstance, context: ServerContext): void {
  const counters = federationCounters(context);
  getOnly(app, '/federate', federateSchema, async (request, reply) => {
    if (!context.isReady()) return plain(reply, 503, 'Service Unavailable');
    let selectors: (readonly Matcher[])[];
    try {
      selectors = repeated(merged(request), 'match[]').map((text) => parseMetricSelector(text).matchers);
    } catch (error) {
      if (error instanceof ParseError || (error as Error).name === 'PatternError')
        return plain(reply, 400, (error as Error).message);
      throw error;
    }
    const escaping = escapingOf(request.headers.accept);
    const externalLabels = attachedLabels(context.configuration.current.global.externalLabels);
    try {
      const { samples, histograms } = await newestOf(context, selectors);
      counters.histograms.inc(histograms);
      const pieces = exposition(inOrder(samples), { externalLabels, escaping });
      return sendPieces(reply, counted(pieces, counters.errors), contentType(escaping));
    } catch (error) {
      counters.errors.inc();
      context.log.error('federation failed', { error });
      return plain(reply, 500, 'internal error; the log has the details');
    }
  });
}

interface Newest {
  readonly samples: readonly FederatedSample[];
  /** Series whose newest sample is a native histogram. */
  readonly histograms: number;
}

/** One sample a series, however many selectors name it; none where a series has ended or is older than the lookback. */
async function newestOf(context: ServerContext, selectors: readonly (readonly Matcher[])[]): Promise<Newest> {
  const endMs = context.clock.now();
  const startMs = endMs - context.configuration.current.watchroom.promql.lookbackDeltaMs;
  const hints = { startMs, endMs, stepMs: 0, rangeMs: 0, func: '' };
  const found = new Map<string, FederatedSample>();
  const histograms = new Set<string>();
  for (const matchers of selectors) {
    // A selector without matchers selects nothing, there as here.
    const selected = matchers.length === 0 ? [] : await context.store.select(matchers, hints);
    for (const series of selected) {
      const sample = newest(series, startMs, endMs);
      if (sample === 'histogram') histograms.add(series.labels.key);
      else if (sample) found.set(series.labels.key, sample);
    }
  }
  return { samples: [...found.values()], histograms: histograms.size };
}

function newest(
  { labels, timestamps, values, histograms }: SeriesData,
  startMs: number,
  endMs: number,
): FederatedSample | 'histogram' | undefined {
  let at = timestamps.length - 1;
  while (at >= 0 && timestamps[at]! > endMs) at--;
  if (at < 0 || timestamps[at]! < startMs) return undefined;
  const histogram = histograms?.[at];
  if (histogram) return isStale(histogram.sum) ? undefined : 'histogram';
  return isStale(values[at]!) ? undefined : { labels, timeMs: timestamps[at]!, value: values[at]! };
}

function federationCounters({ metrics }: ServerContext) {
  // The store has no warnings to give; the counter is there for those who watch it.
  metrics.counter('prometheus_web_federation_warnings_total', 'Warnings while answering /federate.');
  return {
    errors: metrics.counter('prometheus_web_federation_errors_total', 'Answers of /federate that failed.'),
    histograms: metrics.counter(
      'watchroom_federation_histograms_skipped_total',
      'Series that /federate left out, as their newest sample is a native histogram.',
    ),
  };
}

function* counted(pieces: Generator<Buffer, void>, errors: { inc(): void }): Generator<Buffer, void> {
  try {
    yield* pieces;
  } catch (error) {
    errors.inc();
    throw error;
  }
}

function plain(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).header('content-type', 'text/plain; charset=utf-8').send(`${message}\n`);
}
