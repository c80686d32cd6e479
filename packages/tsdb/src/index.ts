export { openStore } from './open.ts';
export {
  type Cardinality,
  type CardinalityEntry,
  type Outage,
  type Retention,
  StoreError,
  type StoreErrorCode,
  type StoreLog,
  type StoreOptions,
  type StoreProblem,
  type StoreStats,
  type TimeSeriesStore,
} from './types.ts';
