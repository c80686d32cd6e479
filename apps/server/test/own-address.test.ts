import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@watchroom/model';
import { expect, it, vi } from 'vitest';
import { startApp } from '../src/app.ts';
import { firstSteps } from '../src/first-steps.ts';
import { isOwnUrl } from '../src/own-address.ts';
import { freePort } from './peer-bench.ts';
import { runTarget } from './running-app.ts';

it('is what listens there, by any of its names', () => {
  const at = (host: string, port = 8080) => ({ host, port });
  expect(isOwnUrl('http://localhost:8080/metrics', at('127.0.0.1'))).toBe(true);
  expect(isOwnUrl('http://127.0.0.1:8080/metrics', at('0.0.0.0'))).toBe(true);
  expect(isOwnUrl('http://[::1]:8080/metrics', at('::'))).toBe(true);
  expect(isOwnUrl('http://127.0.0.1/metrics', at('127.0.0.1', 80))).toBe(true);
  expect(isOwnUrl('http://10.0.0.7:8080/metrics', at('10.0.0.7'))).toBe(true);
  expect(isOwnUrl('http://127.0.0.1:9100/metrics', at('127.0.0.1'))).toBe(false);
  expect(isOwnUrl('http://10.0.0.8:8080/metrics', at('0.0.0.0'))).toBe(false);
  expect(isOwnUrl('http://127.0.0.1:8080/metrics', at('10.0.0.7'))).toBe(false);
  expect(isOwnUrl('http://127.0.0.1/metrics', at('127.0.0.1', 0))).toBe(false);
});

/** The race: other targets are asked while the server is still being loaded and nothing listens. */
it('is not down at a start', async () => {
  const target = await runTarget();
  const folder = mkdtempSync(join(tmpdir(), 'watchroom-own-'));
  const port = await freePort();
  const configFile = join(folder, 'prometheus.yml');
  const targets = `['127.0.0.1:${port}', '${target.address}']`;
  writeFileSync(
    configFile,
    `scrape_configs: [{job_name: a, scrape_interval: 250ms, scrape_timeout: 250ms, static_configs: [{targets: ${targets}}]}]\n`,
  );
  const silent = { info() {}, warn() {}, error() {} };
  const options = {
    version: '0.0.0',
    configFile,
    dataDir: join(folder, 'data'),
    listen: { host: '127.0.0.1', port },
    clock: systemClock,
    log: silent,
    env: {},
    fetching: 'here',
  } as const;
  const first = firstSteps(options);
  // Twice: by then each target's turn has come.
  await vi.waitFor(() => expect(target.scrapes()).toBeGreaterThanOrEqual(2), 5000);
  const app = await startApp(options, first);
  try {
    const query = encodeURIComponent(`up{instance="127.0.0.1:${port}"}[1m]`);
    const up = async (): Promise<string[]> => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`);
      const { data } = (await response.json()) as { data: { result: { values: [number, string][] }[] } };
      return data.result.flatMap(({ values }) => values.map(([, value]) => value));
    };
    await vi.waitFor(async () => expect((await up()).length).toBeGreaterThanOrEqual(1), 5000);
    expect((await up())[0]).toBe('1');
  } finally {
    await app.close();
    await target.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
