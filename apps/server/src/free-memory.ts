/**
 * Gives back to the system what the process has and does not use. The engine's compilers take up to 20 MB for a moment when a new
 * server's functions become hot, dozens at once, and the pieces between which something else came to lie would stay with the
 * process for good: `malloc_trim` gives whole pages of them back. With them go pages of the runtime's program that only the start
 * has needed (`program-pages.ts`).
 */
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '@watchroom/model';
import { type CLibrary, cLibrary } from './c-library.ts';
import { ProgramPages, programPages, type Span } from './program-pages.ts';

const MB = 1 << 20;
const LOOK_EVERY_MS = 5_000;
/** So much more than after the last time, and such a part more, may have something to give back. */
const LEAST_GROWTH = 6 * MB;
const LEAST_SHARE = 0.07;
/** It was worth it when it gave so much. */
const WORTH = 3 * MB;
/** Not sooner than this after the last time, and twice as late after each time that was not worth it. */
const LEAST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 640_000;

export interface FreeMemoryOptions {
  readonly clock: Clock;
  /** Bytes that are the process's own. */
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
    if (before - this.#left < Math.max(LEAST_GROWTH, LEAST_SHARE * this.#left)) return;
    trim();
    this.#trimmedMs = clock.monotonic();
    this.#left = resident();
    const wasWorthIt = before - this.#left >= WORTH;
    this.#waitMs = wasWorthIt ? LEAST_WAIT_MS : Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }
}

/** Bytes of memory that is the process's own, not a file's. */
function ownBytes(): number {
  const [, kb] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kb) * 1024;
}

/** For the whole process, until it ends; `told` says what is not done, and why. */
export function giveMemoryBack(told: (what: string, reason: string) => void): void {
  /** Calls until one fails. */
  const whileItGoes = (what: string, call: () => void): (() => void) => {
    let goes = true;
    return () => {
      try {
        if (goes) call();
      } catch (error) {
        goes = false;
        told(what, error instanceof Error ? error.message : String(error));
      }
    };
  };
  whileItGoes('free memory stays with the process', () => {
    const library = cLibrary();
    const memory = new FreeMemory({ clock: systemClock, resident: ownBytes, trim: library.trim });
    const pages = new ProgramPages(systemClock, programForgetter(library));
    const trim = whileItGoes('free memory stays with the process', () => memory.look());
    const forget = whileItGoes("the program's pages stay with the process", () => pages.look());
    setInterval(() => {
      trim();
      forget();
    }, LOOK_EVERY_MS).unref();
  })();
}

/** Takes the program's pages out of the process, each time it is called. Throws where the system does not tell of them or refuses. */
export function programForgetter({ pageBytes, forget }: CLibrary): () => void {
  let spans: readonly Span[] | undefined;
  return () => {
    // Of mappings that cannot be written to: what was the file's the first time remains so.
    spans ??= programPages(pageBytes);
    for (const { start, end } of spans) forget(start, end);
  };
}
