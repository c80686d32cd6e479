/**
 * What the built server loads of the runtime: `fetch` with all that belongs to it is 6 MB in each thread, and one import of one
 * dependency brings it in. docs/decisions/0017.
 */
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { configFor, Exporter } from '../fixtures/exporter.ts';
import { until } from '../fixtures/poll.ts';
import { WatchroomServer } from '../fixtures/watchroom-server.ts';

test('a server that scrapes, answers and compresses has not loaded fetch on any of its threads', async () => {
  const exporter = new Exporter();
  await exporter.start();
  const server = await WatchroomServer.start(configFor(new Map([['order', exporter]])), {
    NODE_OPTIONS: `--require ${join(import.meta.dirname, '../fixtures/loaded-modules.cjs')}`,
  });
  try {
    await until('a scrape', 30_000, async () => (await server.query('up == 1')).length > 0);
    const page = await fetch(`${server.url}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
    expect(page.headers.get('content-encoding')).toBe('gzip');
    await server.kill('SIGTERM');
    // It has found the C library, by which it gives memory back: docs/decisions/0024.
    if (process.platform === 'linux') expect(server.output).not.toContain('stays with the process');
    const loaded = server.output.split('\n').filter((line) => line.startsWith('loaded: '));
    // The server's own thread and the one that fetches have sockets, the one that writes has none.
    expect(loaded.sort()).toEqual(['loaded: ', 'loaded: net', 'loaded: net']);
  } finally {
    await server.stop();
    await exporter.stop();
  }
});
