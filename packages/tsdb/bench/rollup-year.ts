/**
 * Makes a data folder as a server has it after a year: raw samples of the last hours, five-minute aggregates of the last 90 days,
 * one-hour aggregates of the year. Files of aggregates are written by the store's own writer, from values once a minute.
 * Usage: node bench/rollup-year.ts --dir=DIR [--series=1000] [--raw-hours=6] [--days=365] [--fine-days=90] [--end=MS]
 */
import { join } from 'node:path';
import type { Clock } from '@watchroom/model';
import { Labels } from '@watchroom/model';
import { SLICE_COLUMNS, writeSlice } from '../src/chunk/slice.ts';
import { ChunkWriter } from '../src/disk/chunk-writer.ts';
import { hashOf, layoutText } from '../src/disk/layout.ts';
import { finish } from '../src/head-news.ts';
import { openStore } from '../src/index.ts';
import { aggregateRaw, RollupColumns } from '../src/rollup/aggregate.ts';
import { endsOf, FIVE_MINUTES, type Level, ONE_HOUR, spanOf } from '../src/rollup/levels.ts';
import { benchSeries } from './data.ts';

const option = (name: string, fallback: number): number =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const dir = process.argv.find((arg) => arg.startsWith('--dir='))?.slice('--dir='.length);
if (!dir) throw new Error('say where: --dir=DIR');

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SCRAPE_MS = 15_000;
const GROUPS_PER_SPAN = 4_096;
const SPANS_IN_FILE = 16;
const MAX_HEAD_SAMPLES = 1_000_000;

const total = option('series', 1000);
const endMs = option('end', Date.now());
const rawFromMs = endMs - option('raw-hours', 6) * 3_600_000;
const all = benchSeries(2, total / 2)
  .flat()
  .map(({ at }, i) => ({
    at,
    labels: Labels.fromObject({ __name__: 'bench_year', instance: `host-${i % 2}`, i: String(i) }),
  }))
  .sort((a, b) => (a.labels.get('instance') < b.labels.get('instance') ? -1 : 1));
let seed = 12345;
const noise = (): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return seed / 2 ** 32;
};

/** Aggregates of all spans from `fromMs` on that had ended when the last sample came. */
function writeLevel(level: Level, fromMs: number): number {
  const samples = (level.spanMs + level.resolutionMs) / MINUTE_MS;
  const [times, values] = [new Float64Array(samples), new Float64Array(samples)];
  const text = finish(layoutText(all.map(({ labels }) => labels)));
  const hash = hashOf(text);
  let writer: ChunkWriter | undefined;
  let spans = 0;
  for (let span = spanOf(level, fromMs); (span + 1) * level.spanMs <= endMs; span++) {
    const ends = endsOf(level, span);
    const firstMs = ends[0]! - 2 * level.resolutionMs + MINUTE_MS;
    const into = new RollupColumns(all.length, ends.length);
    let windows = 0;
    all.forEach(({ at }, place) => {
      for (let k = 0; k < samples; k++) {
        times[k] = firstMs + k * MINUTE_MS;
        values[k] = at((times[k]! - endMs + 400 * DAY_MS) / 1000, noise());
      }
      windows += aggregateRaw(times, values, ends, into, place);
    });
    const slices: Uint8Array[] = [];
    for (const cells of into.cells)
      for (let column = 0; column < all.length; column += SLICE_COLUMNS)
        slices.push(
          writeSlice(
            {
              kind: 'grid',
              columns: all.length,
              rows: ends.length,
              times: ends,
              cells,
              rowCapacity: ends.length,
            },
            column,
          ),
        );
    if (spans++ % SPANS_IN_FILE === 0) {
      writer?.finish();
      const number = String(Math.ceil(spans / SPANS_IN_FILE)).padStart(6, '0');
      writer = new ChunkWriter(join(dir!, `${level.family.prefix}-${number}.db`));
    }
    const [minMs, maxMs] = [ends[0]!, ends.at(-1)!];
    writer!.append({ segment: span * GROUPS_PER_SPAN, hash, text, minMs, maxMs, samples: windows, slices });
  }
  writer?.finish();
  return spans;
}

/** Its wall clock stands at the sample that is being written. */
let nowMs = rawFromMs;
const clock: Clock = {
  now: () => nowMs,
  monotonic: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
const store = await openStore({ dir, clock, retentionMs: 1e12, maxBytes: 1e12, markStaleOnOpen: false });
const refs = all.map(({ labels }) => store.appender().series(labels));
const byTarget = [refs.slice(0, total / 2), refs.slice(total / 2)];
const row = new Float64Array(total / 2);
for (; nowMs < endMs; nowMs += SCRAPE_MS) {
  byTarget.forEach((own, target) => {
    const appender = store.appender();
    for (let i = 0; i < own.length; i++)
      row[i] = all[target * own.length + i]!.at((nowMs - endMs + 400 * DAY_MS) / 1000, noise());
    if (!appender.appendRow?.(Uint32Array.from(own), nowMs, row)) throw new Error('a row was refused');
    appender.commit();
  });
  while (store.stats().headSamples > MAX_HEAD_SAMPLES) await new Promise((resolve) => setTimeout(resolve, 5));
}
await store.flush();
await store.close();
const fine = writeLevel(FIVE_MINUTES, endMs - option('fine-days', 90) * DAY_MS);
const coarse = writeLevel(ONE_HOUR, endMs - option('days', 365) * DAY_MS);
console.log(
  `${total} series: raw since ${new Date(rawFromMs).toISOString()}, ${fine} spans of 5m, ${coarse} of 1h`,
);
