/**
 * Prometheus and watchroom are given the same samples, target and rules, and sent requests such as Grafana's Prometheus data
 * source sends (written by hand, not captured); status, content type and JSON bodies must be equal. The fields that are left out stand in volatile.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type PlayedAnswer, type PlayedRequest, played, snappy, writeRequest } from '@watchroom/testkit';
import { getJson } from './lib/api.ts';
import { Options } from './lib/options.ts';
import { measure, peer, ROOT, ready, start, startServer, temporaryFolder } from './lib/process.ts';

const HELP = `
node e2e/acceptance/grafana-requests.ts [--record no|yes] [--port 0] [--peer-port 0]
Plays apps/server/testdata/grafana/requests.json against Prometheus and watchroom and compares. --record yes writes
Prometheus' answers to answers.json. Prometheus 3.5 must be on the PATH or in the folder WATCHROOM_PEERS names.
`;
const TESTDATA = join(ROOT, 'apps/server/testdata/grafana');
const options = Options.read(HELP, { record: 'no', port: '0', 'peer-port': '0' });

interface FixedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly start_ms: number;
  readonly step_ms: number;
  readonly values: readonly (number | null)[];
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(TESTDATA, name), 'utf8')) as T;
}

function writeBody(): Buffer {
  const series = read<FixedSeries[]>('data.json').map(({ labels, start_ms, step_ms, values }) => ({
    labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    samples: values.flatMap((value, i): [number, number][] =>
      value === null ? [] : [[start_ms + i * step_ms, value]],
    ),
  }));
  return snappy(writeRequest(series).done());
}

async function load(url: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    body: new Uint8Array(writeBody()),
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
  });
  if (!answer.ok) throw new Error(`${url} refuses the samples: ${answer.status} ${await answer.text()}`);
}

/** Once the target was scraped and the rules were evaluated twice. */
async function settled(url: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { data } = await getJson<{
      data: { groups: { rules: { health: string; alerts?: unknown[] }[] }[] };
    }>(`${url}/api/v1/rules`);
    const metadata = await getJson<{ data: object }>(`${url}/api/v1/metadata`);
    const rules = data.groups.flatMap((group) => group.rules);
    const known = rules.length === 4 && rules.every(({ health }) => health === 'ok');
    if (known && Object.keys(metadata.data).length >= 3) return;
    await sleep(200);
  }
  throw new Error(`${url} has not scraped its target and evaluated its rules within 20 s`);
}

async function serveExporter(): Promise<number> {
  const text = readFileSync(join(TESTDATA, 'exporter.txt'));
  const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  const server = createServer((_request, response) => response.setHeader('content-type', type).end(text));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port;
}

function show(answer: PlayedAnswer): string {
  return JSON.stringify(answer).slice(0, 700);
}

await measure(async () => {
  const folder = temporaryFolder();
  const exporter = await serveExporter();
  const [port, peerPort] = [await options.port('port'), await options.port('peer-port')];
  const [own, theirs] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const config = `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ['${join(TESTDATA, 'rules.yml')}']
scrape_configs:
  - {job_name: shop, static_configs: [{targets: ['127.0.0.1:${exporter}']}]}
`;
  const settings = 'watchroom: {storage: {retention: 100y}, health: {enabled: false}}\n';
  const files = { prometheus: join(folder, 'prometheus.yml'), watchroom: join(folder, 'watchroom.yml') };
  // The old samples come first: beside those of a target they would be out of order.
  writeFileSync(files.prometheus, 'global: {}\n');
  writeFileSync(files.watchroom, settings);
  const prometheus = start(peer('prometheus'), [
    `--config.file=${files.prometheus}`,
    `--storage.tsdb.path=${join(folder, 'peer')}`,
    '--storage.tsdb.retention.time=100y',
    '--web.enable-remote-write-receiver',
    '--web.enable-lifecycle',
    '--enable-feature=exemplar-storage',
    `--web.listen-address=127.0.0.1:${peerPort}`,
    '--log.level=warn',
  ]);
  const server = startServer({ config: files.watchroom, data: join(folder, 'data'), port });
  await Promise.all([ready(prometheus, `${theirs}/-/ready`), ready(server, `${own}/-/ready`)]);
  await Promise.all([own, theirs].map(load));
  writeFileSync(files.prometheus, config);
  writeFileSync(files.watchroom, config + settings);
  await Promise.all([own, theirs].map((url) => fetch(`${url}/-/reload`, { method: 'POST' })));
  await Promise.all([own, theirs].map(settled));
  const volatile = read<Record<string, string>>('volatile.json');
  const requests = read<PlayedRequest[]>('requests.json');
  const recorded: PlayedAnswer[] = [];
  let equal = 0;
  for (const request of requests) {
    const [ours, peers] = await Promise.all([own, theirs].map((url) => played(url, request, volatile)));
    recorded.push(peers!);
    if (isDeepStrictEqual(ours, peers)) equal++;
    else console.log(`DIFFERS ${request.name}\n  ours   ${show(ours!)}\n  theirs ${show(peers!)}`);
  }
  console.log(
    `grafana: ${equal} of ${requests.length} answers equal; not compared: ${Object.keys(volatile)}`,
  );
  if (options.text('record') === 'yes') {
    const lines = recorded.map((answer) => JSON.stringify(answer));
    writeFileSync(join(TESTDATA, 'answers.json'), `[\n${lines.join(',\n')}\n]\n`);
  }
  return equal === requests.length;
});
