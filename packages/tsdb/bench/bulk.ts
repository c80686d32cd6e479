/**
 * What a bulk load costs the store: requests as a remote write client sends them, ten samples of each of 5,000 series, series
 * by series. CPU of the whole process, the writing thread included, and bytes on disk after settling.
 * Usage: node bench/bulk.ts [--series=10000] [--scrapes=600] [--batch=10] [--group=5000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@watchroom/testkit';
import { openStore } from '../src/index.ts';
import { benchSeries } from './data.ts';

const option = (name: string, fallback: number): number =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);

const STEP_MS = 15_000;
/** Settled: idle segments have become blocks. */
const SETTLE_MS = 11 * 60_000;
const total = option('series', 10_000);
const scrapes = option('scrapes', 600);
const batch = option('batch', 10);
const group = option('group', 5_000);
const clock = new ManualClock();
const dir = mkdtempSync(join(tmpdir(), 'watchroom-bulk-'));
const store = await openStore({ dir, clock, retentionMs: 1e12, maxBytes: 1e12 });
const all = benchSeries(total / 500, 500).flat();
const setUp = store.appender();
const refs = all.map(({ labels }) => setUp.series(labels));
setUp.rollback();

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const startMs = clock.now() - scrapes * STEP_MS;
const values = new Float64Array(group * batch);
let noise = 12345;
let costMs = 0;
for (let first = 0; first < scrapes; first += batch) {
  for (let from = 0; from < total; from += group) {
    for (let i = 0; i < group; i++)
      for (let k = 0; k < batch; k++) {
        noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
        values[i * batch + k] = all[from + i]!.at(((first + k) * STEP_MS) / 1000, noise / 2 ** 32);
      }
    const before = cpuMs();
    const appender = store.appender();
    for (let i = 0; i < group; i++)
      for (let k = 0; k < batch; k++)
        appender.append(refs[from + i]!, startMs + (first + k) * STEP_MS, values[i * batch + k]!);
    appender.commit();
    costMs += cpuMs() - before;
  }
  const before = cpuMs();
  await clock.advance(250);
  await store.flush();
  costMs += cpuMs() - before;
}
const loadedMs = costMs;
const before = cpuMs();
await clock.advance(SETTLE_MS);
while (store.stats().headSamples > 0) {
  await clock.advance(2);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await store.flush();
const samples = total * scrapes;
const { diskBytes, sealedBytes, appendedTotal } = store.stats();
if (appendedTotal !== samples) throw new Error(`${samples - appendedTotal} samples were refused`);
const perMillion = (ms: number): string => (ms / 1000 / (samples / 1e6)).toFixed(3);
console.log(
  `${samples} samples: ${perMillion(loadedMs)} CPU s/million, ${perMillion(loadedMs + cpuMs() - before)} with settling`,
);
console.log(
  `${(sealedBytes / samples).toFixed(3)} bytes/sample in blocks, ${(diskBytes / samples).toFixed(3)} on disk`,
);
await store.close();
rmSync(dir, { recursive: true });
