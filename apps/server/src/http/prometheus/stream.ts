/** Sends an answer that is made in pieces: no faster than its reader takes it, and with pauses for other work. */
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

  override _read(): void {
    if (performance.now() < this.#sliceEndMs) this.#next();
    else
      setImmediate(() => {
        this.#sliceEndMs = performance.now() + SLICE_MS;
        if (!this.destroyed) this.#next();
      });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pieces.return?.();
    done(error);
  }

  #next(): void {
    const made = this.#waiting.shift();
    if (made) {
      this.push(made);
      return;
    }
    try {
      const { value, done } = this.#pieces.next();
      this.push(done ? null : value);
    } catch (error) {
      this.destroy(error as Error);
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
