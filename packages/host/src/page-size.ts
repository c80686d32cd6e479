/** The page size from the process' auxiliary vector (getauxval(3): pairs of words, AT_PAGESZ is 6). */
import { readFileSync } from 'node:fs';

const AT_PAGESZ = 6n;
const USUAL_BYTES = 4096;
let known: number | undefined;

/** Bytes of a page of memory; 4096 where the kernel does not say. */
export function pageBytes(): number {
  known ??= read();
  return known;
}

function read(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let i = 0; i + 16 <= vector.length; i += 16)
      if (vector.readBigUInt64LE(i) === AT_PAGESZ) return Number(vector.readBigUInt64LE(i + 8));
  } catch {
    // Not Linux, or /proc is not mounted.
  }
  return USUAL_BYTES;
}
