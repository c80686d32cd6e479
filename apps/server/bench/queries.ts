/**
 * CPU per query, the text of the answer included, over 10,000 series × 6.25 h at 15 s (data.ts) in a real store folder that is
 * kept between runs. Run: node apps/server/bench/queries.ts [--dir=FOLDER] [--only=id,id] [--ms=600]
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@watchroom/model';
import { Engine } from '@watchroom/promql';
import { seededRandom } from '@watchroom/testkit';
import { openStore, type TimeSeriesStore } from '@watchroom/tsdb';
import { resultPieces } from '../src/http/prometheus/result-json.ts';
import { END_MS, ROWS, START_MS, STEP_MS, targetSeries } from './data.ts';

const TARGETS = 50;
/** Targets whose samples come in one commit, as a remote writer packs them. */
const TOGETHER = 5;
const LATENCY = 'rate(http_request_duration_seconds_bucket';
const ERRORS = 'sum by (instance) (rate(http_requests_total{code=~"5.."}[5m]))';

/** Name, expression, range and step in seconds (0: instant). */
const QUERIES: readonly (readonly [id: string, query: string, rangeS: number, stepS: number])[] = [
  ['instant_one', 'node_load1{instance="host-007:9100"}', 0, 0],
  ['instant_1000', 'http_requests_total', 0, 0],
  ['instant_count_all', 'count by (__name__) ({job="bench"})', 0, 0],
  ['range_one_6h', 'node_load1{instance="host-007:9100"}', 21_600, 15],
  ['range_raw_1000_1h', 'http_requests_total', 3600, 15],
  ['rate_1000_1h', 'rate(http_requests_total[5m])', 3600, 15],
  ['sum_by_rate_1h', 'sum by (code) (rate(http_requests_total[5m]))', 3600, 15],
  ['cpu_by_instance_6h', 'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))', 21_600, 60],
  ['hist_quantile_1h', `histogram_quantile(0.95, sum by (le) (${LATENCY}[5m])))`, 3600, 15],
  [
    'hist_quantile_route_6h',
    `histogram_quantile(0.99, sum by (le, route) (${LATENCY}{service="checkout"}[5m])))`,
    21_600,
    120,
  ],
  ['avg_over_time_1h', 'avg_over_time(container_memory_working_set_bytes[10m])', 3600, 15],
  ['topk_1h', 'topk(5, sum by (instance) (rate(http_requests_total[5m])))', 3600, 15],
  ['ratio_join_1h', `${ERRORS} / on (instance) sum by (instance) (rate(http_requests_total[5m]))`, 3600, 15],
  [
    'fs_join_1h',
    '1 - node_filesystem_avail_bytes / on (instance, device, fstype, mountpoint) node_filesystem_size_bytes',
    3600,
    60,
  ],
  ['absent_1h', 'absent(no_such_metric{job="bench"})', 3600, 15],
  ['subquery', 'max_over_time(sum(rate(http_requests_total[5m]))[30m:1m])', 0, 0],
];

const option = (name: string, fallback: string): string =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function open(dir: string): Promise<TimeSeriesStore> {
  const marker = join(dir, 'bench-complete');
  mkdirSync(dir, { recursive: true });
  const limits = { retentionMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
  const store = await openStore({ dir, clock: systemClock, ...limits, markStaleOnOpen: false });
  if (existsSync(marker)) return store;
  console.error(`filling ${dir}`);
  await fill(store);
  writeFileSync(marker, '');
  return store;
}

async function fill(store: TimeSeriesStore): Promise<void> {
  const random = seededRandom(7);
  const groups = Array.from({ length: TARGETS / TOGETHER }, (_, g) =>
    Array.from({ length: TOGETHER }, (_, i) => targetSeries(g * TOGETHER + i)).flat(),
  );
  const first = store.appender();
  const refs = groups.map((group) => group.map(({ labels }) => first.series(labels)));
  first.rollback();
  for (let row = 0; row < ROWS; row++) {
    for (let g = 0; g < groups.length; g++) {
      const appender = store.appender();
      const own = refs[g]!;
      const group = groups[g]!;
      for (let i = 0; i < group.length; i++)
        appender.append(own[i]!, START_MS + row * STEP_MS, group[i]!.at(row, random()));
      appender.commit();
    }
    if (row % 10 === 0) await store.flush();
  }
  await store.flush();
}

async function main(): Promise<void> {
  const store = await open(option('dir', join(tmpdir(), 'watchroom-query-bench')));
  const engine = new Engine();
  const only = option('only', '').split(',').filter(Boolean);
  const budgetMs = Number(option('ms', '600'));
  try {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (const [id, query, rangeS, stepS] of QUERIES) {
      if (only.length > 0 && !only.includes(id)) continue;
      const run = async (k: number): Promise<number> => {
        const endMs = END_MS - 60_000 - (k % 40) * STEP_MS;
        const result =
          rangeS === 0
            ? await engine.instant({ query, timeMs: endMs, querier: store })
            : await engine.range({
                query,
                startMs: endMs - rangeS * 1000,
                endMs,
                stepMs: stepS * 1000,
                querier: store,
              });
        let length = 0;
        for (const piece of resultPieces(result, { limit: Number.POSITIVE_INFINITY })) length += piece.length;
        return length;
      };
      for (let k = 0; k < 3; k++) await run(k);
      const startMs = performance.now();
      const before = cpuMs();
      let n = 0;
      let bytes = 0;
      let slowestMs = 0;
      while (n < 5 || performance.now() - startMs < budgetMs) {
        const sinceMs = performance.now();
        bytes = await run(n++);
        slowestMs = Math.max(slowestMs, performance.now() - sinceMs);
      }
      const each = (cpuMs() - before) / n;
      console.log(
        `${id.padEnd(24)} ${each.toFixed(3).padStart(9)} CPU ms  n ${n}  slowest ${slowestMs.toFixed(1)} ms  ${bytes} B`,
      );
    }
    const { rss } = process.memoryUsage();
    console.log(`rss ${(rss / 2 ** 20).toFixed(0)} MiB, store cache ${store.stats().cacheBytes >> 10} KiB`);
  } finally {
    await store.close();
  }
}

await main();
