/** What the store offers and reports. Times are ms since the Unix epoch, sizes are bytes. */
import type {
  Appendable,
  AppendOutcome,
  Clock,
  ExemplarOutcome,
  ExemplarQuerier,
  Matcher,
  Querier,
  SelectHints,
  SeriesData,
  TimeRange,
} from '@watchroom/model';

/** Receives one line per event worth an operator's attention. */
export interface StoreLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface StoreOptions {
  /** The data folder; created when absent. One process at a time. */
  readonly dir: string;
  readonly clock: Clock;
  /** Since when there are samples for this store, where they come before it is open: an outage ends there. */
  readonly gatheringSinceMs?: number;
  /** Samples older than this are dropped; Infinity keeps all. */
  readonly retentionMs: number;
  /** The oldest files are dropped when the folder is larger; Infinity keeps all. */
  readonly maxBytes: number;
  /** Undefined: no aggregates are made. */
  readonly rollups?: RollupRetention | undefined;
  /** Distance of group commits: what a kill -9 may cost at most. */
  readonly flushEveryMs?: number;
  readonly log?: StoreLog;
  /** Ends series at open that were live when the last server stopped, so that the outage shows as a gap. */
  readonly markStaleOnOpen?: boolean;
  /** Rows (scrapes) of one target that are compressed together; with very many series as few as half of them. */
  readonly chunkRows?: number;
  /** Samples that wait for a disk that refuses them; beyond it the oldest stay in memory only. */
  readonly maxPendingBytes?: number;
  /** Exemplars of all series together; the oldest go first. 0 and less: none. */
  readonly maxExemplars?: number;
  /** Series that are known at once, those that have ended included; new ones beyond it are refused. Infinity: no limit. */
  readonly maxSeries?: number;
  /** A sample before its series' newest is taken when it is not older than this before the store's newest; 0: never. */
  readonly outOfOrderWindowMs?: number;
}

/** Something on disk that could not be used. Intact parts are in use; the rest is at `movedTo`. */
export interface StoreProblem {
  readonly file: string;
  /** Where the damaged bytes were set aside; undefined when there is nothing to keep (a missing tail). */
  readonly movedTo: string | undefined;
  readonly reason: string;
  readonly lostFromMs?: number | undefined;
  readonly lostToMs?: number | undefined;
}

/** A span of more than 2 s in which no server was running on this data folder. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StoreStats {
  readonly series: number;
  /** New series that were refused, each time they were. */
  readonly refusedSeries: number;
  /** Samples held uncompressed in memory. */
  readonly headSamples: number;
  readonly headBytes: number;
  /** Compressed blocks on disk: one per group of series and span of time. */
  readonly chunks: number;
  readonly files: number;
  readonly diskBytes: number;
  /** Undefined while the store is empty. */
  readonly minTimeMs: number | undefined;
  readonly maxTimeMs: number | undefined;
  readonly appendedTotal: number;
  /** Of those, the samples that were older than their series' newest. */
  readonly appendedLate: number;
  readonly rejectedByOutcome: Readonly<Record<Exclude<AppendOutcome, 'ok'>, number>>;
  /** Committed scrapes that are not yet on disk. */
  readonly walPendingScrapes: number;
  readonly walPendingBytes: number;
  readonly flushes: number;
  readonly flushFailures: number;
  readonly lastFlushError: string | undefined;
  /** Samples that could not be put on disk in time and are lost with a crash. */
  readonly undurableSamples: number;
  /** Samples dropped from memory because sealing failed for too long. */
  readonly droppedSamples: number;
  readonly sealedSamples: number;
  readonly sealedBytes: number;
  readonly exemplars: number;
  readonly exemplarSeries: number;
  readonly exemplarsAppendedTotal: number;
  /** Exemplars that gave way to newer ones. */
  readonly exemplarsDropped: number;
  readonly exemplarsRejectedByOutcome: Readonly<Record<Exclude<ExemplarOutcome, 'ok'>, number>>;
  readonly retainedFilesDropped: number;
  readonly rollups: readonly RollupStats[];
  readonly cacheBytes: number;
  /** Spans of series that are deleted and not yet out of the files. */
  readonly tombstones: number;
  readonly deletions: number;
  /** Deleted samples that were taken off the disk. */
  readonly cleanedSamples: number;
  readonly snapshots: number;
  /** How often the thread that writes had to be started again. */
  readonly writerRestarts: number;
  /** Longest stretch of upkeep (flush, seal, retention) that held the store's thread, since open. */
  readonly worstSliceMs: number;
}

/** One line of a cardinality listing. */
export interface CardinalityEntry {
  readonly name: string;
  readonly count: number;
}

/** Where series and labels go; each list is sorted, largest first. */
export interface Cardinality {
  readonly seriesByMetricName: readonly CardinalityEntry[];
  readonly valuesByLabelName: readonly CardinalityEntry[];
  readonly seriesByLabelPair: readonly CardinalityEntry[];
}

/** How long aggregates are kept; 0: none are made. One-hour ones are made from five-minute ones. */
export interface RollupRetention {
  readonly fiveMinutesMs: number;
  readonly oneHourMs: number;
}

export interface Retention {
  /** Of raw samples. */
  readonly retentionMs: number;
  readonly maxBytes: number;
  /** Undefined: no aggregates are made. */
  readonly rollups?: RollupRetention | undefined;
  /** As in StoreOptions; undefined: as before. */
  readonly maxSeries?: number | undefined;
}

/** What has become of the aggregates of one resolution. */
export interface RollupStats {
  readonly level: '5m' | '1h';
  readonly diskBytes: number;
  readonly files: number;
  /** Since the store was opened: blocks made, windows with samples in them, bytes, failures. */
  readonly blocks: number;
  readonly windows: number;
  readonly bytes: number;
  readonly failures: number;
  /** Spans of time to be looked at. */
  readonly waiting: number;
}

/** Tells a reader which of its earlier answers still hold. */
export interface StoreChanges {
  /** Names this moment. */
  mark(): number;
  /** Every sample before this time, ms, is as it was at `mark`; Infinity when none came or went, -Infinity when unknown. */
  earliestSince(mark: number): number;
  /** Samples before this time, ms, are not seen: retention has passed over them. */
  oldestMs(): number;
}

/** Series whose past has changed: ended by a restart, with markers that lie in the past, or deleted. */
export interface EndedSeries {
  readonly metricNames: ReadonlySet<string>;
  readonly oldestMs: number;
  readonly newestMs: number;
}

export interface TimeSeriesStore extends Appendable, Querier, ExemplarQuerier {
  select(matchers: readonly Matcher[], hints: SelectHints, signal?: AbortSignal): readonly SeriesData[];
  readonly changes: StoreChanges;
  /** Told after the store has ended or deleted series while it was running; one listener. */
  onEnded: ((ended: EndedSeries) => void) | undefined;
  /** Puts everything committed on disk. Resolves even when the disk refuses: see `stats().lastFlushError`. */
  flush(): Promise<void>;
  /** Flushes, stops all upkeep and lets go of the folder. */
  close(): Promise<void>;
  stats(): StoreStats;
  problems(): readonly StoreProblem[];
  outages(): readonly Outage[];
  topCardinality(limit: number): Cardinality;
  /**
   * Deletes the samples and exemplars that are there now, in the closed range, of the series that satisfy all matchers of one
   * set. They are hidden at once; what comes later is seen. On disk when it resolves, with the number of series; rejects when
   * the disk refuses, and then nothing is deleted.
   */
  deleteSeries(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): Promise<number>;
  /**
   * Takes what is deleted off the disk, file by file, while everything else goes on. Rejects when the disk refuses; what is
   * deleted stays hidden then.
   */
  cleanTombstones(): Promise<void>;
  /**
   * Makes a copy of everything committed so far (`skipHead`: of what is in blocks) that opens as a store of its own; gives its
   * folder's name in DIR/snapshots. Rejects when the disk refuses, and then there is no such folder.
   */
  snapshot(options?: { readonly skipHead?: boolean }): Promise<string>;
  setRetention(retention: Retention): void;
  setOutOfOrderWindow(windowMs: number): void;
  /** Keeps so many from now on; the oldest beyond go. */
  setMaxExemplars(max: number): void;
}

export type StoreErrorCode = 'locked' | 'newer_format' | 'unwritable' | 'closed';

/** Why a store cannot be opened; `message` is for the operator and names folder and remedy. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}
