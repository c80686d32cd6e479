import type { Clock } from '@watchroom/model';
import type { RollupStats, StoreStats, TimeSeriesStore } from '@watchroom/tsdb';
import type { Configuration } from '../configuration.ts';
import type { ServerMetrics } from './server-metrics.ts';

const READINGS: readonly (readonly [name: string, help: string, read: (stats: StoreStats) => number])[] = [
  ['series', 'Series in the index.', (stats) => stats.series],
  ['refused_series_total', 'New series refused, each time they were.', (stats) => stats.refusedSeries],
  ['head_samples', 'Samples held uncompressed in memory.', (stats) => stats.headSamples],
  ['head_bytes', 'Memory of the uncompressed samples.', (stats) => stats.headBytes],
  ['chunks', 'Compressed blocks on disk.', (stats) => stats.chunks],
  ['files', 'Files of the store.', (stats) => stats.files],
  ['disk_bytes', 'Size of the data folder.', (stats) => stats.diskBytes],
  ['appended_samples_total', 'Samples stored.', (stats) => stats.appendedTotal],
  [
    'out_of_order_samples_appended_total',
    "Samples stored that were older than their series' newest.",
    (stats) => stats.appendedLate,
  ],
  ['exemplars', 'Exemplars kept.', (stats) => stats.exemplars],
  ['exemplars_dropped_total', 'Exemplars that gave way to newer ones.', (stats) => stats.exemplarsDropped],
  ['rejected_samples_total', 'Samples not stored.', (stats) => sum(Object.values(stats.rejectedByOutcome))],
  ['wal_pending_scrapes', 'Committed scrapes not yet on disk.', (stats) => stats.walPendingScrapes],
  ['wal_pending_bytes', 'Bytes not yet on disk.', (stats) => stats.walPendingBytes],
  ['flushes_total', 'Group commits.', (stats) => stats.flushes],
  ['flush_failures_total', 'Group commits that failed.', (stats) => stats.flushFailures],
  [
    'undurable_samples_total',
    'Samples that could not be put on disk in time.',
    (stats) => stats.undurableSamples,
  ],
  ['dropped_samples_total', 'Samples dropped from memory unsaved.', (stats) => stats.droppedSamples],
  ['tombstones', 'Deleted spans of series that are still in the files.', (stats) => stats.tombstones],
  ['deletions_total', 'Deletions carried out.', (stats) => stats.deletions],
  ['cleaned_samples_total', 'Deleted samples taken off the disk.', (stats) => stats.cleanedSamples],
  ['snapshots_total', 'Snapshots taken.', (stats) => stats.snapshots],
  ['writer_restarts_total', 'Times the writing thread was started again.', (stats) => stats.writerRestarts],
  ['cache_bytes', 'Decoded chunks held for queries.', (stats) => stats.cacheBytes],
  [
    'worst_slice_seconds',
    'Longest stretch of upkeep that held the thread.',
    (stats) => stats.worstSliceMs / 1000,
  ],
];

const ROLLUP_READINGS: readonly (readonly [
  name: string,
  help: string,
  read: (stats: RollupStats) => number,
])[] = [
  ['blocks_made_total', 'Blocks of aggregates made.', (stats) => stats.blocks],
  ['windows_made_total', 'Windows of a series with samples, aggregated.', (stats) => stats.windows],
  ['bytes_made_total', 'Bytes of aggregates written.', (stats) => stats.bytes],
  [
    'failures_total',
    'Blocks of aggregates that could not be written; they are tried again.',
    (stats) => stats.failures,
  ],
  ['waiting_spans', 'Spans of time whose aggregates are to be made.', (stats) => stats.waiting],
  ['disk_bytes', 'Size of the files of aggregates.', (stats) => stats.diskBytes],
];

/** Figures of one scrape of /metrics are read together: the store looks at its files for them. */
const READ_TOGETHER_MS = 200;

export function observeStore(metrics: ServerMetrics, store: TimeSeriesStore, clock: Clock): void {
  let stats: StoreStats | undefined;
  let readAt = 0;
  const current = (): StoreStats => {
    if (!stats || clock.monotonic() - readAt > READ_TOGETHER_MS) {
      stats = store.stats();
      readAt = clock.monotonic();
    }
    return stats;
  };
  for (const [name, help, read] of READINGS) {
    metrics.readFigure(`watchroom_store_${name}`, help, () => read(current()));
  }
  for (const [name, help, read] of ROLLUP_READINGS)
    metrics.readFigures(`watchroom_store_rollup_${name}`, help, 'resolution', () =>
      current().rollups.map((rollup) => [rollup.level, read(rollup)]),
    );
  metrics.readFigure('watchroom_store_problems', 'Damages found on disk.', () => store.problems().length);
}

export function observeConfiguration(metrics: ServerMetrics, configuration: Configuration): void {
  const read = (name: string, help: string, value: () => number): void =>
    metrics.readFigure(name, help, value);
  read('watchroom_config_last_reload_successful', 'Whether the last reload was taken.', () =>
    configuration.status.ok ? 1 : 0,
  );
  read('watchroom_config_loaded_timestamp_seconds', 'When the configuration in force was loaded.', () => {
    return configuration.status.loadedAtMs / 1000;
  });
  read(
    'watchroom_config_reload_failures_total',
    'Reloads refused.',
    () => configuration.status.failedReloads,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
