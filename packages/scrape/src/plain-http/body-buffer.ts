/**
 * Memory for bodies that is used again: a body of a hundred kilobytes in fresh memory for each scrape makes the collector run
 * all the time. A body is read in the task in which it is complete; afterwards its memory takes others. One that has come whole
 * in one read is not even copied.
 */
import { FetchError } from '../http-error.ts';

const FIRST_BYTES = 65_536;
/** What is kept while no body needs it: so many buffers, none larger. */
const MOST_SPARE = 8;
const LARGEST_SPARE = 4 * 1024 ** 2;
/** What no body may exceed without a limit of its own, so that a target cannot fill the memory. The limit is one more than that. */
const MOST_MB = 256;
export const BUILT_IN_LIMIT: number = MOST_MB * 1024 ** 2 + 1;
/** All bodies that are under way together. */
const MOST_TOGETHER_BYTES = 1024 ** 3;
/** An announced length is believed up to here; memory beyond it is taken when the bytes come. */
const BELIEVED_BYTES = 1024 ** 2;

const spare: Buffer[] = [];
/** Memory of all bodies beyond their first piece. */
let together = 0;
/** How often the memory of lent bodies was read into. */
let reads = 0;

/** To be called before bytes come into memory that bodies are lent from. */
export function noteRead(): void {
  reads++;
}

/** Memory of the bodies that have not been released, beyond what each begins with. */
export function heldBytes(): number {
  return together;
}

export class BodyBuffer {
  #bytes: Buffer;
  readonly #boundBytes: number;
  /** A body that lies where it was read, and the reads up to then. */
  #lent: Buffer | undefined;
  #lentAt = 0;
  length = 0;

  constructor(boundBytes: number) {
    this.#boundBytes = boundBytes;
    this.#bytes = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    together += beyond(this.#bytes);
  }

  /** Makes room for a body that is said to have so many bytes. Throws FetchError when that is too much. */
  expect(length: number): void {
    this.#bounded(length);
    this.#reserve(Math.min(length, BELIEVED_BYTES));
  }

  /** Throws FetchError when the body becomes too long. */
  add(from: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    this.#bounded(length);
    this.#reserve(length);
    this.#bytes.set(from.subarray(start, end), this.length);
    this.length = length;
  }

  /** Takes the whole body, which lies in memory that the next read overwrites. Throws FetchError when that is too much. */
  lend(body: Buffer): void {
    this.#bounded(body.length);
    this.#lent = body;
    this.#lentAt = reads;
    this.length = body.length;
  }

  /** The body; good until `release`, and only in the task in which it is complete. */
  view(): Buffer {
    if (!this.#lent) return this.#bytes.subarray(0, this.length);
    if (this.#lentAt !== reads) throw new Error('a body is looked at after its memory was read into again');
    return this.#lent;
  }

  release(): void {
    together -= beyond(this.#bytes);
    const bytes = this.#bytes;
    this.#bytes = EMPTY;
    this.#lent = undefined;
    if (bytes.length > 0 && bytes.length <= LARGEST_SPARE && spare.length < MOST_SPARE) spare.push(bytes);
  }

  #bounded(length: number): void {
    if (length >= this.#boundBytes) throw tooLong(this.#boundBytes);
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const before = this.#bytes;
    // No more than the bound, so that what comes last does not double the memory for nothing.
    const wanted = Math.max(length, Math.min(before.length * 2, this.#boundBytes));
    const more = wanted - beyond(before);
    if (together + more > MOST_TOGETHER_BYTES)
      throw new FetchError('the bodies that are under way are longer than 1 GiB together', 'body_size');
    together += more;
    const grown = Buffer.allocUnsafeSlow(wanted);
    grown.set(before.subarray(0, this.length));
    this.#bytes = grown;
  }
}

/** Memory that is counted. */
function beyond({ length }: Buffer): number {
  return length > FIRST_BYTES ? length : 0;
}

/** What is said of a body that is as long as its limit or longer. */
export function tooLong(limitBytes: number): FetchError {
  const isOwn = limitBytes !== BUILT_IN_LIMIT;
  const builtIn = `the body is longer than ${MOST_MB} MiB, the most without a body_size_limit`;
  return new FetchError(isOwn ? 'body size limit exceeded' : builtIn, 'body_size');
}

const EMPTY = Buffer.alloc(0);
