/**
 * What the server asks of the C library itself, for which the runtime has no calls. On Linux with the GNU C library only; elsewhere
 * the process keeps the memory that it has.
 *
 * Sources: https://man7.org/linux/man-pages/man3/malloc_trim.3.html, https://man7.org/linux/man-pages/man2/madvise.2.html
 */
import { createRequire } from 'node:module';

/** `MADV_DONTNEED` of Linux: pages go, and those of files come back from the file when they are touched. */
const DONT_NEED = 4;

export interface CLibrary {
  /** Bytes of a page of memory. */
  readonly pageBytes: number;
  /** Gives free pages of the library's heap back to the system. */
  trim(): void;
  /** Takes pages out of the process, `start` and `end` being addresses of pages. Throws where the system refuses. */
  forget(start: number, end: number): void;
}

/** Throws where there is no such library. It is bound when it is called: two megabytes that commands other than `serve` do not need. */
export function cLibrary(): CLibrary {
  if (process.platform !== 'linux') throw new Error(`no GNU C library on ${process.platform}`);
  // Not bundled: it finds its program for this platform beside itself.
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load('libc.so.6');
  const trim = library.func('int malloc_trim(size_t pad)');
  const advise = library.func('int madvise(uintptr_t address, size_t length, int advice)');
  const pageBytes = (library.func('int getpagesize()') as () => number)();
  return {
    pageBytes,
    trim: () => void trim(0),
    forget: (start, end) => {
      if (advise(start, end - start, DONT_NEED) !== 0) throw new Error(`madvise: error ${koffi.errno()}`);
    },
  };
}
