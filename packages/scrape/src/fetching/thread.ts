/** The fetching thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@watchroom/model';
import { giveHeapBack } from '@watchroom/model/heap-slack';
import { FetchHost } from './fetch-host.ts';
import { Gathered } from './gathered.ts';
import { type FetchReport, reportBytes } from './protocol.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread-protocol.ts';

class FetchThread {
  readonly #port: MessagePort;
  readonly #taken: Int32Array;
  readonly #host: FetchHost;
  /** Sizes of reports from `#first` on, which were sent and not yet taken when that was last looked at. */
  #sizes: number[] = [];
  #first = 0;
  #waitingBytes = 0;
  readonly #gathered: Gathered<FetchReport>;

  constructor({ env, taken, mostWaitingBytes }: ThreadSettings, port: MessagePort) {
    this.#port = port;
    this.#taken = taken;
    this.#gathered = new Gathered(systemClock, (reports) => port.postMessage(reports satisfies FromThread));
    this.#host = new FetchHost({
      clock: systemClock,
      env,
      report: (report) => this.#send(report),
      hasRoom: () => this.#settle() < mostWaitingBytes,
    });
    port.on('message', (message: ToThread) => {
      if (message.kind === 'close') this.#close();
      else this.#host.take(message);
    });
  }

  #send(report: FetchReport): void {
    const bytes = reportBytes(report);
    this.#sizes.push(bytes);
    this.#waitingBytes += bytes;
    this.#gathered.add(report);
  }

  /** Bytes that wait. */
  #settle(): number {
    const gone = (Atomics.load(this.#taken, 0) - this.#first) | 0;
    for (const bytes of this.#sizes.splice(0, gone)) this.#waitingBytes -= bytes;
    this.#first = (this.#first + gone) | 0;
    return this.#waitingBytes;
  }

  #close(): void {
    this.#port.removeAllListeners('message');
    this.#gathered.send();
    void this.#host.close().finally(() => process.exit(0));
  }
}

if (parentPort) {
  new FetchThread(workerData, parentPort);
  giveHeapBack();
}
