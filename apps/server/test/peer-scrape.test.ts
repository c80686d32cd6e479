/**
 * One set of bodies (Prometheus' own and node_exporter's protobuf and text, and histograms of our own making), scraped by us
 * and by a Prometheus with native histograms on: the API must give the same series, values and histograms.
 */
import {
  bucket,
  delimited,
  exemplar,
  type Field,
  family,
  findPeer,
  label,
  peerProgram,
  span,
} from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, PeerBench, until } from './peer-bench.ts';
import { runApp, type TestApp } from './running-app.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const PATIENCE_MS = 40_000;

const prometheus = findPeer('prometheus', 3);
const nodeExporter = peerProgram('node_exporter') ?? findPeer('prometheus-node-exporter');

const native = (...fields: readonly Field[]): readonly Field[] => [[7, 'message', fields]];
const MADE = delimited([
  family('made_float', 4, [
    native([4, 'double', 2.5], [2, 'double', 1e22], [5, 'sint', 3], [8, 'double', 0.5], span(12, -7, 2), [
      14,
      'packed double',
      [1.25, 0.75],
    ]),
  ]),
  family('made_gauge', 5, [
    native([1, 'uint', 6], [2, 'double', -3], [5, 'sint', -4], span(9, 0, 3), [
      10,
      'packed sint',
      [3, -3, 3],
    ]),
  ]),
  family('made_classic', 4, [
    [
      label('b', ''),
      ...native([1, 'uint', 4], [2, 'double', 7], bucket(0.00001, 1), bucket(1e6, 3, exemplar(3, 'x', 9))),
    ],
  ]),
  family('made_total', 0, [
    [
      label('le', '1'),
      label('é', '"\\\n'),
      [3, 'message', [[1, 'double', 1 / 3], exemplar(2, 'y', 1, 1_700_000_000)]],
    ],
  ]),
  family('made_info', 3, [[[5, 'message', [[1, 'double', Number.NaN]]]]]),
]);

interface Body {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const bodies = new Map<string, Body>();
const bench = new PeerBench();
let app: TestApp;
let peerUrl = '';

/** Asks a program for its metrics, and keeps the answer for a path of the target. */
async function capture(
  path: string,
  url: string,
  accept: string,
  more: Uint8Array = new Uint8Array(0),
): Promise<void> {
  const body = await until(url, PATIENCE_MS, async () => {
    const answer = await fetch(url, { headers: { accept } });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { type: answer.headers.get('content-type') ?? '', bytes };
  });
  bodies.set(path, { type: body.type, bytes: Buffer.concat([body.bytes, more]) });
}

const JOBS = [
  ['native', '/prometheus.pb', ''],
  ['both', '/prometheus.pb', 'always_scrape_classic_histograms: true'],
  ['converted', '/prometheus.txt', 'convert_classic_histograms_to_nhcb: true'],
  ['limited', '/prometheus.pb', 'native_histogram_min_bucket_factor: 1.5'],
  ['node', '/node.pb', ''],
] as const;

beforeAll(async () => {
  if (!prometheus) return;
  const port = await bench.target((request, response) => {
    const body = bodies.get(request.url ?? '');
    if (body) response.writeHead(200, { 'content-type': body.type }).end(body.bytes);
    else response.writeHead(503).end();
  });
  const jobs = JOBS.map(
    ([name, path, more]) => `  - job_name: ${name}
    scrape_interval: 1s
    metrics_path: ${path}
    ${more}
    static_configs: [{targets: ["127.0.0.1:${port}"]}]`,
  );
  const config = `scrape_configs:\n${jobs.join('\n')}\n`;
  const features = '--enable-feature=native-histograms,exemplar-storage';
  peerUrl = await bench.prometheus(prometheus, config, features);
  await until('Prometheus', PATIENCE_MS, async () =>
    (await fetch(`${peerUrl}/-/ready`)).ok ? true : undefined,
  );
  await capture('/prometheus.txt', `${peerUrl}/metrics`, 'text/plain;version=0.0.4');
  await capture('/prometheus.pb', `${peerUrl}/metrics`, PROTOBUF, MADE);
  if (nodeExporter) {
    const node = `127.0.0.1:${await freePort()}`;
    bench.run(nodeExporter, `--web.listen-address=${node}`);
    await capture('/node.pb', `http://${node}/metrics`, PROTOBUF);
  }
  const ours = 'watchroom: { scrape: { native_histograms: true }, health: { enabled: false } }\n';
  app = await runApp(config + ours);
}, PATIENCE_MS);

afterAll(async () => {
  await app?.close();
  await bench.stop();
});

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly histogram?: readonly [number, unknown];
    }[];
  };
}

/** A job's series as lines, sorted; without those that say how long a scrape took. */
async function series(base: string, job: string): Promise<readonly string[]> {
  const query = encodeURIComponent(
    `{job="${job}",__name__!="scrape_duration_seconds",__name__!="scrape_series_added"}`,
  );
  const { data } = (await (await fetch(`${base}/api/v1/query?query=${query}`)).json()) as Answer;
  return data.result
    .map(({ metric, value, histogram }) => {
      const labels = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
      return `${labels} ${JSON.stringify(value?.[1] ?? histogram?.[1])}`;
    })
    .sort();
}

interface Exemplars {
  readonly data: readonly {
    readonly seriesLabels: Readonly<Record<string, string>>;
    readonly exemplars: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly value: string;
    }[];
  }[];
}

/** A job's exemplars as lines, sorted; without their times, which are those of the scrapes where none is sent. */
async function exemplars(base: string, job: string): Promise<readonly string[]> {
  const query = encodeURIComponent(`{job="${job}"}`);
  const range = `start=1600000000&end=${Math.ceil(Date.now() / 1000)}`;
  const answer = await fetch(`${base}/api/v1/query_exemplars?query=${query}&${range}`);
  const { data } = (await answer.json()) as Exemplars;
  const lines = data.flatMap(({ seriesLabels, exemplars: found }) => {
    const series = JSON.stringify(Object.entries(seriesLabels).sort(([a], [b]) => (a < b ? -1 : 1)));
    return found.map(({ labels, value }) => `${series} ${JSON.stringify(labels)} ${value}`);
  });
  return [...new Set(lines)].sort();
}

describe.skipIf(!prometheus)('scraped by Prometheus and by us', () => {
  test.each(JOBS.map(([job]) => job))('%s: the same', { timeout: PATIENCE_MS }, async (job) => {
    if (job === 'node' && !nodeExporter) return;
    const complete = async (base: string): Promise<readonly string[]> =>
      until(`${job} at ${base}`, PATIENCE_MS, async () => {
        const found = await series(base, job);
        return found.length > 10 ? found : undefined;
      });
    const [theirs, ours] = await Promise.all([complete(peerUrl), complete(app.url)]);
    expect(ours).toEqual(theirs);
    const marked = await exemplars(peerUrl, job);
    expect(await exemplars(app.url, job)).toEqual(marked);
    const histograms = theirs.filter((line) => line.includes('"buckets"')).length;
    console.log(
      `${job}: ${theirs.length} series, ${histograms} of them histograms with buckets, ${marked.length} exemplars: the same`,
    );
  });
});
