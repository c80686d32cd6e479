/**
 * The fetching part on a thread of its own, so that targets are asked at their times whatever the server is doing. A thread
 * that ends on its own is started again.
 */
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '@watchroom/model';
import type { Environment } from './fetch-host.ts';
import type { FetchEvents, FetchLink, OpenLink } from './link.ts';
import { unpackReports } from './packed-reports.ts';
import type { FetchCommand, FetchReport } from './protocol.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread-protocol.ts';

/** A thread that keeps ending is started again so often at most. */
const RESTART_AFTER_MS = 1_000;
const END_WITHIN_MS = 1_000;
const MAX_HEAP_MB = 1_024;
const MOST_WAITING_BYTES = 128 * 1024 ** 2;
/** Small: bodies and values lie outside of it, and what is left of a scrape dies young. */
const YOUNG_MB = 3;

export type StartThread = (settings: ThreadSettings) => Worker;

const startThread: StartThread = (settings) =>
  new Worker(new URL('./thread.ts', import.meta.url), {
    name: 'scraper',
    workerData: settings,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb: MAX_HEAP_MB },
  });

export interface ThreadLinkOptions {
  readonly start?: StartThread;
  /** When a server before this one last wrote to the store, on the wall: targets of which it has nothing for longest come first. */
  readonly lastWriteMs?: number | undefined;
}

/**
 * Starts the thread at once, for one link. `clock` times restarts; the thread itself goes by the machine's clock. This file
 * loads little: a server that starts has the thread up while it loads the rest.
 */
export function threadLink(clock: Clock, env: Environment, options: ThreadLinkOptions = {}): OpenLink {
  const link = new ThreadLink(clock, env, options);
  return (events) => link.open(events);
}

class ThreadLink implements FetchLink {
  readonly #clock: Clock;
  readonly #env: Environment;
  readonly #startThread: StartThread;
  #events: FetchEvents | undefined;
  #worker: Worker | undefined;
  /** Reports that were taken, for the thread to see how many wait. */
  #taken = new Int32Array(new SharedArrayBuffer(4));
  #restart: Timer | undefined;
  /** Reports that came before `begin`, and those behind them. */
  #waiting: FetchReport[] | undefined = [];
  #closed = false;

  constructor(clock: Clock, env: Environment, { start = startThread, lastWriteMs }: ThreadLinkOptions) {
    this.#clock = clock;
    this.#env = env;
    this.#startThread = start;
    this.#start(lastWriteMs);
  }

  open(events: FetchEvents): FetchLink {
    this.#events = events;
    return this;
  }

  send(command: FetchCommand): void {
    this.#worker?.postMessage(command satisfies ToThread);
  }

  /** One at a time: the first reports of all targets together hold the server's thread for long. */
  begin(): void {
    const report = this.#waiting?.shift();
    if (!report || this.#closed) {
      this.#waiting = undefined;
      return;
    }
    setImmediate(() => this.begin());
    this.#give(report);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#restart?.cancel();
    const worker = this.#worker;
    if (!worker) return;
    worker.postMessage({ kind: 'close' } satisfies ToThread);
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const late = setTimeout(() => void worker.terminate(), END_WITHIN_MS);
    worker.ref();
    await ended;
    clearTimeout(late);
  }

  #start(lastWriteMs: number | undefined): void {
    this.#taken = new Int32Array(new SharedArrayBuffer(4));
    const worker = this.#startThread({
      env: { ...this.#env },
      taken: this.#taken,
      mostWaitingBytes: MOST_WAITING_BYTES,
      lastWriteMs,
    });
    let reason: string | undefined;
    worker.on('message', (packed: FromThread) => {
      if (worker !== this.#worker || this.#closed) return;
      for (const report of unpackReports(packed)) {
        if (this.#waiting) this.#waiting.push(report);
        else this.#give(report);
      }
    });
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', (code) => {
      this.#worker = undefined;
      if (!this.#closed) this.#ended(reason ?? `exit code ${code}`);
    });
    worker.unref();
    this.#worker = worker;
  }

  #give(report: FetchReport): void {
    // Also of a report that cannot be stored.
    Atomics.add(this.#taken, 0, 1);
    this.#events?.report(report);
  }

  #ended(reason: string): void {
    // What it had told belongs to targets that are begun anew.
    if (this.#waiting) this.#waiting = [];
    const endedMs = this.#clock.now();
    this.#restart = this.#clock.after(RESTART_AFTER_MS, () => {
      this.#start(endedMs);
      this.#events?.restarted(reason);
    });
  }
}
