export { ChangeLog } from './change-log.ts';
/** Copying a folder, which may be in use, to a new one. */
export { type Copied, copyDataFolder } from './offline/backup.ts';
/** A folder read as it is, beside whoever writes to it. */
export { type BlockSummary, type FrozenStore, openFrozen } from './offline/frozen-store.ts';
/** A fault that `verifyFolder` has found. */
export type { StoreFault } from './offline/reading.ts';
/** Checking everything that a folder holds. */
export { type Verified, type VerifyListener, verifyFolder } from './offline/verify.ts';
export { openStore } from './open.ts';
/** Where a time has its place among ascending ones. */
export { lowerBound } from './query/assemble.ts';
export {
  type Cardinality,
  type CardinalityEntry,
  type EndedSeries,
  type Outage,
  type Retention,
  type RollupRetention,
  type RollupStats,
  type StoreChanges,
  StoreError,
  type StoreErrorCode,
  type StoreLog,
  type StoreOptions,
  type StoreProblem,
  type StoreStats,
  type TimeSeriesStore,
} from './types.ts';
