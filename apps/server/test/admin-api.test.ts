import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@watchroom/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../src/app.ts';
import { fillStore, runApp, type TestApp } from './running-app.ts';

const config = (admin: boolean): string =>
  `scrape_configs: []\nwatchroom: { health: { enabled: false }, admin_api: ${admin} }\n`;
const startMs = Date.now() - 60_000;

let app: TestApp;

beforeAll(async () => {
  app = await runApp(config(true));
  fillStore(app.app.store, startMs, 30);
});
afterAll(() => app.close());

async function call(
  path: string,
  init: RequestInit = { method: 'POST' },
  from = app,
): Promise<[number, string]> {
  const answer = await fetch(`${from.url}/api/v1/admin/tsdb/${path}`, init);
  return [answer.status, await answer.text()];
}

async function times(selector: string, from = app.url): Promise<Record<string, number>> {
  const query = encodeURIComponent(`count_over_time(${selector}[2m])`);
  const answer = await fetch(`${from}/api/v1/query?query=${query}&time=${startMs / 1000 + 60}`);
  const { data } = (await answer.json()) as {
    data: { result: { metric: { i: string }; value: [number, string] }[] };
  };
  return Object.fromEntries(data.result.map(({ metric, value }) => [metric.i, Number(value[1])]));
}

const fault = (errorType: string, error: string): string =>
  JSON.stringify({ status: 'error', errorType, error });

/** Texts and codes as Prometheus 3.5.3 gave them to the same requests. */
describe('the administration API', () => {
  it('is off unless the configuration has it, by reload too', async () => {
    const off = await runApp(config(false));
    const disabled = [500, fault('unavailable', 'admin APIs disabled')];
    try {
      for (const path of ['delete_series?match[]=m', 'clean_tombstones', 'snapshot'])
        for (const method of ['POST', 'PUT']) expect(await call(path, { method }, off)).toEqual(disabled);
    } finally {
      await off.close();
    }
  });

  it('answers other methods as Prometheus’ router', async () => {
    const answer = await app.get('/api/v1/admin/tsdb/snapshot');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'OPTIONS, POST, PUT']);
  });

  it.each([
    ['delete_series', 'no match[] parameter provided'],
    [
      'delete_series?match[]=m{',
      'invalid parameter "match[]": 1:3: parse error: unexpected end of input inside braces',
    ],
    [
      'delete_series?match[]=m&start=bad',
      'invalid parameter "start": invalid time value for \'start\': cannot parse "bad" to a valid timestamp',
    ],
    [
      'delete_series?match[]=m&end=bad',
      'invalid parameter "end": invalid time value for \'end\': cannot parse "bad" to a valid timestamp',
    ],
    [
      'snapshot?skip_head=maybe',
      'invalid parameter "skip_head": unable to parse boolean: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
  ])('refuses %s', async (path, error) => {
    expect(await call(path)).toEqual([400, fault('bad_data', error)]);
  });

  it('refuses other people’s pages', async () => {
    const [status] = await call('delete_series?match[]=m', {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(status).toBe(403);
    expect(Object.keys(await times('m'))).toHaveLength(10);
  });

  it('deletes what is asked for, in the form of a body too, and range queries forget it', async () => {
    const range = `/api/v1/query_range?query=m{i="4"}&start=${startMs / 1000}&end=${startMs / 1000 + 29}&step=1`;
    const points = async (): Promise<number> => {
      const { data } = (await (await app.get(range)).json()) as { data: { result: { values: unknown[] }[] } };
      return data.result[0]?.values.length ?? 0;
    };
    expect(await points()).toBe(30);
    expect(await points()).toBe(30);
    expect(await call(`delete_series?match[]=nothing&start=100&end=50`)).toEqual([204, '']);
    const body = new URLSearchParams([
      ['match[]', 'm{i="3"}'],
      ['match[]', 'm{i="4"}'],
      ['end', String(startMs / 1000 + 9)],
    ]);
    expect(await call('delete_series', { method: 'PUT', body })).toEqual([204, '']);
    expect(await times('m{i=~"[2-5]"}')).toEqual({ 2: 30, 3: 20, 4: 20, 5: 30 });
    expect(await points()).toBe(20);
    expect(await call('delete_series?match[]=m{i="5"}')).toEqual([204, '']);
    const values = (await (await app.get('/api/v1/label/i/values?match[]=m')).json()) as { data: string[] };
    expect(values.data).not.toContain('5');
    const metrics = await (await app.get('/metrics')).text();
    expect(metrics).toMatch(/^watchroom_store_tombstones 3$/m);
    expect(metrics).toMatch(/^watchroom_store_deletions_total 3$/m);
  });

  it('takes what is deleted off the disk', async () => {
    const before = await times('m');
    expect(await call('clean_tombstones', { method: 'PUT' })).toEqual([204, '']);
    expect(await times('m')).toEqual(before);
    expect(app.app.store.stats()).toMatchObject({ tombstones: 0, cleanedSamples: 50 });
  });

  it('takes snapshots that a server opens by itself', async () => {
    const before = await times('m');
    const [status, text] = await call('snapshot');
    expect(status).toBe(200);
    const { name } = (JSON.parse(text) as { data: { name: string } }).data;
    expect(text).toBe(`{"status":"success","data":{"name":"${name}"}}`);
    expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{16}$/);
    const [, blocksOnly] = await call('snapshot?skip_head=true', { method: 'PUT' });
    const folder = join(app.folder, 'data', 'snapshots');
    expect(readdirSync(folder)).toHaveLength(2);
    const files = readdirSync(join(folder, (JSON.parse(blocksOnly) as { data: { name: string } }).data.name));
    // An empty one, so that it is not missed.
    expect(files).toContain('head.db');
    expect(files).not.toContain('heartbeat');
    const silent = { info() {}, warn() {}, error() {} };
    const second = await startApp({
      version: '0.0.0',
      configFile: app.configFile,
      dataDir: join(folder, name),
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      log: silent,
      env: {},
    });
    try {
      expect(await times('m', `http://127.0.0.1:${second.address.port}`)).toEqual(before);
      expect(second.store.problems()).toEqual([]);
    } finally {
      await second.close();
    }
  });
});
