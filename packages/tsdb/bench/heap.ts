/**
 * Whether the heap stays level: hours of scrapes at 1 s and a wall's reads on a clock that is faster than time. Prints the heap
 * after a forced collection every ten minutes and fits a line from the tenth on.
 * Usage: node --expose-gc bench/heap.ts [--targets=50] [--series=60] [--hours=2] [--every=5]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Matcher } from '@watchroom/model';
import { ManualClock } from '@watchroom/testkit';
import { openStore, type TimeSeriesStore } from '../src/index.ts';
import { benchSeries } from './data.ts';

const option = (name: string, fallback: number): number =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);

const targets = option('targets', 50);
const minutes = option('hours', 2) * 60;
/** Seconds between evaluations; each reads what a wall does: short windows of all, long ones of a few. */
const every = option('every', 5);
const MIB = 2 ** 20;
const WARMUP_MINUTES = 10;
const { gc } = globalThis;
if (!gc) throw new Error('run it as: node --expose-gc bench/heap.ts');

const clock = new ManualClock();
const dir = mkdtempSync(join(tmpdir(), 'watchroom-heap-'));
const store = await openStore({ dir, clock, retentionMs: 1e12, maxBytes: 1e12 });
const series = option('series', 40);
const all = benchSeries(targets, series);
const settledSamples = targets * series * 160;

function read(from: TimeSeriesStore, matchers: readonly Matcher[], windowMs: number): void {
  const endMs = clock.now();
  const startMs = endMs - windowMs;
  void from.select(matchers, { startMs, endMs, stepMs: 0, rangeMs: windowMs, func: 'rate' });
}

async function minute(): Promise<void> {
  for (let second = 0; second < 60; second++) {
    for (const target of all) {
      const appender = store.appender();
      const at = clock.now() / 1000;
      for (const one of target) appender.append(appender.series(one.labels), clock.now(), one.at(at, 0.5));
      appender.commit();
    }
    await clock.advance(1_000);
    if (every > 60 || second % every !== 0) continue;
    read(store, [new Matcher('job', '=', 'shop')], 5 * 60_000);
    if (second === 0 && every < 60)
      read(store, [new Matcher('__name__', '=', 'bench_metric_1_total')], 60 * 60_000);
  }
  await store.flush();
  // The writing thread works in real time.
  while (store.stats().headSamples > settledSamples) {
    await clock.advance(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const points: [minute: number, bytes: number][] = [];
console.log('minute\theap MB\texternal MB\tcache MiB\tblocks\tsamples in memory');
for (let at = 1; at <= minutes; at++) {
  await minute();
  if (at % 5 !== 0) continue;
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  const { cacheBytes, chunks, headSamples } = store.stats();
  if (at >= WARMUP_MINUTES) points.push([at, heapUsed]);
  const cells = [(heapUsed / 1e6).toFixed(2), (external / 1e6).toFixed(1), (cacheBytes / MIB).toFixed(2)];
  console.log([at, ...cells, chunks, headSamples].join('\t'));
}
const mean = (of: (point: [number, number]) => number) =>
  points.reduce((sum, point) => sum + of(point), 0) / points.length;
const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
const slope = mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) ** 2);
console.log(`heap ${((slope * 60) / 1e6).toFixed(2)} MB/h after minute ${WARMUP_MINUTES}`);
await store.close();
rmSync(dir, { recursive: true });
