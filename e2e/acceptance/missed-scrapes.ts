/**
 * Criterion 7 of the store: targets are scraped each second while another process keeps a core busy. Every target numbers its
 * answers, so that what it was asked and what is stored are counted apart: neither may miss one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { query, readMetrics } from './lib/api.ts';
import { type Load, startLoad } from './lib/load-exporter.ts';
import { Options } from './lib/options.ts';
import { measure, ready, start, startServer, temporaryFolder } from './lib/process.ts';
import { printTable, quantile } from './lib/table.ts';

const HELP = `
node e2e/acceptance/missed-scrapes.ts [--minutes 10] [--targets 100] [--series 1000] [--busy 1] [--port 0]
Scrapes each second with --busy processes that do nothing but take a core. The first ten seconds do not count.
`;
const WARM_UP_MS = 10_000;
const INTERVAL_MS = 1000;

const options = Options.read(HELP, { minutes: '10', targets: '100', series: '1000', busy: '1', port: '0' });

function configFor(load: Load): string {
  return `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: load
    static_configs:
      - targets: [${load.addresses.map((address) => `'${address}'`).join(', ')}]
watchroom: {health: {enabled: false}}
`;
}

interface Count {
  readonly stored: number;
  /** Times a second apart at which there is no scrape. */
  readonly missing: number;
  /** Numbers that the target gave and the store does not have. */
  readonly unstored: number;
  readonly failed: number;
  /** Longest time from one scrape to the next, ms. */
  readonly worstMs: number;
}

async function countOf(url: string, address: string, fromMs: number, toMs: number): Promise<Count> {
  const span = `[${Math.floor(toMs - fromMs)}ms]`;
  const at = toMs / 1000;
  const [numbers] = await query(url, `load_scrape_number{instance="${address}"}${span}`, at);
  const [failed] = await query(
    url,
    `count_over_time((up{instance="${address}"} == 0)${span.replace(']', ':1s]')})`,
    at,
  );
  const values = numbers?.values ?? [];
  const gaps = values.slice(1).map(([timeS], i) => (timeS - values[i]![0]) * 1000);
  const ends = [values[0]?.[1], values.at(-1)?.[1]].map(Number);
  return {
    stored: values.length,
    missing: gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / INTERVAL_MS) - 1), 0),
    unstored: ends[1]! - ends[0]! + 1 - values.length,
    failed: Number(failed?.value?.[1] ?? 0),
    worstMs: Math.max(0, ...gaps),
  };
}

await measure(async () => {
  const folder = temporaryFolder();
  const port = await options.port('port');
  const url = `http://127.0.0.1:${port}`;
  const load = await startLoad({
    targets: options.number('targets'),
    series: options.number('series'),
    port: 0,
  });
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, configFor(load));
  const server = startServer({ config, data: join(folder, 'data'), port });
  await ready(server, `${url}/-/ready`);
  for (let i = 0; i < options.number('busy'); i++) start(process.execPath, ['-e', 'for (;;);']);
  await sleep(WARM_UP_MS);
  const fromMs = Date.now();
  for (let minute = 1; minute <= Math.ceil(options.number('minutes')); minute++) {
    await sleep(60_000 * Math.min(1, options.number('minutes') - minute + 1));
    console.error(`minute ${minute}`);
  }
  // A scrape that is under way at the end has two seconds.
  const toMs = Date.now() - 2 * INTERVAL_MS;
  const counts: Count[] = [];
  for (const address of load.addresses) counts.push(await countOf(url, address, fromMs, toMs));
  const sum = (of: (count: Count) => number) => counts.reduce((total, count) => total + of(count), 0);
  const totals = [
    sum(({ stored }) => stored),
    sum(({ missing }) => missing),
    sum(({ unstored }) => unstored),
  ] as const;
  const failed = sum(({ failed }) => failed);
  const worst = counts.map(({ worstMs }) => worstMs);
  printTable(
    ['targets', 'stored', 'missing', 'answered, not stored', 'failed', 'gap p50 ms', 'gap max ms'],
    [[counts.length, ...totals, failed, Math.round(quantile(worst, 0.5)), Math.round(Math.max(...worst))]],
  );
  for (const [name, value] of await readMetrics(url, 'watchroom_scrapes_skipped_total'))
    console.log(`${name} ${value}`);
  await load.close();
  return totals[0] > 0 && totals[1] === 0 && totals[2] === 0 && failed === 0;
});
