/**
 * Criterion 10: a real Prometheus and watchroom scrape one fleet and run one rule file; every series that the health
 * rules record must agree at every evaluation time.
 *
 * What makes the comparison exact: the fleet stamps its samples and keeps each for two scrapes, so both store the same
 * ones whenever they ask; rules look four scrapes back, when all have landed; both read the rules from the same path,
 * which decides the evaluation times. An evaluation that one of the two skipped (a busy machine) is counted, not compared.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { query, type RawSeries } from './lib/api.ts';
import { Options } from './lib/options.ts';
import {
  measure,
  peer,
  ROOT,
  ready,
  start,
  startFleet,
  startServer,
  temporaryFolder,
} from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/prometheus-parity.ts [--calm 60] [--after 120] [--speed 60] [--interval 5] [--scrape 2]
  [--port 0] [--peer-port 0] [--fleet-port 9500]
Runs the fleet calm for --calm seconds, then double11 at --speed, then --after seconds more, and compares.
--interval: of the health rules, --scrape: of the targets, in seconds. Prometheus must be on the PATH or in the folder WATCHROOM_PEERS names.
`;
const TOLERANCE = 1e-9;
/** The longest window of the rules. */
const WINDOW_S = 120;
const RESOURCES = 'watchroom:resource:ratio';
const SCENARIO_S = 1800;
/** Compared as they were scraped, to tell a difference of input from one of evaluation. */
const SCRAPED = ['http_requests_total', 'http_request_duration_seconds_bucket', 'svc_saturation_ratio'];

interface Span {
  readonly own: string;
  readonly theirs: string;
  readonly fromS: number;
  readonly toS: number;
}

interface Row {
  readonly name: string;
  series: number;
  points: number;
  missing: number;
  worst: number;
  example: string;
}

const options = Options.read(HELP, {
  calm: '60',
  after: '120',
  speed: '60',
  interval: '5',
  scrape: '2',
  port: '0',
  'peer-port': '0',
  'fleet-port': '9500',
});

const scrapeS = options.number('scrape');
const offsetS = 4 * scrapeS;
/** What lies closer to both servers' first samples is not compared. */
const warmS = WINDOW_S + offsetS;

function healthRules(config: string): string {
  const result = spawnSync(join(ROOT, 'bin/watchroom'), ['health-rules', '--config', config], {
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout;
}

function flat(series: readonly RawSeries[], fromS: number): Map<string, number> {
  const points = new Map<string, number>();
  for (const { metric, values = [] } of series) {
    const name = JSON.stringify(Object.entries(metric).sort());
    for (const [timeS, text] of values) {
      if (timeS >= fromS)
        points.set(`${name} @ ${Math.round(timeS * 1000)}`, Number(text.replace('Inf', 'Infinity')));
    }
  }
  return points;
}

function difference(a: number, b: number): number {
  return Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b)) ? 0 : Math.abs(a - b);
}

/** The times of all samples. */
function timesOf(points: ReadonlyMap<string, number>): Set<string> {
  return new Set([...points.keys()].map((key) => key.slice(key.lastIndexOf('@'))));
}

/** Compares the raw samples of `name` in (fromS, toS]. `both`: the times at which both have evaluated; all when absent. */
async function compare(name: string, span: Span, both?: ReadonlySet<string>): Promise<Row> {
  const { own, theirs, fromS, toS } = span;
  const selector = `{__name__="${name}"}[${Math.ceil(toS - fromS)}s]`;
  const [a, b] = await Promise.all([own, theirs].map((url) => query(url, selector, toS)));
  const row: Row = { name, series: b!.length, points: 0, missing: 0, worst: 0, example: '' };
  const [mine, other] = [flat(a!, fromS), flat(b!, fromS)];
  for (const key of new Set([...mine.keys(), ...other.keys()])) {
    if (both && !both.has(key.slice(key.lastIndexOf('@')))) continue;
    const [x, y] = [mine.get(key), other.get(key)];
    if (x === undefined || y === undefined) {
      row.missing++;
      if (row.missing === 1)
        row.example = `${x === undefined ? 'only Prometheus' : 'only watchroom'}: ${key}`;
      continue;
    }
    row.points++;
    const off = difference(x, y);
    const size = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    if (size > TOLERANCE && row.worst <= TOLERANCE) row.example = `${x} for ${y}: ${key}`;
    row.worst = Math.max(row.worst, size);
  }
  return row;
}

/** The times at which both have evaluated the group that records `name`, and how many only one has. */
async function evaluations(name: string, { own, theirs, fromS, toS }: Span): Promise<[Set<string>, number]> {
  const selector = `{__name__="${name}"}[${Math.ceil(toS - fromS)}s]`;
  const [a, b] = await Promise.all(
    [own, theirs].map(async (url) => timesOf(flat(await query(url, selector, toS), fromS))),
  );
  const both = new Set([...a!].filter((time) => b!.has(time)));
  return [both, a!.size + b!.size - 2 * both.size];
}

/** Where everything that is compared was seen by both servers. */
async function commonStart(urls: readonly string[]): Promise<number> {
  const firsts = await Promise.all(
    urls.map(async (url) => {
      const series = await query(url, 'min_over_time(timestamp(svc_saturation_ratio)[1h:2s])');
      return Math.max(...series.map(({ value }) => Number(value?.[1])));
    }),
  );
  return Math.max(...firsts) + warmS + offsetS;
}

await measure(async () => {
  const folder = temporaryFolder();
  const [port, peerPort, fleetPort] = [
    await options.port('port'),
    await options.port('peer-port'),
    await options.port('fleet-port'),
  ];
  const [own, theirs, fleetUrl] = [port, peerPort, fleetPort].map((one) => `http://127.0.0.1:${one}`) as [
    string,
    string,
    string,
  ];
  const shared = (file: string) => join(folder, file);
  const base = `global:
  scrape_interval: ${scrapeS}s
  scrape_timeout: ${scrapeS}s
  evaluation_interval: ${options.number('interval')}s
  rule_query_offset: ${offsetS}s
scrape_configs:
  - job_name: shop
    http_sd_configs:
      - url: ${fleetUrl}/sd
        refresh_interval: 5s
`;
  const settings = `watchroom: {health: {interval: ${options.number('interval')}s}}\n`;
  writeFileSync(shared('settings.yml'), base + settings);
  const rules = shared('health.yml');
  writeFileSync(rules, healthRules(shared('settings.yml')));
  writeFileSync(shared('prometheus.yml'), `${base}rule_files: ['${rules}']\n`);
  writeFileSync(shared('watchroom.yml'), `${base}watchroom: {health: {rules_file: '${rules}'}}\n`);

  const fleet = startFleet(fleetPort, ['--timestamps', '--step', String(2 * scrapeS)]);
  await ready(fleet, `${fleetUrl}/healthz`);
  const prometheus = start(peer('prometheus'), [
    `--config.file=${shared('prometheus.yml')}`,
    `--storage.tsdb.path=${shared('peer')}`,
    `--web.listen-address=127.0.0.1:${peerPort}`,
    '--log.level=warn',
  ]);
  const server = startServer({ config: shared('watchroom.yml'), data: shared('data'), port });
  await Promise.all([ready(prometheus, `${theirs}/-/ready`), ready(server, `${own}/-/ready`)]);
  console.log(`warming up for ${warmS} s, calm for ${options.number('calm')} s`);
  await sleep((warmS + offsetS + options.number('calm')) * 1000);
  const body = JSON.stringify({ name: 'double11', speed: options.number('speed'), seed: 11 });
  await fetch(`${fleetUrl}/incident`, { method: 'POST', body });
  const incidentS = SCENARIO_S / options.number('speed');
  console.log(`double11 for ${incidentS} s, then ${options.number('after')} s`);
  await sleep((incidentS + options.number('after')) * 1000);

  const toS = Date.now() / 1000 - 2 * offsetS;
  const fromS = await commonStart([own, theirs]);
  const span = { own, theirs, fromS, toS };
  const [health, healthAlone] = await evaluations('watchroom:health:weight', span);
  const [resources, resourcesAlone] = await evaluations(RESOURCES, span);
  const names = new Set(
    [...healthRules(shared('settings.yml')).matchAll(/- record: (\S+)/g)].map(([, name]) => name!),
  );
  const rows: Row[] = [];
  for (const name of ['watchroom:health:score', ...names, 'ALERTS', 'ALERTS_FOR_STATE', ...SCRAPED]) {
    if (rows.some((row) => row.name === name)) continue;
    const both = SCRAPED.includes(name) ? undefined : name === RESOURCES ? resources : health;
    rows.push(await compare(name, span, both));
  }
  printTable(
    ['metric', 'series', 'points', 'missing', 'largest difference'],
    rows.map(({ name, series, points, missing, worst }) => [
      name,
      series,
      points,
      missing,
      worst.toExponential(2),
    ]),
  );
  for (const { name, example } of rows) if (example) console.log(`${name}: ${example}`);
  const score = rows[0]!;
  const lowest = await query(theirs, `min by (service) (min_over_time(watchroom:health:score[10m]))`);
  const order = lowest.find(({ metric }) => metric['service'] === 'order')?.value?.[1];
  console.log(
    `${health.size} evaluations of the score and ${resources.size} of the resources in both; ` +
      `${healthAlone} and ${resourcesAlone} in one only`,
  );
  console.log(`order fell to ${order}; ${score.points} scores over ${Math.round(toS - fromS)} s compared`);
  const recorded = rows.filter(({ name }) => !SCRAPED.includes(name));
  return recorded.every(({ missing, worst }) => missing === 0 && worst <= TOLERANCE) && score.points > 0;
});
