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
/** An announced length is believed up to here; memory beyond it is taken when the bytes come. */
const BELIEVED_BYTES = 1024 ** 2;

const spare: Buffer[] = [];
/** How often the memory of lent bodies was read into. */
let reads = 0;

/** To be called before bytes come into memory that bodies are lent from. */
export function noteRead(): void {
  reads++;
}

export class BodyBuffer {
  #bytes: Buffer = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  readonly #boundBytes: number;
  /** A body that lies where it was read, and the reads up to then. */
  #lent: Buffer | undefined;
  #lentAt = 0;
  length = 0;

  constructor(boundBytes: number) {
    this.#boundBytes = boundBytes;
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
    const bytes = this.#bytes;
    this.#bytes = EMPTY;
    this.#lent = undefined;
    if (bytes.length > 0 && bytes.length <= LARGEST_SPARE && spare.length < MOST_SPARE) spare.push(bytes);
  }

  #bounded(length: number): void {
    if (length >= this.#boundBytes) throw new FetchError('body size limit exceeded', 'body_size');
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }
}

const EMPTY = Buffer.alloc(0);
