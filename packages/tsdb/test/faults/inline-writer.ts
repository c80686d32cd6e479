/** The writing thread's work on the store's own thread, one request after the other, so that a test can stand between them. */
import { EventEmitter } from 'node:events';
import { HEARTBEAT_FILE } from '../../src/disk/heartbeat.ts';
import { HEAD_FILE } from '../../src/recover.ts';
import type { WriterThread } from '../../src/writer/client.ts';
import type {
  WriterEnvelope,
  WriterReply,
  WriterRequest,
  WriterSettings,
} from '../../src/writer/protocol.ts';
import { WriterWork } from '../../src/writer/work.ts';

export { HEAD_FILE, HEARTBEAT_FILE };

export interface WriterObserver {
  /** Before a request is worked on. */
  begins(request: WriterRequest): void;
  /** After it was, and before the store hears of it. */
  ends(request: WriterRequest): void;
  answered(request: WriterRequest): void;
}

export class InlineWriter extends EventEmitter implements WriterThread {
  readonly #observer: WriterObserver | undefined;
  readonly #asked = new Map<number, WriterRequest>();
  #take: (envelope: WriterEnvelope) => void = () => {};

  constructor(settings: WriterSettings, observer?: WriterObserver) {
    super();
    this.#observer = observer;
    new WriterWork(settings, {
      postMessage: (reply) => this.#answer(reply),
      on: (_, take) => {
        this.#take = take;
      },
      close: () => setImmediate(() => this.emit('exit', 0)),
    });
  }

  /** Requests that are not answered yet. */
  get open(): number {
    return this.#asked.size;
  }

  postMessage(envelope: WriterEnvelope): void {
    const { id, request } = envelope;
    if (request.kind !== 'close') this.#asked.set(id, request);
    setImmediate(() => {
      this.#observer?.begins(request);
      this.#take(envelope);
      this.#observer?.ends(request);
    });
  }

  ref(): void {}

  unref(): void {}

  terminate(): Promise<number> {
    return Promise.resolve(1);
  }

  #answer(reply: WriterReply): void {
    const request = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    if (request) this.#observer?.answered(request);
    this.emit('message', reply);
  }
}
