/**
 * Four clients ask the heaviest range queries for a minute, over hours of samples of 6,800 series, while the demo is scraped
 * each second and its wall is open: scrapes stay within 50 ms of their time, and what they bring is painted within a second.
 */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WallPage } from '../pages/wall-page.ts';
import { query } from './lib/api.ts';
import { openBrowser } from './lib/browser.ts';
import { startDemo } from './lib/demo-stack.ts';
import { historySeries, writeHistory } from './lib/history.ts';
import { Options } from './lib/options.ts';
import { installPaintProbe, type PaintedFrame, takePainted } from './lib/paint-probe.ts';
import { fromScrapes, scrapeEnds } from './lib/painted-scrapes.ts';
import { measure } from './lib/process.ts';
import { printTable, quantile } from './lib/table.ts';

const HELP = `
node e2e/acceptance/queries-under-load.ts [--clients 4] [--seconds 60] [--warmup 30] [--hours 6.25] [--port 0] [--fleet-port 9500]
--clients 0 measures the same without queries.
`;
const WITHIN_MS = 50;
const P99_MS = 1000;
const STEP_MS = 15_000;

/** Query, range and step in seconds. */
const HEAVIEST: readonly (readonly [string, number, number])[] = [
  ['histogram_quantile(0.95, sum by (le) (rate(bench_request_duration_seconds_bucket[5m])))', 3600, 15],
  ['sum by (instance) (rate(bench_cpu_seconds_total{mode!="idle"}[5m]))', 21_600, 60],
  [
    'histogram_quantile(0.99, sum by (le, route) (rate(bench_request_duration_seconds_bucket{service="checkout"}[5m])))',
    21_600,
    120,
  ],
  ['rate(bench_requests_total[5m])', 3600, 15],
];

const options = Options.read(HELP, {
  clients: '4',
  seconds: '60',
  warmup: '30',
  hours: '6.25',
  port: '0',
  'fleet-port': '9500',
});

const agent = new Agent({ keepAlive: true });

/** Reads an answer as cheaply as it can be read, so that this script takes little of the server's processor. */
function drain(url: URL): Promise<void> {
  return new Promise((done, fail) => {
    const request = get(url, { agent }, (answer) => {
      if (answer.statusCode !== 200) fail(new Error(`${url} answers ${answer.statusCode}`));
      answer.on('end', done).on('error', fail).resume();
    });
    request.on('error', fail);
  });
}

/** Asks one query after the other until the end; gives how long each took, ms. The window moves, as a dashboard's does. */
async function client(url: string, number: number, endMs: number, untilMs: number): Promise<number[]> {
  const took: number[] = [];
  for (let k = number; Date.now() < untilMs; k++) {
    const [text, rangeS, stepS] = HEAVIEST[k % HEAVIEST.length]!;
    const endS = endMs / 1000 - (k % 40) * 15;
    const parameters = { query: text, start: String(endS - rangeS), end: String(endS), step: String(stepS) };
    const startedMs = performance.now();
    await drain(new URL(`/api/v1/query_range?${new URLSearchParams(parameters)}`, url));
    took.push(performance.now() - startedMs);
  }
  return took;
}

/** How far each scrape of the shop was from its target's usual place in the second, ms, and how many seconds have none. */
async function scrapeOffsets(url: string, seconds: number): Promise<{ off: number[]; missed: number }> {
  const off: number[] = [];
  let missed = 0;
  // Of the last second some targets' scrapes are still to be seen, others not.
  const asked = `scrape_duration_seconds{job="shop"}[${seconds}s] offset 1s`;
  for (const { values = [] } of await query(url, asked)) {
    const phases = values.map(([timeS]) => (timeS * 1000) % 1000);
    // Around the first, so that a place near the turn of the second is one place.
    const around = phases.map((phase) => ((phase - phases[0]! + 1500) % 1000) - 500);
    const usual = quantile(around, 0.5);
    off.push(...around.map((phase) => Math.abs(phase - usual)));
    missed += Math.max(0, seconds - values.length);
  }
  return { off, missed };
}

function row(name: string, values: readonly number[]): (string | number)[] {
  const at = (share: number) => Math.round(quantile(values, share));
  return [name, values.length, at(0.5), at(0.9), at(0.99), Math.round(Math.max(...values))];
}

await measure(async () => {
  const [seconds, clients] = [options.number('seconds'), options.number('clients')];
  const stack = await startDemo({
    port: await options.port('port'),
    fleetPort: await options.port('fleet-port'),
  });
  const endMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  const startedMs = performance.now();
  const samples = await writeHistory(stack.url, historySeries(), {
    endMs,
    hours: options.number('hours'),
    stepMs: STEP_MS,
  });
  console.log(`${samples} samples written in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await installPaintProbe(page);
  await new WallPage(page).open(stack.url);
  await sleep(options.number('warmup') * 1000);
  await takePainted(page);
  const untilMs = Date.now() + seconds * 1000;
  const asking = Promise.all(
    Array.from({ length: clients }, (_, number) => client(stack.url, number, endMs, untilMs)),
  );
  const frames: PaintedFrame[] = [];
  while (Date.now() < untilMs) {
    await sleep(5000);
    frames.push(...(await takePainted(page)));
  }
  const { off, missed } = await scrapeOffsets(stack.url, seconds);
  const took = (await asking).flat();
  const painted = fromScrapes(
    await scrapeEnds(stack.url, seconds),
    frames.filter(({ kind, channel }) => kind === 'delta' && !/\b(watchroom|svc):|^alerts$/.test(channel)),
  );
  printTable(
    ['ms', 'count', 'p50', 'p90', 'p99', 'max'],
    [
      row('scrape off its time', off),
      row('scrape to painted frame', painted),
      ...(took.length > 0 ? [row('query', took)] : []),
    ],
  );
  console.log(`${missed} scrapes missed`);
  await browser.close();
  return missed === 0 && Math.max(...off) <= WITHIN_MS && quantile(painted, 0.99) <= P99_MS;
});
