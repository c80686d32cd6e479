/**
 * Criterion 6: the server is killed (-9) at random moments while it ingests. A scrape counts as completed when a query
 * has shown it, asked four times a second. After each restart every scrape that was completed more than two seconds before
 * any kill so far must be in the store, with all its series.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { number, query } from './lib/api.ts';
import { type Load, loadValue, startLoad } from './lib/load-exporter.ts';
import { Options } from './lib/options.ts';
import { measure, type Running, ready, startServer, temporaryFolder } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/kill-nine.ts [--kills 50] [--targets 100] [--series 1000] [--seed 7] [--least 3] [--most 12]
  [--port 0] [--exporter-port 0]
Kills the server --least to --most seconds after it was ready, --kills times, drawn from --seed.
`;
const MAX_READY_MS = 5000;
const MAX_GAP_MS = 3000;
const MAY_BE_LOST_MS = 2000;
const WATCH_EVERY_MS = 250;
/** Scrapes that began longer ago have ended. */
const SETTLED_MS = 2000;

interface Cycle {
  readonly uptimeS: number;
  readonly readyMs: number;
  /** Scrapes that had to be there, over the whole run so far, and those that are not. */
  readonly checked: number;
  readonly lost: number;
  /** Targets with scrapes since the last kill of which not every series is there with its value. */
  readonly torn: number;
  /** From the newest stored scrape to the kill, of the target where that is longest. */
  readonly unsavedMs: number;
  /** Between the last scrape before and the first after, of the target where that is longest. */
  readonly gapMs: number;
}

/** A scrape that a query has shown, and when its answer was there. */
interface SeenScrape {
  readonly target: number;
  readonly number: number;
  readonly atMs: number;
}

interface StoredScrape {
  readonly number: number;
  readonly timeMs: number;
}

const options = Options.read(HELP, {
  kills: '50',
  targets: '100',
  series: '1000',
  seed: '7',
  least: '3',
  most: '12',
  port: '0',
  'exporter-port': '0',
});

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All scrapes in the store, by target. */
async function readStored(url: string, load: Load, sinceMs: number): Promise<StoredScrape[][]> {
  const spanS = Math.ceil((Date.now() - sinceMs) / 1000) + 10;
  const series = await query(url, `load_scrape_number[${spanS}s]`);
  return load.addresses.map((address) =>
    series
      .filter(({ metric }) => metric['instance'] === address)
      .flatMap(({ values = [] }) =>
        values.map(([timeS, text]) => ({ number: Number(text), timeMs: timeS * 1000 })),
      ),
  );
}

/** Notes which scrapes can be read, and when that was first known, until the signal says stop. */
async function watch(
  url: string,
  load: Load,
  seen: SeenScrape[],
  kills: readonly number[],
  stop: AbortSignal,
): Promise<void> {
  const newest = new Map<string, number>();
  while (!stop.aborted) {
    await sleep(WATCH_EVERY_MS);
    const killed = kills.length;
    const answer = await query(url, 'load_scrape_number').catch(() => []);
    const atMs = Date.now();
    // An answer that outlived its server may show what that server had not stored yet.
    if (kills.length !== killed) continue;
    for (const { metric, value } of answer) {
      const instance = metric['instance'] ?? '';
      const number = Number(value?.[1]);
      if (number <= (newest.get(instance) ?? 0)) continue;
      newest.set(instance, number);
      seen.push({ target: load.addresses.indexOf(instance), number, atMs });
    }
  }
}

/**
 * Targets with scrapes since `sinceMs` of which series are missing or differ from what was sent. It asks for a moment
 * that is over: a scrape that is being appended may be in one half of an answer and not in the other.
 */
async function countTorn(url: string, sinceMs: number): Promise<number> {
  const series = options.number('series');
  const untilMs = Date.now() - SETTLED_MS;
  const span = `[${Math.floor(untilMs - sinceMs)}ms]`;
  const ofValues = `count_over_time(load_value${span})`;
  const scrapes = `count_over_time(load_scrape_number${span})`;
  const sent = `(${series} * ${loadValue(1, 0)} * sum_over_time(load_scrape_number${span}) + ${(series * (series - 1)) / 2} * ${scrapes})`;
  const faults = await Promise.all(
    [
      `count by (instance) (${ofValues} != on (instance) group_left () ${scrapes})`,
      `count by (instance) (${ofValues}) != ${series}`,
      `abs(sum by (instance) (sum_over_time(load_value${span})) - on (instance) ${sent}) > 0.5`,
    ].map((promql) => query(url, promql, untilMs / 1000)),
  );
  return new Set(faults.flat().map(({ metric }) => metric['instance'])).size;
}

function configFor(load: Load): string {
  return `global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: load
    static_configs:
      - targets: [${load.addresses.map((address) => `'${address}'`).join(', ')}]
watchroom: {health: {enabled: false}}
`;
}

/** What the restarted server still has, against what had been sent. */
async function inspect(
  url: string,
  load: Load,
  seen: readonly SeenScrape[],
  kills: readonly number[],
  startedAtMs: number,
) {
  const stored = await readStored(url, load, startedAtMs);
  const has = stored.map((scrapes) => new Set(scrapes.map((scrape) => scrape.number)));
  const due = seen.filter(({ atMs }) => {
    const nextKillMs = kills.find((killedAtMs) => killedAtMs >= atMs);
    return nextKillMs !== undefined && atMs < nextKillMs - MAY_BE_LOST_MS;
  });
  const lost = due.filter(({ target, number }) => !has[target]!.has(number));
  const killedAtMs = kills.at(-1)!;
  const times = stored.map((scrapes) => scrapes.map(({ timeMs }) => timeMs));
  const before = times.map((all) => Math.max(startedAtMs, ...all.filter((t) => t <= killedAtMs)));
  const after = times.map((all) => Math.min(Date.now(), ...all.filter((t) => t > killedAtMs)));
  const previous = kills.at(-2) ?? startedAtMs;
  return {
    checked: due.length,
    lost: lost.length,
    torn: await countTorn(url, previous),
    unsavedMs: Math.round(killedAtMs - Math.min(...before)),
    gapMs: Math.round(Math.max(...after.map((t, target) => t - before[target]!))),
  };
}

await measure(async () => {
  const folder = temporaryFolder();
  const port = await options.port('port');
  const url = `http://127.0.0.1:${port}`;
  const load = await startLoad({
    targets: options.number('targets'),
    series: options.number('series'),
    port: options.number('exporter-port'),
  });
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, configFor(load));
  const data = join(folder, 'data');
  const startedAtMs = Date.now();
  const run = async (): Promise<[Running, number]> => {
    const server = startServer({ config, data, port });
    return [server, await ready(server, `${url}/-/ready`)];
  };

  const random = randomFrom(options.number('seed'));
  const kills: number[] = [];
  const seen: SeenScrape[] = [];
  const watching = new AbortController();
  const cycles: Cycle[] = [];
  let [server, firstReadyMs] = await run();
  console.log(`first start ready in ${Math.round(firstReadyMs)} ms`);
  void watch(url, load, seen, kills, watching.signal);
  for (let kill = 0; kill < options.number('kills'); kill++) {
    const upS = options.number('least') + random() * (options.number('most') - options.number('least'));
    await sleep(upS * 1000);
    kills.push(Date.now());
    await server.stop('SIGKILL');
    let readyMs: number;
    [server, readyMs] = await run();
    await sleep(3500);
    const cycle: Cycle = { uptimeS: upS, readyMs, ...(await inspect(url, load, seen, kills, startedAtMs)) };
    cycles.push(cycle);
    console.error(
      `kill ${kill + 1}: ready in ${Math.round(readyMs)} ms, ${cycle.lost} of ${cycle.checked} lost`,
    );
  }
  printTable(
    ['kill', 'up s', 'ready ms', 'checked', 'lost', 'torn', 'unsaved ms', 'gap ms'],
    cycles.map((cycle, i) => [
      i + 1,
      cycle.uptimeS.toFixed(1),
      Math.round(cycle.readyMs),
      cycle.checked,
      cycle.lost,
      cycle.torn,
      cycle.unsavedMs,
      cycle.gapMs,
    ]),
  );
  const samples = await number(url, 'count({__name__=~".+"})');
  watching.abort();
  await load.close();
  const slowest = Math.max(...cycles.map(({ readyMs }) => readyMs));
  const unsaved = Math.max(...cycles.map(({ unsavedMs }) => unsavedMs));
  const gap = Math.max(...cycles.map(({ gapMs }) => gapMs));
  console.log(
    `${samples} series; slowest start ${Math.round(slowest)} ms, most unsaved ${unsaved} ms, longest gap ${gap} ms`,
  );
  console.log(`readiness asked within ${MAX_READY_MS} ms, gaps of at most ${MAX_GAP_MS} ms`);
  const inTime = slowest <= MAX_READY_MS && gap <= MAX_GAP_MS;
  return inTime && cycles.every(({ lost, torn }) => lost === 0 && torn === 0);
});
