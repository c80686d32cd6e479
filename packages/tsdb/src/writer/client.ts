/**
 * The store's end of the writing thread: sends requests, matches answers, notices when the thread ends on its own and
 * starts it again with the next request. A request that was under way then fails; whoever asked may repeat it.
 */
import { type Transferable, Worker } from 'node:worker_threads';
import type { Clock } from '@watchroom/model';
import { messageOf } from '../disk/sqlite.ts';
import type { WriterEnvelope, WriterReply, WriterRequest, WriterSettings } from './protocol.ts';

/** A thread that keeps ending is started again so often at most. */
const RESTART_EVERY_MS = 1_000;
/** Enough to compress the largest segments; beyond it the thread ends and is started again. */
const MAX_HEAP_MB = 512;

/** What the store needs of a thread; tests have one that is none. */
export interface WriterThread {
  postMessage(envelope: WriterEnvelope, transfer: Transferable[]): void;
  on(event: 'message', take: (reply: WriterReply) => void): unknown;
  on(event: 'error', take: (error: Error) => void): unknown;
  on(event: 'exit', take: (code: number) => void): unknown;
  once(event: 'exit', take: () => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

export type StartWriter = (settings: WriterSettings) => WriterThread;

export const startWriter = (settings: WriterSettings): Worker =>
  new Worker(new URL('./thread.ts', import.meta.url), {
    name: 'store-writer',
    workerData: settings,
    execArgv: [],
    // Small young generation: what comes in is large buffers that live outside of it.
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: MAX_HEAP_MB },
  });

export class WriterError extends Error {
  /** The file will not take anything any more. */
  readonly damaged: boolean;

  constructor(message: string, damaged = false) {
    super(message);
    this.name = 'WriterError';
    this.damaged = damaged;
  }
}

export interface WriterOptions {
  readonly start: StartWriter;
  readonly settings: WriterSettings;
  readonly clock: Clock;
  /** The thread ended without being asked to. */
  readonly onEnd: (reason: string) => void;
  /** Something behind the requests failed. */
  readonly onFailure: (message: string) => void;
}

interface Waiting {
  readonly resolve: (reply: WriterReply) => void;
  readonly reject: (error: WriterError) => void;
}

export class Writer {
  readonly #options: WriterOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: WriterThread | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;
  #lastId = 0;
  #closing: (() => void) | undefined;
  #halted: string | undefined;
  /** How often the thread had to be started again. */
  restarts = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#start();
  }

  /** Rejects with WriterError. The buffers in `transfer` are gone for the caller. */
  async request(request: WriterRequest, transfer: readonly Transferable[] = []): Promise<WriterReply> {
    if (this.#halted !== undefined) throw new WriterError(this.#halted);
    if (!this.#worker) this.#restart();
    const worker = this.#worker;
    if (!worker) throw new WriterError('the writing thread is not running');
    const id = ++this.#lastId;
    const envelope: WriterEnvelope = { id, request };
    worker.postMessage(envelope, [...transfer]);
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
    });
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Refuses whatever is asked from now on, but to close. */
  halt(reason: string): void {
    this.#halted = reason;
  }

  /** Ends the thread after what was asked before; false when it has not ended in time and still may write. */
  close(withinMs: number): Promise<boolean> {
    const worker = this.#worker;
    if (!worker) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        void worker.terminate();
        resolve(false);
      }, withinMs);
      this.#closing = () => {
        clearTimeout(timer);
        resolve(true);
      };
      worker.ref();
      worker.postMessage({ id: ++this.#lastId, request: { kind: 'close' } } satisfies WriterEnvelope, []);
    });
  }

  /** Calls back when the thread is gone. */
  whenEnded(run: () => void): void {
    if (this.#worker) this.#worker.once('exit', run);
    else run();
  }

  #restart(): void {
    if (this.#options.clock.monotonic() - this.#startedMs < RESTART_EVERY_MS) return;
    this.restarts++;
    this.#start();
  }

  #start(): void {
    const { start, settings, clock } = this.#options;
    this.#startedMs = clock.monotonic();
    let worker: WriterThread;
    try {
      worker = start(settings);
    } catch (error) {
      this.#ended(messageOf(error));
      return;
    }
    let reason: string | undefined;
    worker.on('message', (reply: WriterReply) => this.#settle(reply));
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', (code) => this.#ended(reason ?? `exit code ${code}`));
    // A store that is not waiting for anything does not keep the process alive.
    worker.unref();
    this.#worker = worker;
  }

  #settle(reply: WriterReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0 && !this.#closing) this.#worker?.unref();
    if (!waiting) {
      if (reply.error !== undefined) this.#options.onFailure(reply.error);
      return;
    }
    if (reply.error === undefined) waiting.resolve(reply);
    else waiting.reject(new WriterError(reply.error, reply.damaged));
  }

  #ended(reason: string): void {
    this.#worker = undefined;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    if (this.#closing) this.#closing();
    else this.#options.onEnd(reason);
    for (const { reject } of lost) reject(new WriterError(`the writing thread ended: ${reason}`));
  }
}
