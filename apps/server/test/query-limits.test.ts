/** What a query may cost, and what becomes of it when its time is over, its samples are too many or its client goes. */
import { readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { QueryQueueFullError } from '@watchroom/promql';
import { afterEach, describe, expect, it } from 'vitest';
import { toApiError } from '../src/http/prometheus/api-error.ts';
import { type FixedSeries, load } from './loaded-app.ts';
import { eventually, runApp, type TestApp } from './running-app.ts';

const END_S = 1_780_003_600;
const data = readFileSync(join(import.meta.dirname, '../testdata/grafana/data.json'), 'utf8');
/** Many small pieces of work, of a minute and more together. */
const LONG = new URLSearchParams({
  query: Array.from(
    { length: 200 },
    (_, i) => `sum(quantile_over_time(0.5, http_request_duration_seconds_bucket[10m:10s] offset ${i}s))`,
  ).join(' + '),
  start: String(END_S - 3600),
  end: String(END_S),
  step: '1',
});

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

function running(): TestApp {
  if (!app) throw new Error('start it first');
  return app;
}

async function start(promql: string): Promise<void> {
  app = await runApp(`watchroom:
  storage: {retention: 100y}
  health: {enabled: false}
  promql: {${promql}}
`);
  load(running().app.store, JSON.parse(data) as FixedSeries[]);
}

async function answer(
  path: string,
): Promise<{ status: number; body: { errorType?: string; error?: string } }> {
  const response = await running().get(path);
  return { status: response.status, body: (await response.json()) as { errorType?: string; error?: string } };
}

/** Sends the long query; its client can go. */
function sendLong(): ClientRequest {
  const sent = request(`${running().url}/api/v1/query_range?${LONG}`);
  sent.on('error', () => {});
  sent.end();
  return sent;
}

async function figure(name: string): Promise<number> {
  const text = await (await running().get('/metrics')).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

const reaches = (name: string, value: number): Promise<true> =>
  eventually(async () => ((await figure(name)) === value ? true : undefined));

describe('a query', () => {
  it('ends when its client goes', async () => {
    await start('max_samples: 1000000000000, max_concurrency: 1');
    const sent = sendLong();
    await reaches('watchroom_queries_running', 1);
    sent.destroy();
    await reaches('watchroom_queries_running', 0);
    expect(await figure('watchroom_query_failures_total{purpose="api"}')).toBe(1);
    expect((await answer('/api/v1/query?query=1')).status).toBe(200);
  });

  it('waits its turn; one whose client has gone does not wait on', async () => {
    await start('max_samples: 1000000000000, max_concurrency: 1');
    const first = sendLong();
    await reaches('watchroom_queries_running', 1);
    const waiting = answer('/api/v1/query?query=vector(1)');
    const gone = sendLong();
    await reaches('watchroom_queries_waiting', 2);
    gone.destroy();
    await reaches('watchroom_queries_waiting', 1);
    first.destroy();
    expect((await waiting).status).toBe(200);
  });

  it('that finds too many waiting is told to come again', () => {
    expect(toApiError(new QueryQueueFullError(200))).toMatchObject({ status: 503, errorType: 'unavailable' });
  });

  it('has a deadline of the configuration, and an earlier one of its own', async () => {
    await start('timeout: 300ms, max_samples: 1000000000000');
    const timeout = { status: 503, body: { errorType: 'timeout' } };
    expect(await answer(`/api/v1/query_range?${LONG}`)).toMatchObject(timeout);
    expect(await answer(`/api/v1/query_range?${LONG}&timeout=1h`)).toMatchObject(timeout);
    const own = await answer(`/api/v1/query_range?${LONG}&timeout=20ms`);
    expect(own).toMatchObject(timeout);
    expect(own.body.error).toMatch(/^query timed out in /);
  });

  it('reads no more samples than it may', async () => {
    await start('max_samples: 100');
    expect((await answer(`/api/v1/query?query=up&time=${END_S}`)).status).toBe(200);
    expect(await answer(`/api/v1/query?query=sum_over_time({job="api"}[1h])&time=${END_S}`)).toEqual({
      status: 422,
      body: {
        status: 'error',
        errorType: 'execution',
        error: 'query processing would load too many samples into memory in query execution',
      },
    });
  });

  it('is computed anew where nocache asks for it', async () => {
    await start('max_samples: 1000000');
    const path = `/api/v1/query_range?query=count(up)&start=${END_S - 60}&end=${END_S}&step=15`;
    await answer(`${path}&nocache=1`);
    await answer(path);
    await answer(`${path}&nocache=1`);
    expect(await figure('watchroom_range_cache_hits_total')).toBe(0);
    await answer(path);
    expect(await figure('watchroom_range_cache_misses_total')).toBe(1);
    expect(await figure('watchroom_range_cache_hits_total')).toBe(1);
  });
});
