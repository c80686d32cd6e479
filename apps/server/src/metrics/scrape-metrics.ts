import type { ScrapeObserver } from '@watchroom/scrape';
import type { ServerMetrics } from './server-metrics.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the scraper does, as watchroom_scrape_* metrics by pool. */
export function scrapeObserver(metrics: ServerMetrics): ScrapeObserver {
  const scrapes = metrics.counter('watchroom_scrapes_total', 'Scrapes that ended.', ['pool', 'result']);
  const seconds = metrics.histogram('watchroom_scrape_seconds', 'Fetching and parsing one scrape.', SECONDS);
  const late = metrics.histogram(
    'watchroom_scrape_late_seconds',
    'From the planned to the real start.',
    SECONDS,
  );
  const bytes = metrics.counter('watchroom_scrape_bytes_total', 'Bytes of bodies, uncompressed.');
  const skipped = metrics.counter('watchroom_scrapes_skipped_total', 'Scrapes not made in time.', ['pool']);
  const parseErrors = metrics.counter('watchroom_parse_errors_total', 'Lines that could not be read.', [
    'pool',
  ]);
  const appended = metrics.counter(
    'watchroom_scrape_samples_total',
    'Scraped samples by what became of them.',
    ['outcome'],
  );
  const exemplars = metrics.counter(
    'watchroom_scrape_exemplars_total',
    'Scraped exemplars by what became of them.',
    ['outcome'],
  );
  const dropped = metrics.counter(
    'watchroom_relabel_dropped_total',
    'Samples that metric relabelling dropped.',
  );
  const limits = metrics.counter('watchroom_scrape_limit_hits_total', 'Scrapes refused by a limit.', [
    'pool',
    'limit',
  ]);
  const restarts = metrics.counter(
    'watchroom_scrape_thread_restarts_total',
    'How often the thread that fetches targets had ended on its own.',
  );
  const discovery = metrics.counter('watchroom_discovery_refreshes_total', 'Target discovery refreshes.', [
    'pool',
    'kind',
    'result',
  ]);
  return {
    scraped(event) {
      scrapes.inc({ pool: event.pool, result: event.up ? 'ok' : 'failed' });
      seconds.observe(event.durationMs / 1000);
      late.observe(Math.max(0, event.lateMs) / 1000);
      bytes.inc(event.bytes);
    },
    skipped: (pool, count) => skipped.inc({ pool }, count),
    parseErrors: (pool, count) => parseErrors.inc({ pool }, count),
    appended: (_pool, outcome, count) => appended.inc({ outcome }, count),
    exemplars: (_pool, outcome, count) => exemplars.inc({ outcome }, count),
    relabelDropped: (_pool, count) => dropped.inc(count),
    limitHit: (pool, limit) => limits.inc({ pool, limit }),
    discoveryRefreshed: (pool, kind) => discovery.inc({ pool, kind, result: 'ok' }),
    discoveryFailed: (pool, kind) => discovery.inc({ pool, kind, result: 'failed' }),
    fetchingRestarted: () => restarts.inc(),
  };
}
