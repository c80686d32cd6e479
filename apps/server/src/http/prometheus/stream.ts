/** Sends an answer that is made in pieces: no faster than its reader takes it, and with pauses for other work. */
import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { recycle } from './byte-writer.ts';
import { sendText } from './exchange.ts';

/** Work between two pauses, ms. */
const SLICE_MS = 5;
/** To write headers and so much together costs less than to write them one after the other. */
const TEXT_UP_TO_BYTES = 8192;

/** Pulls pieces while the reader wants them; destroyed when the client goes, and then makes no more. */
export class PieceStream extends Readable {
  readonly #pieces: Iterator<Buffer>;
  readonly #waiting: Buffer[];
  #sliceEndMs = performance.now() + SLICE_MS;

  /** `first` are pieces that have been made already. */
  constructor(first: readonly Buffer[], pieces: Iterator<Buffer>) {
    super({ highWaterMark: 1 });
    this.#waiting = [...first];
    this.#pieces = pieces;
  }

  /** Straight into an answer, so that the memory of a piece can take another one once it has been sent. */
  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (!(destination instanceof ServerResponse)) return super.pipe(destination, options);
    this.#pump(destination);
    return destination;
  }

  override _read(): void {
    if (!this.#isDue()) this.push(this.#next());
    else this.#later(() => this.push(this.#next()));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pieces.return?.();
    done(error);
  }

  #pump(answer: ServerResponse): void {
    while (!this.destroyed) {
      if (this.#isDue()) {
        this.#later(() => this.#pump(answer));
        return;
      }
      const piece = this.#next();
      if (this.destroyed) return;
      if (piece === null) {
        answer.end();
        this.push(null);
        this.resume();
        return;
      }
      if (answer.write(piece, () => recycle(piece))) continue;
      answer.once('drain', () => this.#pump(answer));
      return;
    }
  }

  #isDue(): boolean {
    return performance.now() >= this.#sliceEndMs;
  }

  #later(run: () => void): void {
    setImmediate(() => {
      this.#sliceEndMs = performance.now() + SLICE_MS;
      if (!this.destroyed) run();
    });
  }

  /** Null after the last; when it cannot be made, the stream is destroyed. */
  #next(): Buffer | null {
    const made = this.#waiting.shift();
    if (made) return made;
    try {
      const { value, done } = this.#pieces.next();
      return done ? null : value;
    } catch (error) {
      this.destroy(error as Error);
      return null;
    }
  }
}

/** An answer of one piece goes out with its length, a longer one as a stream. */
export function sendPieces(
  reply: FastifyReply,
  pieces: Generator<Buffer, void>,
  contentType = 'application/json',
): FastifyReply {
  const first = pieces.next();
  if (first.done) return sendText(reply, '', contentType);
  const second = pieces.next();
  if (second.done && first.value.length <= TEXT_UP_TO_BYTES)
    return sendText(reply, first.value.toString('utf8'), contentType);
  reply.header('content-type', contentType);
  if (second.done) {
    reply.raw.once('close', () => recycle(first.value));
    return reply.send(first.value);
  }
  return reply.send(new PieceStream([first.value, second.value], pieces));
}
