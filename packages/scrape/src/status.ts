/** What the targets page and the API show. Times are ms since the epoch. */
import type { Labels, MetricMetadata } from '@watchroom/model';
import type { RelabelStep } from '@watchroom/relabel';
import type { Health } from './target-loop.ts';

export interface TargetStatus {
  /** Names the target within its pool, stable over restarts. */
  readonly id: string;
  readonly pool: string;
  readonly labels: Labels;
  readonly discoveredLabels: Labels;
  /** Without user, password and query. */
  readonly url: string;
  readonly health: Health;
  /** '' when the last scrape was good. */
  readonly lastError: string;
  /** The last scrape's sample time. */
  readonly lastScrapeMs: number | undefined;
  readonly lastScrapeDurationMs: number;
  /** When the body of the last good scrape had arrived. */
  readonly lastOkMs: number | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly sampleCount: number;
}

/** A discovered address that is not scraped. */
export interface DroppedTarget {
  readonly pool: string;
  readonly discoveredLabels: Labels;
  /** '' when relabelling dropped it, else why it cannot be a target. */
  readonly fault: string;
}

export interface TargetMetadata {
  readonly id: string;
  readonly pool: string;
  readonly labels: Labels;
  readonly metrics: ReadonlyMap<string, MetricMetadata>;
}

export interface DiscoveryStatus {
  readonly pool: string;
  readonly kind: 'file' | 'http';
  readonly source: string;
  readonly groups: number;
  /** '' when the last attempt was good. */
  readonly lastError: string;
}

/** How a target's labels came about. */
export interface TargetTrace {
  readonly discoveredLabels: Labels;
  readonly steps: readonly RelabelStep[];
  readonly labels: Labels | undefined;
}
