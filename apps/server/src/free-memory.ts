/**
 * Gives back to the system what the C library has of memory that nobody uses. The engine's compilers take up to 20 MB for a moment
 * when a new server's functions become hot, dozens at once, and the pieces between which something else came to lie would stay with the
 * process for good. `malloc_trim` gives back whole pages of them; the runtime has no call for it, but SQLite calls any function of a
 * library as an extension's entry point, and the C library is one. It is asked on a database in memory that nobody else sees.
 *
 * Sources: https://man7.org/linux/man-pages/man3/malloc_trim.3.html (it returns 1 when it has released memory, which SQLite takes for a
 * failure of the extension), https://www.sqlite.org/c3ref/load_extension.html
 */
import { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '@watchroom/model';

const MB = 1 << 20;
const LOOK_EVERY_MS = 5_000;
/** So much more than after the last time may have something to give back. */
const LEAST_GROWTH = 6 * MB;
/** It was worth it when it gave so much. */
const WORTH = 3 * MB;
/** Not sooner than this after the last time, and twice as late after each time that was not worth it. */
const LEAST_WAIT_MS = 20_000;
const LONGEST_WAIT_MS = 640_000;

export interface FreeMemoryOptions {
  readonly clock: Clock;
  /** Bytes that the process takes. */
  readonly resident: () => number;
  readonly trim: () => void;
}

/** When it is worth asking: it takes a few ms, during which no thread gets memory. */
export class FreeMemory {
  readonly #options: FreeMemoryOptions;
  #left = 0;
  #waitMs = LEAST_WAIT_MS;
  #trimmedMs: number;

  constructor(options: FreeMemoryOptions) {
    this.#options = options;
    this.#trimmedMs = options.clock.monotonic();
  }

  /** To be called now and then. */
  look(): void {
    const { clock, resident, trim } = this.#options;
    if (clock.monotonic() - this.#trimmedMs < this.#waitMs) return;
    const before = resident();
    if (before - this.#left < LEAST_GROWTH) return;
    trim();
    this.#trimmedMs = clock.monotonic();
    this.#left = resident();
    const wasWorthIt = before - this.#left >= WORTH;
    this.#waitMs = wasWorthIt ? LEAST_WAIT_MS : Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }
}

/** Its types lack the second argument. */
const load = DatabaseSync.prototype.loadExtension as (file: string, entryPoint: string) => void;

/** False where the C library has no such function. */
export function trimMemory(): boolean {
  const database = new DatabaseSync(':memory:', { allowExtension: true });
  try {
    load.call(database, 'libc.so.6', 'malloc_trim');
    return true;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('error during initialization');
  } finally {
    database.close();
  }
}

/** For the whole process, until it ends. */
export function giveFreeMemoryBack(): void {
  if (process.platform !== 'linux' || !trimMemory()) return;
  const resident = (): number => process.memoryUsage.rss();
  const memory = new FreeMemory({ clock: systemClock, resident, trim: trimMemory });
  setInterval(() => memory.look(), LOOK_EVERY_MS).unref();
}
