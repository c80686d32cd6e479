import { ManualClock } from '@watchroom/testkit';
import { Registry, Summary } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { RecentSummary } from './recent-summary.ts';

const NAME = { name: 'wait_seconds', help: 'Time waited.', percentiles: [0.5, 0.99] };

function summary() {
  const clock = new ManualClock();
  const registry = new Registry();
  return {
    clock,
    registry,
    summary: new RecentSummary({ ...NAME, maxAgeSeconds: 600, registers: [registry] }, clock),
  };
}

describe('a summary of recent observations', () => {
  test("is exposed as prom-client's own", async () => {
    const own = summary();
    const peers = new Registry();
    const peer = new Summary({ ...NAME, registers: [peers] });
    for (let i = 0; i < 5; i++) {
      own.summary.observe(0.25);
      peer.observe(0.25);
    }
    expect(await own.registry.metrics()).toBe(await peers.metrics());
  });

  test('tells quantiles of the last ten minutes, and the sum and number of all', async () => {
    const { clock, registry, summary: own } = summary();
    own.observe(1000);
    await clock.advance(1);
    for (let i = 1; i <= 100; i++) own.observe(i);
    expect(await registry.metrics()).toContain('wait_seconds{quantile="0.99"} 100\n');
    await clock.advance(600_000 - 1);
    const text = await registry.metrics();
    expect(text).toContain('wait_seconds{quantile="0.5"} 50\n');
    expect(text).toContain('wait_seconds{quantile="0.99"} 99\n');
    expect(text).toContain('wait_seconds_sum 6050\n');
    expect(text).toContain('wait_seconds_count 101\n');
  });

  test('tells no quantiles without observations', async () => {
    const { registry } = summary();
    expect(await registry.metrics()).toContain('wait_seconds{quantile="0.5"} Nan\n');
    expect(await registry.metrics()).toContain('wait_seconds_count 0\n');
  });

  test('tells of the newest two thousand', async () => {
    const { registry, summary: own } = summary();
    for (let i = 0; i < 2_048; i++) own.observe(1);
    for (let i = 0; i < 1_025; i++) own.observe(2);
    const text = await registry.metrics();
    expect(text).toContain('wait_seconds{quantile="0.5"} 2\n');
    expect(text).toContain('wait_seconds_count 3073\n');
  });
});
