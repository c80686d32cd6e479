export { ChangeLog } from './change-log.ts';
export { openStore } from './open.ts';
export {
  type Cardinality,
  type CardinalityEntry,
  type EndedSeries,
  type Outage,
  type Retention,
  type StoreChanges,
  StoreError,
  type StoreErrorCode,
  type StoreLog,
  type StoreOptions,
  type StoreProblem,
  type StoreStats,
  type TimeSeriesStore,
} from './types.ts';
