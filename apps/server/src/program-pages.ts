/**
 * Takes pages of the runtime's own program out of the process that only its start has needed. The system maps sixteen pages of a
 * file around each one that is touched, and they stay: of a server's 58 MB of such pages a third is never used again after its modules
 * have been read. They remain in the system's cache, which may use their memory for something else now; what is needed after all is
 * mapped again when it is touched.
 *
 * Only pages that are the file's, by the kernel's own word: those that were written to (relocated addresses) are the process's and stay.
 *
 * Source: https://docs.kernel.org/admin-guide/mm/pagemap.html
 */
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { Clock } from '@watchroom/model';

const ENTRY_BYTES = 8;
/** Of the upper half of an entry. */
const IS_PRESENT = 1 << 31;
const IS_SWAPPED = 1 << 30;
const IS_OF_FILE = 1 << 29;
/**
 * After the start, when functions have been compiled well (what runs each second is after two minutes), and then seldom: a few hundred
 * pages come back each time.
 */
const FIRST_MS = [20_000, 40_000, 90_000];
const LATER_EVERY_MS = 10 * 60_000;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** When it is done. */
export class ProgramPages {
  readonly #clock: Clock;
  readonly #forget: () => void;
  #dueMs: number;
  readonly #waits = FIRST_MS.values();

  constructor(clock: Clock, forget: () => void) {
    this.#clock = clock;
    this.#forget = forget;
    this.#dueMs = clock.monotonic() + this.#wait();
  }

  /** To be called now and then. */
  look(): void {
    const now = this.#clock.monotonic();
    if (now < this.#dueMs) return;
    this.#dueMs = now + this.#wait();
    this.#forget();
  }

  #wait(): number {
    return this.#waits.next().value ?? LATER_EVERY_MS;
  }
}

/** Where pages of the running program's file lie that this process has not written to. Throws where the system does not tell. */
export function programPages(pageBytes: number): readonly Span[] {
  const file = readlinkSync('/proc/self/exe');
  const pages = openSync('/proc/self/pagemap', 'r');
  try {
    return mappingsOf(readFileSync('/proc/self/maps', 'utf8'), file).flatMap((span) => {
      const entries = Buffer.alloc(((span.end - span.start) / pageBytes) * ENTRY_BYTES);
      const read = readSync(pages, entries, 0, entries.length, (span.start / pageBytes) * ENTRY_BYTES);
      return unwritten(entries.subarray(0, read), span.start, pageBytes);
    });
  } finally {
    closeSync(pages);
  }
}

/** Mappings of `file` that cannot be written to, of a text as in `/proc/PID/maps`. */
export function mappingsOf(maps: string, file: string): readonly Span[] {
  const found: Span[] = [];
  // A few of a thousand lines: the others are not looked at.
  for (let at = maps.indexOf(file); at >= 0; at = maps.indexOf(file, at + file.length)) {
    const line = maps.slice(maps.lastIndexOf('\n', at) + 1, maps.indexOf('\n', at));
    const [, start, end, name] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(.*)$/.exec(line) ?? [];
    if (name === file)
      found.push({ start: Number.parseInt(`${start}`, 16), end: Number.parseInt(`${end}`, 16) });
  }
  return found;
}

/** Runs of pages that are the file's, or nothing yet, of eight bytes a page as in `/proc/PID/pagemap`, the first one's page at `start`. */
export function unwritten(entries: Buffer, start: number, pageBytes: number): readonly Span[] {
  const found: Span[] = [];
  let from = -1;
  const count = Math.floor(entries.length / ENTRY_BYTES);
  const halves = new Int32Array(entries.buffer, entries.byteOffset, 2 * count);
  for (let i = 0; i <= count; i++) {
    const state = i < count ? halves[2 * i + 1]! : IS_SWAPPED;
    const isKept = (state & IS_PRESENT) !== 0 ? (state & IS_OF_FILE) === 0 : (state & IS_SWAPPED) !== 0;
    if (!isKept && from < 0) from = i;
    if (!isKept || from < 0) continue;
    found.push({ start: start + from * pageBytes, end: start + i * pageBytes });
    from = -1;
  }
  return found;
}
