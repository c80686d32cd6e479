/** What scraping tells the rest of the server: countable events, and a log. Every method is cheap and never throws. */
import type { AppendOutcome, ExemplarOutcome } from '@watchroom/model';

export type DiscoveryKind = 'file' | 'http';

export type LimitKind =
  | 'body_size'
  | 'sample'
  | 'native_histogram_buckets'
  | 'target'
  | 'label'
  | 'label_name_length'
  | 'label_value_length';

export interface ScrapeObserver {
  /** A scrape ended. `durationMs` covers fetching and parsing. `bytes` is the body, uncompressed. */
  scraped(event: {
    readonly pool: string;
    readonly up: boolean;
    readonly durationMs: number;
    readonly bytes: number;
    /** Lines with a sample in the body. */
    readonly samples: number;
    /** Wall time from the planned to the real start. */
    readonly lateMs: number;
  }): void;
  /** Scrapes that were not made because the one before took too long or the process stood still. */
  skipped(pool: string, count: number): void;
  parseErrors(pool: string, count: number): void;
  /** Samples of one scrape by what became of them; report series and staleness markers are not among them. */
  appended(pool: string, outcome: AppendOutcome, count: number): void;
  /**
   * Exemplars of one scrape by what became of them. Of a native histogram's several, those before the series' newest count as
   * out of order only when all are: a target repeats what it had.
   */
  exemplars(pool: string, outcome: ExemplarOutcome, count: number): void;
  /** Samples of one scrape whose series metric_relabel_configs dropped. */
  relabelDropped(pool: string, count: number): void;
  limitHit(pool: string, limit: LimitKind): void;
  discoveryRefreshed(pool: string, kind: DiscoveryKind): void;
  discoveryFailed(pool: string, kind: DiscoveryKind): void;
  /** The part that fetches targets had ended on its own. */
  fetchingRestarted(): void;
}

/** Counts nothing. */
export const silentObserver: ScrapeObserver = {
  scraped: () => {},
  skipped: () => {},
  parseErrors: () => {},
  appended: () => {},
  exemplars: () => {},
  relabelDropped: () => {},
  limitHit: () => {},
  discoveryRefreshed: () => {},
  discoveryFailed: () => {},
  fetchingRestarted: () => {},
};

export interface ScrapeLog {
  info(message: string, detail?: Readonly<Record<string, unknown>>): void;
  warn(message: string, detail?: Readonly<Record<string, unknown>>): void;
}

export const silentLog: ScrapeLog = { info: () => {}, warn: () => {} };
