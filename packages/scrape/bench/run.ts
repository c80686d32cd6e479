/**
 * CPU of scraping over loopback into a store that only counts: 20 targets x 1,000 series as fast as the manual pace allows.
 * Prints CPU seconds per million samples, the targets' own server included.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '@watchroom/config';
import { type Appendable, systemClock } from '@watchroom/model';
import { ScrapeManager } from '../src/index.ts';

const TARGETS = 20;
const SERIES = 1000;
const SECONDS = 10;

const body = Array.from(
  { length: SERIES },
  (_, i) => `http_requests_total{route="/r${i}",code="200"} ${i}`,
).join('\n');
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(`${body}\n`);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

let appended = 0;
let refs = 0;
const appendable: Appendable = {
  appender: () => ({
    series: () => ++refs,
    append: () => {
      appended++;
      return 'ok';
    },
    appendHistogram: () => 'ok',
    appendExemplar: () => 'ok',
    commit: () => {},
    rollback: () => {},
  }),
};
const targets = Array.from(
  { length: TARGETS },
  (_, i) => `{targets: ["127.0.0.1:${port}"], labels: {n: "${i}"}}`,
);
const text = `scrape_configs: [{job_name: a, scrape_interval: 1s, static_configs: [${targets.join(', ')}]}]`;
const { config } = loadConfig({ text, file: 'bench.yml', baseDir: '/' });
const manager = new ScrapeManager({ clock: systemClock, appendable, version: 'bench' });
await manager.apply(config!);
await new Promise((resolve) => setTimeout(resolve, 2000));
appended = 0;
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
const used = process.cpuUsage(before);
const cpuSeconds = (used.user + used.system) / 1e6;
console.log(
  `scrape: ${appended} samples, ${((cpuSeconds / appended) * 1e6).toFixed(2)} CPU s per million samples`,
);
if (refs < TARGETS * SERIES) throw new Error('too few series');
await manager.close();
server.closeAllConnections();
server.close();
