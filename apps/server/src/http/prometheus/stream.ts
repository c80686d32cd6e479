/** Sends an answer that is made in pieces: no faster than its reader takes it, and with pauses for other work. */
import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { recycle } from './byte-writer.ts';
import { isCompressible, sendAllAtOnce, sendAtOnce, sendText } from './exchange.ts';

/** Work of all answers together between two pauses, ms. */
const SLICE_MS = 5;
/** Headers and so much together go out in one write, without memory of its own for it (16 KiB, StreamBase::WriteString in Node). */
const TEXT_UP_TO_BYTES = 15_360;

/** Answers take turns: in one round of the event loop they have the thread for one slice together, however many there are. */
class Turns {
  readonly #waiting: (() => void)[] = [];
  #endMs = 0;
  #isArmed = false;

  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  /** Runs in a later round. */
  next(run: () => void): void {
    this.#waiting.push(run);
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => {
      this.#isArmed = false;
      this.#endMs = performance.now() + SLICE_MS;
      do this.#waiting.shift()?.();
      while (this.#waiting.length > 0 && !this.isOver);
      if (this.#waiting.length > 0) this.#arm();
    });
  }
}

const turns = new Turns();

/** Pulls pieces while the reader wants them; destroyed when the client goes, and then makes no more. */
export class PieceStream extends Readable {
  readonly #pieces: Iterator<Buffer>;
  readonly #waiting: Buffer[];

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
    if (turns.isOver) this.#later(() => this.push(this.#next()));
    else this.push(this.#next());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pieces.return?.();
    done(error);
  }

  #pump(answer: ServerResponse): void {
    while (!this.destroyed) {
      if (turns.isOver) {
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

  #later(run: () => void): void {
    turns.next(() => {
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

/** Of at most so many pieces an answer goes out with its length, unless it may be compressed. */
const MOST_AT_ONCE = 4;

/** Answers of few pieces go out at once, longer ones as a stream. */
export function sendPieces(
  reply: FastifyReply,
  pieces: Generator<Buffer, void>,
  contentType = 'application/json',
): FastifyReply {
  const first = pieces.next();
  if (first.done) return sendText(reply, '', contentType);
  const second = pieces.next();
  if (second.done) return sendPiece(reply, first.value, contentType);
  const made = [first.value, second.value];
  if (!isCompressible(reply, first.value.length))
    for (;;) {
      const next = pieces.next();
      if (next.done) {
        reply.raw.once('close', () => made.forEach(recycle));
        return sendAllAtOnce(reply, made, contentType);
      }
      made.push(next.value);
      if (made.length > MOST_AT_ONCE) break;
    }
  reply.header('content-type', contentType);
  return reply.send(new PieceStream(made, pieces));
}

function sendPiece(reply: FastifyReply, piece: Buffer, contentType: string): FastifyReply {
  const { length } = piece;
  const isCompressed = isCompressible(reply, length);
  if (!isCompressed && length <= TEXT_UP_TO_BYTES) {
    // A character for each byte, and back.
    const text = piece.toString('latin1');
    recycle(piece);
    return sendAtOnce(reply, text, length, contentType, 'latin1');
  }
  reply.raw.once('close', () => recycle(piece));
  if (!isCompressed) return sendAtOnce(reply, piece, length, contentType);
  return reply.header('content-type', contentType).send(piece);
}
