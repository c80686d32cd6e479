import { systemClock } from '@watchroom/model';
import { QueryQueueFullError } from '@watchroom/promql';
import { MemoryStore } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { ServerMetrics } from '../src/metrics/server-metrics.ts';
import { QueryEngine } from '../src/query-engine.ts';

const SETTINGS = {
  experimental: false,
  timeoutMs: 60_000,
  maxSamples: 1_000_000,
  maxConcurrency: 1,
  lookbackDeltaMs: 300_000,
};

describe('the query engine', () => {
  it('evaluates rules while clients ask for more than fits', async () => {
    const metrics = new ServerMetrics('0.0.0');
    const engine = new QueryEngine(SETTINGS, systemClock, metrics);
    const querier = new MemoryStore();
    const ask = { query: 'vector(1)', timeMs: 1000, querier };
    const asked = ['api', 'live'] as const;
    const outcomes = asked.map((purpose) =>
      Promise.allSettled(Array.from({ length: 1000 }, () => engine.for(purpose).instant(ask))),
    );
    const rule = await engine.for('own').instant(ask);
    expect(rule.value).toMatchObject({ type: 'vector', samples: [{ value: 1 }] });
    const [api, live] = await Promise.all(outcomes);
    const refused = api!.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBe(799);
    expect(refused[0]).toMatchObject({ reason: expect.any(QueryQueueFullError) });
    expect(live!.every(({ status }) => status === 'fulfilled')).toBe(true);
    const text = await metrics.exposition();
    expect(text).toContain('watchroom_query_failures_total{purpose="api"} 799');
    expect(text).toContain('watchroom_query_seconds_count{purpose="live"} 1000');
  });

  it('takes what is experimental as soon as a reload switches it on', async () => {
    const engine = new QueryEngine(SETTINGS, systemClock, new ServerMetrics('0.0.0'));
    const querier = new MemoryStore();
    const ask = (query: string) => engine.for('api').instant({ query, timeMs: 1000, querier });
    await expect(ask('limitk(1, vector(1))')).rejects.toThrow(
      'limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    );
    await expect(ask('sum_over_time(vector(1)[1m+1m:30s])')).rejects.toThrow('is not enabled');
    engine.configure({ ...SETTINGS, experimental: true });
    expect((await ask('limitk(1, vector(1))')).value).toMatchObject({ samples: [{ value: 1 }] });
    expect((await ask('sum_over_time(vector(1)[1m+1m:30s])')).value).toMatchObject({
      samples: [{ value: 4 }],
    });
  });
});
