/**
 * Prometheus and watchroom are given the same samples by remote write and asked the same generated queries; answers,
 * warnings and errors must be equal, the order of the series included.
 *
 * The order of the series is compared as it is returned for range queries and for instant queries that end in sort, sort_desc,
 * sort_by_label, topk, bottomk; of other instant queries it is told in how many it is the same. Where Prometheus itself
 * answers now one way and now another (which of equal values topk keeps, the order of its hash maps), the query is asked up
 * to --again times, and our answer must be among Prometheus' own.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@watchroom/testkit';
import { type Answer, compareAnswers } from './lib/compare-answers.ts';
import { Options } from './lib/options.ts';
import { END_MS, paritySeries, START_MS, writeBody } from './lib/parity-data.ts';
import { measure, peer, ready, start, startServer, temporaryFolder } from './lib/process.ts';
import { RandomQuery } from './lib/random-query.ts';

const HELP = `
node e2e/acceptance/promql-parity.ts [--seed 1] [--count 300] [--native yes|no] [--show 20] [--again 25] [--query EXPR --at S]
Loads Prometheus and watchroom with the same samples by remote write and compares --count generated queries.
--native no leaves native histograms out. --query asks one query at --at (seconds after the first sample) and prints both
answers. Prometheus 3.5 must be on the PATH or in the folder WATCHROOM_PEERS names.
`;
const FEATURES = 'promql-experimental-functions,native-histograms';
/** All series in one request, as Prometheus refuses what lies an hour before the newest sample. */
const SLICE_MS = 1_200_000;

const options = Options.read(HELP, {
  seed: '1',
  count: '300',
  native: 'yes',
  show: '20',
  again: '25',
  port: '0',
  'peer-port': '0',
  query: '',
  at: '3600',
});

interface Times {
  readonly time?: string;
  readonly start?: string;
  readonly end?: string;
  readonly step?: string;
}

interface Urls {
  readonly own: string;
  readonly theirs: string;
}

async function ask(url: string, query: string, times: Times): Promise<Answer> {
  const path = times.time === undefined ? '/api/v1/query_range' : '/api/v1/query';
  const answer = await fetch(new URL(path, url), {
    method: 'POST',
    body: new URLSearchParams({ query, ...times }),
  });
  return (await answer.json()) as Answer;
}

async function write(url: string, body: Buffer): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  const answer = await fetch(new URL('/api/v1/write', url), {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status} to remote write: ${await answer.text()}`);
}

async function load(url: string, native: boolean): Promise<void> {
  const series = paritySeries(7, native);
  for (let fromMs = START_MS; fromMs < END_MS; fromMs += SLICE_MS) {
    const within = ([timeMs]: readonly [number, unknown]): boolean =>
      timeMs >= fromMs && timeMs < fromMs + SLICE_MS;
    const slice = series.map(({ labels, samples }) => ({ labels, samples: samples.filter(within) }));
    const body = writeBody(slice.filter(({ samples }) => samples.length > 0));
    await write(url, body);
  }
}

async function startPrometheus(folder: string): Promise<string> {
  const program = peer('prometheus');
  const version = /version (\d+)\.(\d+)/.exec(
    String(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout),
  );
  if (!version || Number(version[1]) < 3) throw new Error(`${program} is older than Prometheus 3`);
  const port = await options.port('peer-port');
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, 'global: {scrape_interval: 1h}\n');
  const one = start(program, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'prometheus')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    `--enable-feature=${FEATURES}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await ready(one, `${url}/-/ready`);
  return url;
}

async function startOwn(folder: string): Promise<string> {
  const port = await options.port('port');
  const config = join(folder, 'watchroom.yml');
  const settings =
    'watchroom: {storage: {retention: 100y}, health: {enabled: false}, promql: {experimental: true}}';
  writeFileSync(config, `global: {scrape_interval: 1h}\n${settings}\n`);
  const one = startServer({ config, data: join(folder, 'watchroom'), port });
  const url = `http://127.0.0.1:${port}`;
  await ready(one, `${url}/-/ready`);
  return url;
}

/** An instant within the samples and a little past them, or a range of at most 40 steps. */
function randomTimes(random: () => number): Times {
  const second = (): number => Math.round(START_MS / 1000 + random() * ((END_MS - START_MS) / 1000 + 400));
  if (random() < 0.5) return { time: (second() + (random() < 0.3 ? random() : 0)).toFixed(3) };
  const step = [15, 37, 60, 300, 0.5, 7.25][Math.floor(random() * 6)]!;
  const from = second();
  return { start: String(from), end: String(from + step * Math.floor(random() * 40)), step: String(step) };
}

/** Instant queries whose order is promised, and how far. */
const BY_VALUE = /^(?:sort|sort_desc|topk|bottomk)\b/;
const BY_LABELS = /^sort_by_label(?:_desc)?\b/;

/**
 * Prometheus' main branch finds two matches also where a comparison then leaves them out; 3.5 answers. We follow the former's
 * source; its scripts say nothing of it.
 */
const NEWER_ERROR = /^multiple matches for labels/;

/** Which of several it names first is chance where an operand is itself computed. */
const DUPLICATES = /^found duplicate series for the match group/;

interface Tally {
  equal: number;
  /** Prometheus' own answers differ, and ours is one of them. */
  wavering: number;
  /** We fail as newer Prometheus does. */
  newer: number;
  failing: number;
  empty: number;
  numbers: number;
  inexact: number;
  unordered: number;
  sameOrder: number;
}

/** Compares one query; the difference, or undefined. */
async function compare(urls: Urls, query: string, times: Times, tally: Tally): Promise<string | undefined> {
  const [own, theirs] = await Promise.all([ask(urls.own, query, times), ask(urls.theirs, query, times)]);
  const sorted = BY_LABELS.test(query) ? 'all' : BY_VALUE.test(query) ? 'values' : 'none';
  const order = times.time === undefined ? 'all' : sorted;
  const first = compareAnswers(own, theirs, order);
  tally.numbers += first.numbers;
  tally.inexact += first.inexact;
  if (theirs.status !== 'success') tally.failing++;
  else if (Array.isArray(theirs.data?.result) && theirs.data.result.length === 0) tally.empty++;
  if (order === 'none' && first.difference === undefined && theirs.status === 'success') {
    tally.unordered++;
    if (compareAnswers(own, theirs, 'all').difference === undefined) tally.sameOrder++;
  }
  if (first.difference === undefined) {
    tally.equal++;
    return undefined;
  }
  if (theirs.status === 'success' && NEWER_ERROR.test(own.error ?? '')) {
    tally.newer++;
    return undefined;
  }
  if (DUPLICATES.test(own.error ?? '') && DUPLICATES.test(theirs.error ?? '')) {
    tally.wavering++;
    return undefined;
  }
  for (let again = 0; again < options.number('again'); again++) {
    const other = await ask(urls.theirs, query, times);
    if (compareAnswers(own, other, order).difference !== undefined) continue;
    tally.wavering++;
    return undefined;
  }
  return first.difference;
}

function report(tally: Tally, count: number, different: number): void {
  const { equal, wavering, newer, failing, empty, numbers, inexact, unordered, sameOrder } = tally;
  console.log(
    `seed ${options.text('seed')}: ${equal + wavering} of ${count} queries equal, ${different} different`,
  );
  console.log(
    `  ${failing} fail in Prometheus, ${empty} are empty; in ${wavering} Prometheus' own answers differ`,
  );
  console.log(`  ${newer} fail as Prometheus' main branch does and 3.5 does not (more than one match)`);
  console.log(`  ${numbers} numbers, ${inexact} of them equal to 1e-11 only, the others digit for digit`);
  console.log(`  order not promised in ${unordered}, the same all the same in ${sameOrder}`);
}

await measure(async () => {
  const folder = temporaryFolder();
  const [own, theirs] = await Promise.all([startOwn(folder), startPrometheus(folder)]);
  const native = options.text('native') === 'yes';
  await Promise.all([load(own, native), load(theirs, native)]);
  if (options.text('query') !== '') {
    const time = String(START_MS / 1000 + options.number('at'));
    for (const url of [own, theirs])
      console.log(JSON.stringify(await ask(url, options.text('query'), { time }), null, 1));
    return true;
  }
  const random = seededRandom(options.number('seed'));
  const queries = new RandomQuery(random, native);
  const count = options.number('count');
  const tally: Tally = {
    equal: 0,
    wavering: 0,
    newer: 0,
    failing: 0,
    empty: 0,
    numbers: 0,
    inexact: 0,
    unordered: 0,
    sameOrder: 0,
  };
  let different = 0;
  for (let i = 0; i < count; i++) {
    const [query, times] = [queries.next(), randomTimes(random)];
    const difference = await compare({ own, theirs }, query, times, tally);
    if (difference === undefined || ++different > options.number('show')) continue;
    console.log(`#${i + 1} ${query}\n   ${JSON.stringify(times)}\n   ${difference.slice(0, 600)}`);
  }
  report(tally, count, different);
  return different === 0;
});
