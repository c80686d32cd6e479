/**
 * A Prometheus that scrapes one target and remote-writes it to us twice, by either version of the protocol, must find with us
 * what it has itself; and promtool pushes to us what it pushes to Prometheus.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bucket, delimited, exemplar, type Field, family, findPeer, label, span } from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PeerBench, until } from './peer-bench.ts';
import { runApp, type TestApp } from './running-app.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const PATIENCE_MS = 40_000;
const SCRAPES = 8;

const prometheus = findPeer('prometheus', 3);
const promtool = findPeer('promtool', 3);

const native = (...fields: readonly Field[]): readonly Field[] => [[7, 'message', fields]];

/** What the target exposes the n-th time: everything grows. */
function exposed(n: number): Uint8Array {
  return delimited([
    family('rw_total', 0, [
      [label('é', '"\\\n'), [3, 'message', [[1, 'double', n / 3], exemplar(2, 'y', n)]]],
      [label('path', '/'), [3, 'message', [[1, 'double', n * 1e17]]]],
    ]),
    family('rw_gauge', 1, [[[2, 'message', [[1, 'double', n % 2 === 0 ? Number.NaN : -0.1 * n]]]]]),
    family('rw_integers', 4, [
      native(
        [1, 'uint', 6 * n],
        [2, 'double', -3 * n],
        [5, 'sint', 3],
        [7, 'uint', 0],
        span(12, -7, 2),
        span(9, 0, 1),
        [13, 'packed sint', [2 * n, n]],
        [10, 'packed sint', [n]],
      ),
    ]),
    family('rw_floats', 4, [
      native(
        [4, 'double', 2.5 * n],
        [2, 'double', 1e22],
        [5, 'sint', 3],
        [8, 'double', 0.5 * n],
        span(12, -7, 2),
        [14, 'packed double', [1.25 * n, 0.75 * n]],
      ),
    ]),
    family('rw_classic', 4, [
      native([1, 'uint', 4 * n], [2, 'double', 7 * n], bucket(0.1, n), bucket(5, 3 * n)),
    ]),
  ]);
}

const bench = new PeerBench();
const scrapes = new Map<string, number>();
let app: TestApp;
let peerUrl = '';

function configuration(targetPort: number): string {
  const job = (name: string, more: string): string => `  - job_name: ${name}
    scrape_interval: 250ms
    scrape_timeout: 250ms
    metrics_path: /${name}
    ${more}
    static_configs: [{targets: ["127.0.0.1:${targetPort}"]}]
`;
  const write = (via: string, message: string): string => `  - url: ${app.url}/api/v1/write
    name: ${via}
    protobuf_message: ${message}
    send_exemplars: true
    send_native_histograms: true
    queue_config: {batch_send_deadline: 200ms}
    metadata_config: {send_interval: 1s}
    write_relabel_configs: [{target_label: via, replacement: ${via}}]
`;
  return `scrape_configs:
${job('plain', '')}${job('converted', 'convert_classic_histograms_to_nhcb: true')}remote_write:
${write('v1', 'prometheus.WriteRequest')}${write('v2', 'io.prometheus.write.v2.Request')}`;
}

beforeAll(async () => {
  if (!prometheus || !promtool) return;
  app = await runApp('scrape_configs: []\nwatchroom: { health: { enabled: false } }\n');
  const port = await bench.target((request, response) => {
    const n = (scrapes.get(request.url ?? '') ?? 0) + 1;
    scrapes.set(request.url ?? '', n);
    // Fails afterwards, which ends the series with staleness markers.
    if (n > SCRAPES) response.writeHead(503).end();
    else response.writeHead(200, { 'content-type': PROTOBUF }).end(exposed(n));
  });
  peerUrl = await bench.prometheus(
    prometheus,
    configuration(port),
    '--web.enable-remote-write-receiver',
    '--enable-feature=native-histograms,exemplar-storage,metadata-wal-records',
  );
}, PATIENCE_MS);

afterAll(async () => {
  await app?.close();
  await bench.stop();
});

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly [kind: string]: unknown;
}

async function ask<T>(base: string, path: string): Promise<T> {
  return ((await (await fetch(`${base}/api/v1/${path}`)).json()) as { data: T }).data;
}

/** Series as lines, sorted; `via` apart. */
async function lines(base: string, query: string): Promise<string[]> {
  const { result } = await ask<{ result: Series[] }>(base, `query?query=${encodeURIComponent(query)}`);
  return result
    .map(({ metric, ...data }) => {
      const labels = Object.entries(metric).filter(([name]) => name !== 'via');
      return `${JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1)))} ${JSON.stringify(data)}`;
    })
    .sort();
}

const count = (found: readonly string[], text: string): number =>
  found.filter((line) => line.includes(text)).length;

describe.skipIf(!prometheus || !promtool)('a Prometheus that remote-writes to us', () => {
  test.each(['v1', 'v2'])(
    '%s: equal samples and histograms, and their end',
    { timeout: PATIENCE_MS },
    async (via) => {
      // Version 1.0 has no histograms with bounds of their own, so Prometheus does not send them by it.
      const names = via === 'v1' ? 'rw_total|rw_gauge|rw_integers|rw_floats' : 'rw_.*';
      const selector = (more: string): string => `{__name__=~"${names}"${more}}`;
      const ended = async (base: string, more: string): Promise<true | undefined> =>
        (await lines(base, selector(more))).length === 0 &&
        (await lines(base, `${selector(more)}[5m]`)).length > 0
          ? true
          : undefined;
      await until('the end of the series at Prometheus', PATIENCE_MS, () => ended(peerUrl, ''));
      await until('the end of the series with us', PATIENCE_MS, () => ended(app.url, `,via="${via}"`));
      const theirs = await lines(peerUrl, `${selector('')}[5m]`);
      const ours = await lines(app.url, `${selector(`,via="${via}"`)}[5m]`);
      expect(ours).toEqual(theirs);
      expect(count(ours, 'histograms')).toBeGreaterThanOrEqual(via === 'v1' ? 4 : 5);
      console.log(`${via}: ${ours.length} series, ${count(ours, 'histograms')} of histograms: the same`);
    },
  );

  test('exemplars and metadata', { timeout: PATIENCE_MS }, async () => {
    interface Found {
      readonly exemplars: readonly { readonly labels: unknown; readonly value: string }[];
    }
    const exemplars = async (base: string, more: string): Promise<string[]> => {
      const end = Math.ceil(Date.now() / 1000);
      const query = encodeURIComponent(`rw_total{${more}}`);
      const found = await ask<Found[]>(base, `query_exemplars?query=${query}&start=${end - 300}&end=${end}`);
      return found.flatMap((one) => one.exemplars.map((each) => JSON.stringify(each))).sort();
    };
    const theirs = await until('exemplars', PATIENCE_MS, async () => {
      const found = await exemplars(peerUrl, '');
      // Fewer than the target sent when the machine is too busy for a scrape.
      return found.length >= 2 ? found : undefined;
    });
    for (const via of ['v1', 'v2'])
      expect(
        await until(`exemplars by ${via}`, PATIENCE_MS, async () => {
          const found = await exemplars(app.url, `via="${via}"`);
          return found.length >= theirs.length ? found : undefined;
        }),
      ).toEqual(theirs);
    const metadata = await until('metadata', PATIENCE_MS, async () => {
      const found = await ask<Record<string, { type: string }[]>>(app.url, 'metadata');
      return found['rw_total'] && found['rw_integers'] ? found : undefined;
    });
    expect([metadata['rw_total']![0]!.type, metadata['rw_integers']![0]!.type]).toEqual([
      'counter',
      'histogram',
    ]);
  });

  test('promtool pushes to us what it pushes to Prometheus', { timeout: PATIENCE_MS }, async () => {
    const file = join(bench.folder, 'pushed.txt');
    writeFileSync(
      file,
      `# TYPE pushed_total counter
pushed_total{a="b"} 3
# TYPE pushed_seconds histogram
pushed_seconds_bucket{le="0.1"} 1
pushed_seconds_bucket{le="+Inf"} 4
pushed_seconds_sum 2.5
pushed_seconds_count 4
# TYPE pushed_summary summary
pushed_summary{quantile="0.5"} 0.25
pushed_summary_sum 1
pushed_summary_count 2
`,
    );
    const found: string[][] = [];
    // To us first: what Prometheus gets it sends on to us.
    for (const base of [app.url, peerUrl]) {
      const args = ['push', 'metrics', '--label=job=pushed', `${base}/api/v1/write`, file];
      await promisify(execFile)(promtool!, args);
      const values = await lines(base, '{job="pushed"}');
      found.push(values.map((line) => line.replace(/"value":\[[\d.]+,/, '"value":[')));
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[1]!.length).toBeGreaterThanOrEqual(8);
    console.log(`promtool push metrics: ${found[1]!.length} series: the same`);
  });
});
