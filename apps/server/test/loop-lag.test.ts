import { expect, it } from 'vitest';
import { ServerMetrics } from '../src/metrics/server-metrics.ts';

const NAMES = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (part) => `nodejs_eventloop_lag_${part}_seconds`,
);

it("the event loop's lag stands under prom-client's names, once, as numbers", async () => {
  const { registry } = new ServerMetrics('test');
  const lines = (await registry.metrics()).split('\n');
  for (const name of [...NAMES, 'nodejs_eventloop_lag_seconds']) {
    const found = lines.filter((line) => line.startsWith(`${name} `));
    expect([name, found.length]).toEqual([name, 1]);
    expect([name, Number(found[0]!.split(' ')[1]) >= 0]).toEqual([name, true]);
  }
});
