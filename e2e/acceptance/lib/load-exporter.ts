/**
 * Many small targets in a worker thread: each response carries new values and its own number. Start it with `startLoad`.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export interface LoadOptions {
  readonly targets: number;
  /** Series per target beside `load_scrape_number`. */
  readonly series: number;
  /** Of the first target, the others follow; 0: ports that are free. */
  readonly port: number;
}

export interface Load {
  /** host:port of each target. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

/** What `load_value{n="<series>"}` says in scrape `number` of a target. */
export function loadValue(number: number, series: number): number {
  return number * 1000 + series;
}

export async function startLoad(options: LoadOptions): Promise<Load> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  const [addresses] = (await once(worker, 'message')) as [readonly string[]];
  return { addresses, close: async () => void (await worker.terminate()) };
}

function bodyOf(number: number, series: number): string {
  let text = `# TYPE load_scrape_number gauge\nload_scrape_number ${number}\n# TYPE load_value gauge\n`;
  for (let i = 0; i < series; i++) text += `load_value{n="${i}",zone="z${i % 7}"} ${loadValue(number, i)}\n`;
  return text;
}

async function serve({ targets, series, port }: LoadOptions): Promise<string[]> {
  const addresses: string[] = [];
  for (let target = 0; target < targets; target++) {
    let number = 0;
    const answer = (response: ServerResponse) => {
      const body = bodyOf(++number, series);
      response.writeHead(200, {
        'content-type': 'text/plain; version=0.0.4',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    };
    const server = createServer((_request, response) => answer(response));
    server.listen(port === 0 ? 0 : port + target, '127.0.0.1');
    await once(server, 'listening');
    addresses.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  return addresses;
}

if (!isMainThread) parentPort?.postMessage(await serve(workerData as LoadOptions));
