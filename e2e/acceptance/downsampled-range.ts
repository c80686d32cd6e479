/**
 * What a 90-day range at 1-hour steps costs beside a 6-hour one, over 1,000 series of which there is a year of aggregates: CPU of the
 * server as the kernel counts it, through the HTTP API. Raw samples are 15 s apart and there for the last `--raw-hours`; the 6-hour
 * query reads them at each of `--steps`, in seconds: at 60 as a chart of 360 columns does, at 10 with as many points as the long answer
 * has. The criterion holds for the dearest question, at each step. Answers are not taken from the range cache: each query's text is new.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Options } from './lib/options.ts';
import { measure, ROOT, ready, start, startServer, temporaryFolder } from './lib/process.ts';
import { printTable, quantile } from './lib/table.ts';

const HELP = `
node e2e/acceptance/downsampled-range.ts [--series 1000] [--raw-hours 6] [--days 365] [--rounds 7] [--steps 60,10] [--port 0] [--data DIR]
--data: a folder that packages/tsdb/bench/rollup-year.ts has made with the same options, just now.
`;
const MUST = 10;
const GOAL = 3;
/** USER_HZ of Linux on all platforms that Node runs on. */
const TICKS_PER_SECOND = 100;
const HOUR_S = 3_600;
const RANGE_S = { long: 90 * 24 * HOUR_S, short: 6 * HOUR_S };

/** The same question over 90 days and over 6 hours. */
const QUESTIONS: readonly (readonly [long: string, short: string])[] = [
  ['bench_year', 'bench_year'],
  ['avg by (instance) (bench_year)', 'avg by (instance) (bench_year)'],
  ['sum(max_over_time(bench_year[1h]))', 'sum(max_over_time(bench_year[5m]))'],
  ['sum(avg_over_time(bench_year[1h]))', 'sum(avg_over_time(bench_year[5m]))'],
  ['sum(rate(bench_year[1h]))', 'sum(rate(bench_year[5m]))'],
  ['sum(rate(bench_year[6h]))', 'sum(rate(bench_year[5m]))'],
];

const options = Options.read(HELP, {
  series: '1000',
  'raw-hours': '6',
  days: '365',
  rounds: '7',
  steps: '60,10',
  port: '0',
  data: '',
});

/** Processor time of a process so far, ms: utime and stime, proc(5). */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}

async function folder(endMs: number): Promise<string> {
  if (options.text('data')) return options.text('data');
  const dir = temporaryFolder();
  const made = start(process.execPath, [
    join(ROOT, 'packages/tsdb/bench/rollup-year.ts'),
    `--dir=${dir}`,
    `--series=${options.text('series')}`,
    `--raw-hours=${options.number('raw-hours') + 1}`,
    `--days=${options.text('days')}`,
    `--end=${endMs}`,
  ]);
  const [code] = await new Promise<[number | null]>((done) =>
    made.child.once('exit', (exit) => done([exit])),
  );
  if (code !== 0) throw new Error(`the data could not be made:\n${made.output()}`);
  console.log(made.output().trim());
  return dir;
}

let asked = 0;

/** Reads one answer; gives how many points it has. */
async function points(
  url: string,
  text: string,
  endS: number,
  rangeS: number,
  stepS: number,
): Promise<number> {
  const parameters = {
    query: `${text} # ${asked++}`,
    start: String(endS - rangeS),
    end: String(endS),
    step: String(stepS),
  };
  const answer = await fetch(new URL(`/api/v1/query_range?${new URLSearchParams(parameters)}`, url));
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${text}: ${body.slice(0, 200)}`);
  const { data } = JSON.parse(body) as { data: { result: { values: unknown[] }[] } };
  return data.result.reduce((sum, { values }) => sum + values.length, 0);
}

await measure(async () => {
  const endMs = Date.now();
  const data = await folder(endMs);
  const config = join(temporaryFolder(), 'prometheus.yml');
  const rawHours = Math.ceil((Date.now() - endMs) / 3_600_000 + options.number('raw-hours') + 0.5);
  writeFileSync(
    config,
    `watchroom: {storage: {retention: ${rawHours}h, retention_5m: 90d, retention_1h: 2y}, health: {enabled: false}}\n`,
  );
  const port = await options.port('port');
  const server = startServer({ config, data, port });
  const url = `http://127.0.0.1:${port}`;
  await ready(server, `${url}/-/ready`);
  const rounds = options.number('rounds');
  const hourS = Math.floor(endMs / 1000 / HOUR_S) * HOUR_S;
  const cost = async (text: string, endS: number, rangeS: number, stepS: number) => {
    const before = cpuMs(server.pid);
    const count = await points(url, text, endS, rangeS, stepS);
    return { count, ms: cpuMs(server.pid) - before };
  };
  let met = true;
  for (const step of options.text('steps').split(',').map(Number)) {
    const rows: (string | number)[][] = [];
    let worst = 0;
    for (const [long, short] of QUESTIONS) {
      const [longMs, shortMs]: [number[], number[]] = [[], []];
      let [longPoints, shortPoints] = [0, 0];
      // The first round warms up.
      for (let round = 0; round <= rounds; round++) {
        const a = await cost(long, hourS, RANGE_S.long, HOUR_S);
        const b = await cost(short, Math.floor(endMs / 1000 / step) * step - 60, RANGE_S.short, step);
        [longPoints, shortPoints] = [a.count, b.count];
        if (round === 0) continue;
        longMs.push(a.ms);
        shortMs.push(b.ms);
      }
      const [one, other] = [quantile(longMs, 0.5), quantile(shortMs, 0.5)];
      worst = Math.max(worst, one / other);
      rows.push([
        long,
        Math.round(one),
        longPoints,
        Math.round(other),
        shortPoints,
        (one / other).toFixed(2),
      ]);
    }
    printTable(['90 days at 1 h', 'CPU ms', 'points', `6 h at ${step} s, CPU ms`, 'points', 'ratio'], rows);
    console.log(
      `at worst ${worst.toFixed(2)} times: the goal of ${GOAL} is ${worst <= GOAL ? 'met' : 'missed'}, at most ${MUST}`,
    );
    met &&= worst <= MUST;
  }
  return met;
});
