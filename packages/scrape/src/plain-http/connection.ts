/**
 * A connection that carries one request after the other. What comes is read into one piece of memory that all connections
 * share, and taken from there before the next read.
 */
import { connect, type Socket } from 'node:net';
import type { Asker } from '../asker.ts';
import { FetchError } from '../http-error.ts';
import { noteRead } from './body-buffer.ts';
import { EOF, ResponseReader } from './response-reader.ts';

/** One read takes most bodies whole. */
const READ_BYTES = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

interface Exchange {
  readonly reader: ResponseReader;
  readonly asker: Asker<ResponseReader>;
}

export class Connection {
  readonly #socket: Socket;
  readonly #onIdle: (connection: Connection) => void;
  readonly #onClosed: (connection: Connection) => void;
  #exchange: Exchange | undefined;
  #error: unknown;
  /** Requests that were answered. */
  answered = 0;

  constructor(
    address: { readonly host: string; readonly port: number },
    events: { readonly onIdle: (it: Connection) => void; readonly onClosed: (it: Connection) => void },
  ) {
    this.#onIdle = events.onIdle;
    this.#onClosed = events.onClosed;
    const onread = {
      buffer: shared,
      callback: (length: number) => {
        this.#take(length);
        return true;
      },
    };
    this.#socket = connect({ ...address, onread, noDelay: true, keepAlive: true });
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('end', () => this.#closed());
    this.#socket.on('close', () => this.#closed());
  }

  /** One request at a time. A body is whole, and good, in the task in which `done` is called; whoever has read it releases it. */
  send(request: string, boundBytes: number, asker: Asker<ResponseReader>): void {
    this.#exchange = { reader: new ResponseReader(boundBytes), asker };
    this.#socket.ref();
    this.#socket.write(request, 'latin1');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(length: number): void {
    noteRead();
    const exchange = this.#exchange;
    // Nobody has asked: whatever this is, it is no answer.
    if (!exchange) {
      this.destroy();
      return;
    }
    const { reader } = exchange;
    try {
      reader.feed(shared.subarray(0, length));
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (reader.done) this.#finish(exchange);
  }

  #finish({ reader, asker }: Exchange): void {
    this.#exchange = undefined;
    this.answered++;
    if (reader.reusable) {
      this.#socket.unref();
      this.#onIdle(this);
    } else this.destroy();
    asker.done(reader);
  }

  #closed(): void {
    this.#onClosed(this);
    const exchange = this.#exchange;
    if (!exchange) return;
    try {
      if (this.#error) throw this.#error;
      exchange.reader.close();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#finish(exchange);
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.destroy();
    if (!exchange) return;
    exchange.reader.release();
    const reused = this.answered > 0 && !exchange.reader.begun;
    exchange.asker.failed(reused && isLoss(error) ? new LostConnection() : error);
  }
}

/** A server may close a kept connection just as it is used again: that says nothing about the target. */
export class LostConnection extends Error {}

function isLoss(error: unknown): boolean {
  if (error instanceof FetchError) return error.message === EOF;
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
