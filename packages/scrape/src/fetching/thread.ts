/** The fetching thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@watchroom/model';
import { giveHeapBack } from '@watchroom/model/heap-slack';
import { FetchHost } from './fetch-host.ts';
import { Gathered, LONGEST_GATHERED_MS } from './gathered.ts';
import { ReportPacker } from './packed-reports.ts';
import { type FetchReport, reportBytes } from './protocol.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread-protocol.ts';

/** One answers while another is read. */
const EARLY = 4;
/** Nobody ever wakes who waits for it. */
const nobody = new Int32Array(new SharedArrayBuffer(4));

class FetchThread {
  readonly #port: MessagePort;
  readonly #taken: Int32Array;
  readonly #host: FetchHost;
  /** Sizes of reports from `#first` on, which were sent and not yet taken when that was last looked at. */
  #sizes: number[] = [];
  #first = 0;
  #waitingBytes = 0;
  readonly #packer = new ReportPacker();
  readonly #gathered: Gathered<FetchReport | undefined>;

  constructor({ env, taken, mostWaitingBytes, lastWriteMs }: ThreadSettings, port: MessagePort) {
    this.#port = port;
    this.#taken = taken;
    const give = (reports: readonly (FetchReport | undefined)[]): void => {
      const plain = this.#packer.take();
      port.postMessage({ reports, plain } satisfies FromThread, [plain.buffer]);
    };
    this.#gathered = new Gathered(systemClock, give, (withinMs) => this.#host.expects(withinMs));
    this.#host = new FetchHost({
      clock: systemClock,
      env,
      report: (report) => this.#send(report),
      hasRoom: () => this.#settle() < mostWaitingBytes,
      early: EARLY,
      storedUntilMs: lastWriteMs && lastWriteMs - LONGEST_GATHERED_MS,
      rests: { rest: (ms) => void Atomics.wait(nobody, 0, 0, ms), soon: setImmediate },
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
    this.#gathered.add(this.#packer.pack(report));
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
