/**
 * What the store costs, on the shape of data in data.ts: append and upkeep per sample, bytes on disk, selects,
 * opening again. Usage: node bench/run.ts [--targets=50] [--series=500] [--minutes=10]
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
const series = option('series', 500);
const seconds = option('minutes', 10) * 60;
const dir = mkdtempSync(join(tmpdir(), 'watchroom-bench-'));
const clock = new ManualClock();
const settings = { dir, clock, retentionMs: 1e12, maxBytes: 1e12 };

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function report(what: string, value: number, unit: string): void {
  console.log(`${value.toFixed(value < 10 ? 3 : 1).padStart(10)} ${unit.padEnd(18)} ${what}`);
}

/** Ingests and gives the CPU that went into appends and into everything behind them, without making the values. */
async function ingest(
  store: TimeSeriesStore,
): Promise<{ appendMs: number; upkeepMs: number; samples: number }> {
  const all = benchSeries(targets, series);
  const refs = all.map((list) => {
    const appender = store.appender();
    const found = list.map(({ labels }) => appender.series(labels));
    appender.rollback();
    return found;
  });
  const values = new Float64Array(series);
  let noise = 12345;
  let appendMs = 0;
  let upkeepMs = 0;
  for (let second = 0; second < seconds; second++) {
    for (let target = 0; target < targets; target++) {
      const list = all[target]!;
      for (let i = 0; i < series; i++) {
        noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
        values[i] = list[i]!.at(second + 100_000, noise / 2 ** 32);
      }
      const before = cpuMs();
      const appender = store.appender();
      const known = refs[target]!;
      for (let i = 0; i < series; i++) appender.append(known[i]!, clock.now(), values[i]!);
      appender.commit();
      appendMs += cpuMs() - before;
    }
    const before = cpuMs();
    await clock.advance(1000);
    // The clock is faster than time: the writing thread must not fall behind by more than it ever does.
    if (second % 5 === 4) await store.flush();
    upkeepMs += cpuMs() - before;
  }
  return { appendMs, upkeepMs, samples: targets * series * seconds };
}

async function timeSelect(
  store: TimeSeriesStore,
  what: string,
  matchers: Matcher[],
  spanMs: number,
): Promise<void> {
  const endMs = clock.now();
  const hints = { startMs: endMs - spanMs, endMs, stepMs: 15_000, rangeMs: 0, func: '' };
  const rounds = 5;
  let samples = 0;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = cpuMs();
    const found = await store.select(matchers, hints);
    times.push(cpuMs() - before);
    samples = found.reduce((sum, data) => sum + data.values.length, 0);
  }
  report(`select ${what}: ${samples} samples, first`, times[0]!, 'CPU ms');
  report(`select ${what}: median after`, times.slice(1).sort((a, b) => a - b)[2]!, 'CPU ms');
}

console.log(`# node ${process.version}, ${targets} x ${series} series, ${seconds} scrapes at 1 s`);
let store = await openStore(settings);
const { appendMs, upkeepMs, samples } = await ingest(store);
await store.flush();
report('append', (appendMs * 1e6) / samples, 'ns/sample');
report('flush, seal, retention', (upkeepMs * 1e6) / samples, 'ns/sample');
report('together', (appendMs + upkeepMs) / (samples / 1e6) / 1000, 'CPU s/million');
const stats = store.stats();
report('sealed', stats.sealedBytes / stats.sealedSamples, 'bytes/sample');
report('on disk, write-ahead rows included', stats.diskBytes / samples, 'bytes/sample');
report('uncompressed in memory', stats.headBytes / 2 ** 20, 'MiB');
report('resident', process.memoryUsage().rss / 2 ** 20, 'MiB');
report("worst turn of upkeep on the store's thread", stats.worstSliceMs, 'ms');
const one = [
  new Matcher('__name__', '=', 'bench_metric_7_total'),
  new Matcher('instance', '=', '10.0.0.3:9100'),
  new Matcher('route', '=', '/api/v1/route/3'),
];
const thousand = [new Matcher('__name__', '=~', 'bench_metric_2_total')];
await timeSelect(store, '1 series', one, seconds * 1000);
await timeSelect(store, `${targets * (series / 25)} series`, thousand, seconds * 1000);
await store.close();
const startMs = performance.now();
store = await openStore(settings);
report('open again', performance.now() - startMs, 'ms');
await store.close();
rmSync(dir, { recursive: true });
