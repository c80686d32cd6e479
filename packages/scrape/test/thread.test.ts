import { Worker } from 'node:worker_threads';
import { Secret } from '@watchroom/config';
import { expect, it, onTestFinished } from 'vitest';
import { packHttp, unpackHttp } from '../src/fetching/pack-http.ts';
import { config, job, serve, text, until } from './harness.ts';
import { fast, threaded } from './threaded.ts';

it('stores what a target on another thread says, follows its settings and stops with them', async () => {
  let n = 0;
  const address = await serve((request, response) => {
    const asked = request.headers.authorization ?? 'none';
    text(() => `a_total{asked="${asked}"} ${++n}\nb 2\n`)(request, response);
  });
  const { manager, values, labels, counts } = threaded();
  await manager.apply(fast(address));
  await until(() => counts.scraped > 5, 'scrapes');
  expect(labels('a_total')[0]!.toObject()).toMatchObject({ asked: 'none', instance: address, job: 'a' });
  const seen = values('a_total');
  expect(seen).toEqual(seen.map((_, i) => i + 1));
  expect(manager.targets()[0]!.health).toBe('up');

  await manager.apply(
    fast(address, ['metric_relabel_configs: [{source_labels: [__name__], regex: b, action: drop}]']),
  );
  await until(() => Number.isNaN(values('b').at(-1)), 'the end of a series that is dropped now');
  await manager.apply(fast(address, ['authorization: {credentials: letmein}']));
  await until(() => labels('a_total').length === 2, 'the secret');
  expect(labels('a_total')[1]!.get('asked')).toBe('Bearer letmein');

  await manager.apply(config('scrape_configs: []'));
  await until(() => Number.isNaN(values('up').at(-1)), 'the end of the target');
});

it('says why a scrape failed', async () => {
  const { manager, counts } = threaded();
  await manager.apply(fast('127.0.0.1:1'));
  await until(() => counts.scraped > 0, 'a scrape');
  expect(manager.targets()[0]).toMatchObject({
    health: 'down',
    lastError: 'Get "http://127.0.0.1:1/metrics": dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

it('goes on with the same series when its thread has ended', async () => {
  let n = 0;
  const address = await serve(text(() => `a_total ${++n}\n`));
  const lastWriteMs = Date.now() - 5_000;
  const { manager, threads, started, counts, values, labels } = threaded({}, false, lastWriteMs);
  await manager.apply(fast(address));
  await until(() => counts.scraped > 3, 'scrapes');
  const endedMs = Date.now();
  await threads[0]!.terminate();
  const before = counts.scraped;
  await until(() => counts.scraped > before + 3, 'scrapes after the end of the thread');
  expect(counts.restarts).toBe(1);
  expect(threads.length).toBe(2);
  expect(started[0]!.lastWriteMs).toBe(lastWriteMs);
  expect(started[1]!.lastWriteMs).toBeGreaterThanOrEqual(endedMs);
  expect(labels('a_total').length).toBe(1);
  expect(values('a_total').some(Number.isNaN)).toBe(false);
});

it('keeps scrapes that are made before they can be stored, and stores them in their order', async () => {
  let n = 0;
  const address = await serve(text(() => `a_total ${++n}\n`));
  const { manager, counts, values } = threaded({}, true);
  await manager.apply(fast(address));
  await until(() => n > 3, 'scrapes that nobody can store yet');
  expect(counts.scraped).toBe(0);
  const made = n;
  manager.begin();
  await until(() => counts.scraped > made + 1, 'those scrapes, and scrapes after them');
  const seen = values('a_total');
  expect(seen).toEqual(seen.map((_, i) => i + 1));
});

it('makes no more scrapes than may wait to be stored, counts those it leaves out, and goes on', async () => {
  let n = 0;
  const address = await serve(text(() => `a_total ${++n}\n`));
  const { manager, counts } = threaded({ mostWaitingBytes: 1 }, true);
  await manager.apply(fast(address));
  await until(() => n === 1, 'the one scrape that may wait');
  const due = Date.now() + 350;
  await until(() => Date.now() > due, 'the time of three more');
  expect(n).toBe(1);
  manager.begin();
  await until(() => counts.scraped > 1, 'scrapes after that');
  expect(counts.skipped).toBeGreaterThanOrEqual(2);
});

it('begins anew when its thread ends before anything was stored', async () => {
  const address = await serve(text(() => 'a 1\n'));
  const { manager, threads, counts, values } = threaded({}, true);
  await manager.apply(fast(address));
  await threads[0]!.terminate();
  await until(() => counts.restarts === 1, 'the other thread');
  manager.begin();
  await until(() => counts.scraped > 1, 'its scrapes');
  expect(values('a').every((value) => value === 1)).toBe(true);
});

it('leaves scrapes out, counted, while what was reported waits for too long', async () => {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(
    `const { createServer } = require('node:http');
     const { parentPort, workerData } = require('node:worker_threads');
     const server = createServer((_, response) => {
       Atomics.add(workerData, 0, 1);
       response.setHeader('content-type', 'text/plain; version=0.0.4');
       response.end('a 1\\n');
     }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: gate },
  );
  onTestFinished(() => void server.terminate());
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  // Room for about ten reports.
  const { manager, counts } = threaded({ mostWaitingBytes: 6_000 });
  await manager.apply(fast(`127.0.0.1:${port}`));
  await until(() => counts.scraped > 0, 'a scrape');
  // This thread, which stores, stands still until the other one has stopped asking.
  let asked: number;
  do {
    asked = Atomics.load(gate, 0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  } while (Atomics.load(gate, 0) > asked);
  expect(asked).toBeLessThan(30);
  await until(() => counts.skipped > 0, 'the count of what was left out');
  expect(counts.scraped).toBeGreaterThanOrEqual(asked - 1);
});

it('packs the settings of connections so that they survive a copy', () => {
  const { http } = job('a:1', [
    'proxy_url: http://proxy:3128/',
    'basic_auth: {username: u, password: p}',
    'tls_config: {ca_file: /ca, server_name: s}',
    'http_headers: {X-A: {values: [v], secrets: [s], files: [/f]}}',
  ]).scrapeConfigs[0]!;
  const copy = unpackHttp(structuredClone(packHttp(http)));
  expect(copy).toEqual(http);
  expect(copy.basicAuth!.password).toBeInstanceOf(Secret);
  expect(copy.basicAuth!.password!.reveal()).toBe('p');
  expect(copy.proxy.url).toBeInstanceOf(URL);
});
