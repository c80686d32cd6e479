import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, runApp } from './running-app.ts';

/** A target that has three more series with each scrape. */
async function growing(): Promise<string> {
  let series = 0;
  const server = createServer((_request, response) => {
    series += 3;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(Array.from({ length: series }, (_, i) => `orders_total{user="u${i}"} ${i}\n`).join(''));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('keeps a target that grows without end to max_series, and says so where one looks', async () => {
  const address = await growing();
  const test = await runApp(`scrape_configs:
  - {job_name: shop, scrape_interval: 200ms, scrape_timeout: 200ms, static_configs: [{targets: ['${address}']}]}
watchroom: {health: {enabled: false}, storage: {max_series: 20}}
`);
  onTestFinished(() => test.close());
  const target = await eventually(async () => {
    const body = (await (await test.get('/api/v1/targets')).json()) as {
      data: { activeTargets: { health: string; lastError: string }[] };
    };
    const [only] = body.data.activeTargets;
    return only && only.lastError !== '' ? only : undefined;
  });
  expect(target).toMatchObject({ health: 'up' });
  expect(target.lastError).toMatch(/^\d+ new series are not stored: .*max_series/);
  const count = await (await test.get('/api/v1/query?query=count({__name__!=""})')).json();
  expect(count).toMatchObject({ data: { result: [{ value: [expect.anything(), '20'] }] } });
  expect(await (await test.get('/metrics')).text()).toMatch(/watchroom_store_refused_series_total [1-9]/);
  // Those it has go on.
  const newest = await eventually(async () => {
    const { data } = (await (await test.get('/api/v1/query?query=up')).json()) as {
      data: { result: { value: [number, string] }[] };
    };
    return data.result[0]?.value[1];
  });
  expect(newest).toBe('1');
});
