import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels, systemClock } from '@watchroom/model';
import type { TimeSeriesStore } from '@watchroom/tsdb';
import { type RunningApp, startApp } from '../src/app.ts';

export interface TestApp {
  readonly app: RunningApp;
  readonly url: string;
  readonly folder: string;
  readonly configFile: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

const silent = { info() {}, warn() {}, error() {} };

/** A whole server on a free port with a folder of its own. */
export async function runApp(config: string): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-server-'));
  const configFile = join(folder, 'prometheus.yml');
  writeFileSync(configFile, config);
  const app = await startApp({
    version: '0.0.0',
    configFile,
    dataDir: join(folder, 'data'),
    listen: { host: '127.0.0.1', port: 0 },
    clock: systemClock,
    log: silent,
    env: {},
  });
  const url = `http://127.0.0.1:${app.address.port}`;
  return {
    app,
    url,
    folder,
    configFile,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ten series `m{i="0"}` to `m{i="9"}`, each with the samples 0, 1, 2, … a second apart. */
export function fillStore(store: TimeSeriesStore, startMs: number, samples: number): void {
  for (let k = 0; k < samples; k++) {
    const appender = store.appender();
    for (let i = 0; i < 10; i++) {
      const ref = appender.series(Labels.fromObject({ __name__: 'm', i: String(i) }));
      appender.append(ref, startMs + k * 1000, k);
    }
    appender.commit();
  }
}

/** A target with a counter that grows by ten each scrape. */
export async function runTarget(): Promise<{
  address: string;
  scrapes: () => number;
  close(): Promise<void>;
}> {
  let scrapes = 0;
  const server: Server = createServer((_request, response) => {
    scrapes++;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(
      `# TYPE t_total counter\n# HELP t_total Ten each time.\nt_total{kind="a"} ${scrapes * 10}\nt_gauge 1.5\n`,
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    scrapes: () => scrapes,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Asks until the answer is defined; fails after ten seconds. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endMs) throw new Error('it did not come about within ten seconds');
    await new Promise((next) => setTimeout(next, 50));
  }
}
