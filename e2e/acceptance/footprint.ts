/**
 * What the server costs on the demo with the wall open: processor and memory as the kernel counts them, event loop,
 * rule groups, scrape punctuality. Linux only. There is no criterion of its own; it fails when a core is half busy.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WallPage } from '../pages/wall-page.ts';
import { getJson, number, query, readMetrics } from './lib/api.ts';
import { openBrowser } from './lib/browser.ts';
import { startDemo } from './lib/demo-stack.ts';
import { Options } from './lib/options.ts';
import { measure } from './lib/process.ts';
import { printTable, quantile } from './lib/table.ts';

const HELP = `
node e2e/acceptance/footprint.ts [--seconds 60] [--warmup 150] [--health-interval 5s] [--profile DIR] [--port 0]
  [--fleet-port 9500]
--profile: the server runs with --cpu-prof and leaves its profile in DIR.
`;
const MAX_CORE_SHARE = 0.5;
/** USER_HZ of Linux on all platforms that Node runs on. */
const TICKS_PER_SECOND = 100;

const options = Options.read(HELP, {
  seconds: '60',
  warmup: '150',
  'health-interval': '',
  profile: '',
  port: '0',
  'fleet-port': '9500',
});

/** Seconds of processor time of a process so far: utime and stime, proc(5). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;
}

async function sumOf(url: string, name: string): Promise<number> {
  return (await readMetrics(url, name)).reduce((sum, [, value]) => sum + value, 0);
}

interface RuleGroup {
  readonly name: string;
  readonly evaluationTime: number;
  readonly interval: number;
}

/** The median of several readings per group, in ms. */
async function groupTimes(url: string, times: Map<string, number[]>): Promise<void> {
  const { data } = await getJson<{ data: { groups: readonly RuleGroup[] } }>(new URL('/api/v1/rules', url));
  for (const { name, interval, evaluationTime } of data.groups) {
    const key = `${name}, each ${interval} s`;
    times.set(key, [...(times.get(key) ?? []), evaluationTime * 1000]);
  }
}

/** How far the distance of two scrapes is from one second, in ms. */
async function lateness(url: string, seconds: number): Promise<number[]> {
  const series = await query(url, `up{job="shop"}[${seconds}s]`);
  return series.flatMap(({ values = [] }) =>
    values.slice(1).map(([timeS], i) => Math.abs((timeS - values[i]![0]) * 1000 - 1000)),
  );
}

await measure(async () => {
  const profile = options.text('profile');
  const stack = await startDemo({
    port: await options.port('port'),
    fleetPort: await options.port('fleet-port'),
    healthInterval: options.text('health-interval') || undefined,
    ...(profile ? { env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` } } : {}),
  });
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await new WallPage(page).open(stack.url);
  await sleep(options.number('warmup') * 1000);

  const { pid } = stack.server;
  const seconds = options.number('seconds');
  const [cpuBefore, startedMs] = [cpuSeconds(pid), performance.now()];
  const liveBefore = await sumOf(stack.url, 'watchroom_live_evaluation_seconds_sum');
  const times = new Map<string, number[]>();
  const rss: number[] = [];
  while (performance.now() - startedMs < seconds * 1000) {
    await sleep(2500);
    await groupTimes(stack.url, times);
    rss.push(residentMb(pid));
  }
  const elapsedS = (performance.now() - startedMs) / 1000;
  const core = (cpuSeconds(pid) - cpuBefore) / elapsedS;
  const live = ((await sumOf(stack.url, 'watchroom_live_evaluation_seconds_sum')) - liveBefore) / elapsedS;
  const late = await lateness(stack.url, Math.round(seconds));
  // The server scrapes itself; asking /metrics here would begin a new measurement of the lag.
  const lag = async (name: string) =>
    ((await number(stack.url, `max_over_time(nodejs_eventloop_lag_${name}_seconds[1m])`)) * 1000).toFixed(1);
  const series = await sumOf(stack.url, 'watchroom_store_series');
  printTable(
    ['figure', 'value'],
    [
      ['processor, share of a core', `${(core * 100).toFixed(1)} %`],
      ['of it evaluating live queries', `${(live * 100).toFixed(1)} %`],
      ['resident memory, median', `${quantile(rss, 0.5).toFixed(0)} MB`],
      ['series', series],
      [
        'event loop lag p50, p99 of the worst 5 s, with the timer’s 10 ms',
        `${await lag('p50')} ms, ${await lag('p99')} ms`,
      ],
      ...[...times].map(([name, ms]) => [
        `rule group ${name}: p50, max`,
        `${quantile(ms, 0.5).toFixed(1)} ms, ${Math.max(...ms).toFixed(1)} ms`,
      ]),
      [
        'scrape off its time p50, p99',
        `${quantile(late, 0.5).toFixed(1)} ms, ${quantile(late, 0.99).toFixed(1)} ms`,
      ],
    ],
  );
  await browser.close();
  await stack.server.stop('SIGTERM');
  return core < MAX_CORE_SHARE;
});
