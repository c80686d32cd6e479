/**
 * Notices when somebody deletes, replaces or moves away what a running server writes to. The server would go on writing into files
 * that no path leads to, and the next start would not find them. What the open files have is written to new ones; chunk files
 * are only reported, as what is in them can be read until the server stops.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '@watchroom/model';
import { TOMBSTONES_FILE } from './deletion/tombstone-file.ts';
import type { BlockStore } from './disk/block-store.ts';
import { FORMAT_FILE, writeFormat } from './disk/format.ts';
import { HEARTBEAT_FILE } from './disk/heartbeat.ts';
import { deviceOf, identityOf } from './disk/identity.ts';
import { type FolderLock, LOCK_FILE, PID_FILE } from './disk/lock.ts';
import { makeFolder } from './disk/make-folder.ts';
import type { ProblemLog } from './disk/problem-log.ts';
import { messageOf } from './disk/sqlite.ts';
import { HEAD_FILE } from './recover.ts';
import { StoreError } from './types.ts';
import type { Writer } from './writer/client.ts';

const JOURNAL = `${HEAD_FILE}-wal`;
/** What the writing thread keeps open. Of others it is enough that they are there. */
const WATCHED = [HEAD_FILE, JOURNAL, HEARTBEAT_FILE];
const RETRY_MS = 10_000;
const BLOCKS_EVERY_MS = 10_000;
/** More often than so within the time it is not somebody: there are file systems that give a file ever new numbers. */
const MOST_MENDED = 3;
const MENDED_WITHIN_MS = 600_000;

export interface FolderGuardOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly lock: FolderLock;
  readonly problems: ProblemLog;
  readonly writer: Writer;
  readonly stores: readonly BlockStore[];
  readonly hasTombstones: () => boolean;
  readonly writeTombstones: () => Promise<void>;
}

export class FolderGuard {
  readonly #options: FolderGuardOptions;
  readonly #device: number | undefined;
  readonly #known = new Map<string, string>();
  /** Chunk files that have been reported. */
  readonly #reported = new Set<number>();
  #mending = false;
  #restarts = 0;
  #blocksDueMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #mendedMs: number[] = [];
  #told = '';

  constructor(options: FolderGuardOptions) {
    this.#options = options;
    this.#device = deviceOf(options.dir);
    this.#learn();
  }

  /** Looks once; what has to be written is written behind. */
  check(): void {
    const { clock, writer } = this.#options;
    // A writing thread that ends takes its journal along.
    if (!writer.isRunning || writer.restarts !== this.#restarts) this.#known.delete(JOURNAL);
    this.#restarts = writer.restarts;
    if (!writer.isRunning || this.#mending || clock.monotonic() < this.#notBeforeMs) return;
    if (clock.monotonic() >= this.#blocksDueMs) this.#reportBlocks();
    const changed = this.#changed();
    if (changed.length === 0) {
      this.#learn();
      return;
    }
    this.#mending = true;
    this.#mend(changed)
      .catch((error: unknown) => this.#refused(changed, error))
      .finally(() => {
        this.#mending = false;
      });
  }

  #path(name: string): string {
    return join(this.#options.dir, name);
  }

  /** What was not there yet when it was last looked for. */
  #learn(): void {
    for (const name of WATCHED) {
      if (this.#known.has(name)) continue;
      const found = identityOf(this.#path(name));
      if (found !== undefined) this.#known.set(name, found);
    }
  }

  #changed(): string[] {
    const { lock, hasTombstones } = this.#options;
    const changed = WATCHED.filter(
      (name) => this.#known.has(name) && this.#known.get(name) !== identityOf(this.#path(name)),
    );
    if (!lock.isHeld()) changed.push(LOCK_FILE);
    for (const name of [FORMAT_FILE, PID_FILE, ...(hasTombstones() ? [TOMBSTONES_FILE] : [])])
      if (!existsSync(this.#path(name))) changed.push(name);
    return changed;
  }

  async #mend(changed: readonly string[]): Promise<void> {
    const { dir, lock, writer, clock, writeTombstones } = this.#options;
    const device = deviceOf(dir) ?? deviceOf(dirname(dir));
    if (device !== this.#device) throw new Error('the folder is on another disk now');
    makeFolder(dir);
    // Before anything else is written: another server may have begun to work there.
    lock.retake();
    writeFormat(dir);
    await writer.request({ kind: 'restore_head', moved: changed.includes(HEAD_FILE), nowMs: clock.now() });
    if (changed.includes(TOMBSTONES_FILE)) await writeTombstones();
    this.#known.clear();
    this.#learn();
    this.#tell(changed, 'what they had was written to new files');
    this.#told = '';
    const nowMs = clock.monotonic();
    this.#mendedMs = [...this.#mendedMs.filter((ms) => ms > nowMs - MENDED_WITHIN_MS), nowMs];
    if (this.#mendedMs.length < MOST_MENDED) return;
    this.#notBeforeMs = Number.POSITIVE_INFINITY;
    this.#tell(
      changed,
      `as that was the time no. ${MOST_MENDED} within minutes, nobody looks any more until the next start`,
    );
  }

  #refused(changed: readonly string[], error: unknown): void {
    const { clock, writer, dir } = this.#options;
    this.#notBeforeMs = clock.monotonic() + RETRY_MS;
    const taken = error instanceof StoreError && error.code === 'locked';
    if (taken) writer.halt(`another server works in ${dir} now`);
    const remedy = taken
      ? 'another server works in the folder now, and this one writes nothing any more: stop one of them'
      : `they cannot be written again: ${messageOf(error)}; what comes now is lost when the server stops`;
    this.#tell(changed, remedy);
    if (taken) this.#notBeforeMs = Number.POSITIVE_INFINITY;
  }

  #tell(changed: readonly string[], outcome: string): void {
    const { problems, dir } = this.#options;
    const reason = `${changed.join(', ')}: deleted, replaced or moved away while the server runs; ${outcome}`;
    if (reason === this.#told) return;
    this.#told = reason;
    problems.add({ file: dir, movedTo: undefined, reason });
  }

  #reportBlocks(): void {
    const { problems, stores, clock } = this.#options;
    this.#blocksDueMs = clock.monotonic() + BLOCKS_EVERY_MS;
    for (const file of stores.flatMap(({ files }) => files)) {
      if (file.isInPlace() || this.#reported.has(file.number)) continue;
      this.#reported.add(file.number);
      problems.add({
        file: file.path,
        movedTo: undefined,
        reason:
          'deleted, replaced or moved away while the server runs: it can be read until the server stops',
        lostFromMs: file.minMs,
        lostToMs: file.maxMs,
      });
    }
  }
}
