/**
 * How late the event loop is, under prom-client's names. Its own monitor wakes the process a hundred times a second, which is half
 * of what an idle server costs, and counts its own period as lag; this one looks twice a second and takes the period off.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

const PERIOD_MS = 500;
const NS_PER_S = 1e9;

type Reading = readonly [name: string, help: string, read: (delays: IntervalHistogram) => number];

const PREFIX = 'nodejs_eventloop_lag_';
const READINGS: readonly Reading[] = [
  ['min_seconds', 'The minimum recorded event loop delay.', ({ min }) => min],
  ['max_seconds', 'The maximum recorded event loop delay.', ({ max }) => max],
  ['mean_seconds', 'The mean of the recorded event loop delays.', ({ mean }) => mean],
  [
    'p50_seconds',
    'The 50th percentile of the recorded event loop delays.',
    (delays) => delays.percentile(50),
  ],
  [
    'p90_seconds',
    'The 90th percentile of the recorded event loop delays.',
    (delays) => delays.percentile(90),
  ],
  [
    'p99_seconds',
    'The 99th percentile of the recorded event loop delays.',
    (delays) => delays.percentile(99),
  ],
];

/** prom-client's own period: as good as never. */
export const NEVER_MS = 2 ** 31 - 1;

/** Replaces what prom-client has registered. The figures are of the time since they were read last. */
export function observeLoopLag(registry: Registry): void {
  const delays = monitorEventLoopDelay({ resolution: PERIOD_MS });
  delays.enable();
  const gauge = (name: string, help: string, collect: () => number): void => {
    registry.removeSingleMetric(PREFIX + name);
    new Gauge({
      name: PREFIX + name,
      help,
      registers: [registry],
      collect() {
        this.set(collect());
      },
    });
  };
  for (const [name, help, read] of READINGS) {
    gauge(name, help, () =>
      delays.count === 0 ? 0 : Math.max(0, read(delays) / NS_PER_S - PERIOD_MS / 1_000),
    );
  }
  // Collected last, as it is registered last.
  gauge('stddev_seconds', 'The standard deviation of the recorded event loop delays.', () => {
    const deviation = delays.count > 1 ? delays.stddev / NS_PER_S : 0;
    delays.reset();
    return deviation;
  });
}
