/**
 * What upkeep does to the thread that serves: ingests at one scrape a second in real time, and tells the longest turns.
 * Small chunks make blocks come as often as they do in the long run of many more targets.
 * Usage: node bench/live.ts [--targets=50] [--series=500] [--seconds=40] [--rows=20]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '@watchroom/model';
import { openStore } from '../src/index.ts';
import { benchSeries } from './data.ts';

const option = (name: string, fallback: number): number =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);

const targets = option('targets', 50);
const series = option('series', 500);
const seconds = option('seconds', 40);
const dir = mkdtempSync(join(tmpdir(), 'watchroom-live-'));
const store = await openStore({
  dir,
  clock: systemClock,
  retentionMs: 1e12,
  maxBytes: 1e12,
  chunkRows: option('rows', 20),
});
const all = benchSeries(targets, series);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const cpuBefore = process.cpuUsage();
for (let k = 0; k < seconds * targets; k++) {
  const dueMs = 1000 / targets;
  await new Promise((resolve) => setTimeout(resolve, dueMs - 1));
  const appender = store.appender();
  const now = Date.now();
  for (const { labels, at } of all[k % targets]!)
    appender.append(appender.series(labels), now, at(now / 1000, 0.5));
  appender.commit();
}
const cpu = process.cpuUsage(cpuBefore);
const stats = store.stats();
console.log(
  `${targets} x ${series} series, ${seconds} s: ${stats.appendedTotal} samples, ${stats.chunks} blocks`,
);
console.log(`worst turn of upkeep, wall time, ${stats.worstSliceMs.toFixed(1)} ms`);
console.log(
  `event loop delay p50 ${(delay.percentile(50) / 1e6).toFixed(1)}, p99 ${(delay.percentile(99) / 1e6).toFixed(1)}, ` +
    `p99.9 ${(delay.percentile(99.9) / 1e6).toFixed(1)}, worst ${(delay.max / 1e6).toFixed(1)} ms`,
);
console.log(
  `CPU ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s, resident ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`,
);
await store.close();
rmSync(dir, { recursive: true });
