/** What the routes, topics and commands of one running server share. */
import type { Clock, Labels, MetricMetadata } from '@watchroom/model';
import type { RemoteWriteReceiver } from '@watchroom/remote';
import type { RuleManager } from '@watchroom/rules';
import type { ScrapeManager } from '@watchroom/scrape';
import type { TimeSeriesStore } from '@watchroom/tsdb';
import type { Configuration } from './configuration.ts';
import type { DemoControl } from './demo-control.ts';
import type { PaintTimes } from './metrics/paint-times.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { QueryEngine } from './query-engine.ts';

export interface ServerContext {
  readonly version: string;
  /** Names this run of the server; sequence numbers of the live protocol belong to it. */
  readonly epoch: string;
  readonly startedAtMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  /** Where the built web app lies. */
  readonly webRoot: string;
  readonly listen: ListenAddress;
  /** Command-line flags, for /api/v1/status/flags. */
  readonly flags: Readonly<Record<string, string>>;
  readonly store: TimeSeriesStore;
  readonly engine: QueryEngine;
  readonly scrape: ScrapeManager;
  readonly rules: RuleManager;
  readonly remoteWrite: RemoteWriteReceiver;
  readonly configuration: Configuration;
  readonly metrics: ServerMetrics;
  readonly demo: DemoControl;
  readonly paint: PaintTimes;
  /** Set once the store is open and the first configuration is applied. */
  readonly isReady: () => boolean;
  /** This machine in node_exporter's terms, text format 0.0.4. */
  hostMetrics(): Promise<string>;
  /** Evaluates an instant query to its samples; a scalar is one sample without labels. */
  queryVector(promql: string, timeMs: number): Promise<readonly { labels: Labels; value: number }[]>;
  /** The generated health rules as YAML. */
  healthRulesText(): string;
  /** Asks the fleet for its state and tells the pages. */
  refreshDemo(): Promise<void>;
  /** Metadata of all targets by metric family, or of one family. */
  metadata(family: string | undefined): ReadonlyMap<string, MetricMetadata[]>;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** One line a message; `fields` never hold secrets. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
