/** Opens a data folder: locks it, brings back what is in it, and starts the thread that writes. */
import { join } from 'node:path';
import { hasTombstones, loadTombstones } from './deletion/tombstone-file.ts';
import { TombstoneSet, type Tombstones } from './deletion/tombstones.ts';
import { BlockStore } from './disk/block-store.ts';
import { ensureFormat, writeFormat } from './disk/format.ts';
import { HEARTBEAT_FILE } from './disk/heartbeat.ts';
import { type FolderLock, lockFolder } from './disk/lock.ts';
import { ProblemLog, timeText } from './disk/problem-log.ts';
import { isOutside, isReadOnly, messageOf } from './disk/sqlite.ts';
import { ExemplarBuffer } from './exemplars/exemplar-buffer.ts';
import { Head } from './head/head.ts';
import { SeriesLimit } from './head/series-limit.ts';
import { SeriesTable } from './head/series-table.ts';
import { Pace } from './pace.ts';
import { HEAD_FILE, HeadRecovery, MIN_OUTAGE_MS, type Recovered } from './recover.ts';
import { Rollups } from './rollup/rollups.ts';
import { Store, type StoreParts } from './store.ts';
import { StoreError, type StoreLog, type StoreOptions, type TimeSeriesStore } from './types.ts';
import { type StartWriter, startWriter, Writer } from './writer/client.ts';

const DEFAULT_CHUNK_ROWS = 120;
const DEFAULT_MAX_EXEMPLARS = 100_000;
/** A writing thread that keeps ending is a problem once in so long. */
const SAME_PROBLEM_MS = 60_000;

const SILENT: StoreLog = { info: () => {}, warn: () => {}, error: () => {} };

/** Opens or creates the store in `options.dir`; rejects with StoreError when that cannot be done. */
export function openStore(options: StoreOptions): Promise<TimeSeriesStore> {
  return openStoreWith(options, startWriter);
}

/** With a writing thread of one's own. */
export async function openStoreWith(options: StoreOptions, start: StartWriter): Promise<TimeSeriesStore> {
  ensureFormat(options.dir, options.log ?? SILENT);
  const lock = lockFolder(options.dir);
  let parts: StoreParts | undefined;
  try {
    writeFormat(options.dir);
    parts = load(options, lock, start);
    const store = new Store(options, parts);
    await store.start(options.markStaleOnOpen ?? true, options.gatheringSinceMs);
    return store;
  } catch (error) {
    await parts?.writer.close(1_000);
    lock.release();
    throw isOutside(error) || isReadOnly(error) ? outsideError(options.dir, error) : error;
  }
}

/** What was there is still there. */
function outsideError(dir: string, error: unknown): StoreError {
  return new StoreError(
    'unwritable',
    `cannot open the data folder ${dir}: ${messageOf(error)}. What is in it was left as it is: see to it that its disk has room and that ` +
      'this user may write there and open enough files (ulimit -n), and start again',
    error,
  );
}

function load(options: StoreOptions, lock: FolderLock, start: StartWriter): StoreParts {
  const { dir, clock } = options;
  const log = options.log ?? SILENT;
  const problems = new ProblemLog(log);
  const series = new SeriesTable();
  const head = new Head(series, clock, options.chunkRows ?? DEFAULT_CHUNK_ROWS);
  const tombstones: Tombstones = { current: TombstoneSet.NONE };
  const exemplars = new ExemplarBuffer(options.maxExemplars ?? DEFAULT_MAX_EXEMPLARS, tombstones);
  const recovery = new HeadRecovery({ dir, clock, series, head, exemplars, problems });
  const layouts = recovery.layouts();
  const withRows = recovery.segmentsWithRows();
  const blocks = new BlockStore({ dir, clock, series, problems, layouts, withRows });
  const rollups = new Rollups({ dir, clock, series, problems, raw: blocks });
  const recovered = recovery.replay(blocks, rollups);
  tombstones.current = loadTombstones({ dir, clock, series, problems }, recovered.hadTombstones);
  recovered.file.noteTombstones(hasTombstones(dir));
  head.reserveIds(Math.max(tombstones.current.beforeSegment, rollups.deletions) - 1);
  if (lock.abandoned) noteAbandoned(recovered, options);
  noteOutage(recovered, options);
  const headPath = join(dir, HEAD_FILE);
  const { file: headFile, news, outages } = recovered;
  return {
    log,
    lock,
    problems,
    pace: new Pace(),
    series,
    limit: new SeriesLimit(options.maxSeries ?? Number.POSITIVE_INFINITY, series, clock, log),
    head,
    exemplars,
    blocks,
    rollups,
    news,
    headFile,
    headPath,
    outages,
    tombstones,
    writer: startThread(options, start, problems, log),
  };
}

function startThread(options: StoreOptions, start: StartWriter, problems: ProblemLog, log: StoreLog): Writer {
  const { dir, clock } = options;
  let reportedMs = Number.NEGATIVE_INFINITY;
  return new Writer({
    start,
    settings: { dir, headPath: join(dir, HEAD_FILE), heartbeatPath: join(dir, HEARTBEAT_FILE) },
    clock,
    onEnd: (reason) => {
      if (clock.monotonic() - reportedMs < SAME_PROBLEM_MS) return;
      reportedMs = clock.monotonic();
      const what = `the thread that writes here ended (${reason}) and is started again; nothing is lost yet`;
      problems.add({ file: dir, movedTo: undefined, reason: what });
    },
    onFailure: (message) => log.error(`${dir}: copying a journal into its database failed: ${message}`),
  });
}

/** What a kill or a loss of power may have cost has no trace on the disk: the span is told. */
function noteAbandoned({ aliveMs }: Recovered, { clock, log, dir }: StoreOptions): void {
  const fromMs = Math.min(aliveMs ?? clock.now(), clock.now());
  log?.warn(
    `${dir}: the last server was ended without closing this folder; what it had not yet written is lost: ` +
      `${timeText(fromMs)} to ${timeText(clock.now())}`,
  );
}

function noteOutage({ file, outages, aliveMs }: Recovered, options: StoreOptions): void {
  const { clock, retentionMs, gatheringSinceMs } = options;
  const nowMs = gatheringSinceMs ?? clock.now();
  if (aliveMs === undefined || nowMs - aliveMs <= MIN_OUTAGE_MS) return;
  outages.push({ fromMs: aliveMs, toMs: nowMs });
  file.addOutage(aliveMs, nowMs);
  file.forgetOutages(nowMs - retentionMs);
}
