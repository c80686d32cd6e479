/**
 * /federate beside Prometheus': one target with times of its own, scraped by both, must be sent on alike; and Prometheus
 * scraping our /federate must hold the series that we hold.
 */
import { findPeer } from '@watchroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PeerBench, until } from './peer-bench.ts';
import { runApp, type TestApp } from './running-app.ts';

const PATIENCE_MS = 30_000;
/** Without the label name with a colon: Prometheus sends it on without quotes, and takes no such text itself. */
const SERIES = '{__name__=~"fed.*",__name__!="fed_colon"}';

const prometheus = findPeer('prometheus', 3);

const VALUES = '0 -0 1 -1 0.1 1e6 999999.5 1234567 123456 1e21 1e-4 1e-5 5e-324 -1.5e300 NaN +Inf -Inf'.split(
  ' ',
);
/** More series a family than an unstable sort leaves alone, and names and values that need quotes. */
function exposed(timeMs: number): string {
  const values = VALUES.map((value, i) => `fed_value{i="${i}"} ${value} ${timeMs}\n`);
  return `${values.join('')}fed_a{Z="upper",zone="mine"} 1 ${timeMs - 500}
fed_a{quote="a\\"b\\\\c\\nd",job="theirs"} 2 ${timeMs - 250}
{"fed.dotted","url.path"="/é"} 3 ${timeMs}
{"fed_quoted","1st"="x"} 4 ${timeMs}
{"fed_colon","a:b"="y"} 5 ${timeMs}
`;
}

const bench = new PeerBench();
let app: TestApp;
let peerUrl = '';

function scraping(targetPort: number, more = ''): string {
  const job = (name: string, rest: string) => `  - job_name: ${name}
    scrape_interval: 1s
    static_configs: [{targets: ["127.0.0.1:${targetPort}"]}]
${rest}`;
  return `global: {external_labels: {zone: eu, quote: 'a"b\\c', "é.x": y}}
scrape_configs:
${job('plain', '')}${job('bare', '    metric_relabel_configs: [{action: labeldrop, regex: instance}]\n')}${more}`;
}

beforeAll(async () => {
  if (!prometheus) return;
  const body = exposed(Date.now() - 2000);
  const port = await bench.target((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=1.0.0; escaping=allow-utf-8');
    response.end(body);
  });
  app = await runApp(`${scraping(port)}watchroom: { health: { enabled: false } }\n`);
  const federating = `  - job_name: federated
    honor_labels: true
    scrape_interval: 1s
    metrics_path: /federate
    params: {'match[]': ['${SERIES}']}
    static_configs: [{targets: ["${app.url.slice('http://'.length)}"]}]
    metric_relabel_configs: [{target_label: via, replacement: us}]
`;
  peerUrl = await bench.prometheus(prometheus, scraping(port, federating));
}, PATIENCE_MS);

afterAll(async () => {
  await app?.close();
  await bench.stop();
});

interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function federate(base: string, selectors: readonly string[], accept: string): Promise<Answered> {
  const query = selectors.map((selector) => `match[]=${encodeURIComponent(selector)}`).join('&');
  const answer = await fetch(`${base}/federate?${query}`, { headers: { accept } });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

function familiesSorted(answer: Answered): Answered {
  const families = answer.text.split('# TYPE ').map((family) => family.split('\n').sort().join('\n'));
  return { ...answer, text: families.join('# TYPE ') };
}

const OWN = '{__name__=~"fed.*",via=""}';
const ACCEPTED = [
  '*/*',
  'text/plain;version=0.0.4',
  'text/plain;escaping=allow-utf-8',
  'text/plain;escaping=dots',
  'text/plain;escaping=values',
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;escaping=values;q=0.4',
];
const SELECTORS = [
  [OWN],
  ['fed_value{via=""}'],
  ['fed_a{via=""}', OWN, 'fed_value{via="",i="3"}'],
  ['{"fed.dotted",via="",job="bare"}'],
  [],
  ['{}'],
  [''],
  ['fed_a', 'up{'],
  ['fed_a[5m]'],
  ['fed_a offset 5m'],
  ['{a=~"("}'],
  ['sum(fed_a)'],
];

describe.skipIf(!prometheus)('/federate beside Prometheus', () => {
  test('the same bytes', { timeout: PATIENCE_MS }, async () => {
    // All lines of both jobs, a family's TYPE line each.
    const whole = 2 * (VALUES.length + 5) + 5;
    for (const base of [app.url, peerUrl])
      await until(`all series at ${base}`, PATIENCE_MS, async () => {
        const { text } = await federate(base, [OWN], '*/*');
        return text.trimEnd().split('\n').length === whole ? true : undefined;
      });
    for (const accept of ACCEPTED) {
      for (const selectors of SELECTORS) {
        const theirs = await federate(peerUrl, selectors, accept);
        const ours = await federate(app.url, selectors, accept);
        // Prometheus' order within a family is arbitrary where more than twelve series of several names are sent.
        const compared = selectors.includes(OWN) ? familiesSorted : (answer: Answered) => answer;
        expect(compared(ours)).toEqual(compared(theirs));
      }
    }
    console.log(`${ACCEPTED.length * SELECTORS.length} answers of /federate: the same`);
  });

  test('Prometheus federates from us', { timeout: 2 * PATIENCE_MS }, async () => {
    const held = async (base: string, query: string): Promise<readonly string[]> => {
      const answer = await fetch(`${base}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data } = (await answer.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      const lines = data.result.map(({ metric, value }) => {
        const labels = Object.entries({ zone: 'eu', quote: 'a"b\\c', 'é.x': 'y', ...metric });
        const own = labels.filter(([name]) => name !== 'via').sort(([a], [b]) => (a < b ? -1 : 1));
        return `${JSON.stringify(own)} ${value[1]}`;
      });
      return lines.sort();
    };
    const ours = await held(app.url, SERIES);
    const theirs = await until('the federated series', PATIENCE_MS, async () => {
      const found = await held(peerUrl, '{__name__=~"fed.*",via="us"}');
      return found.length === ours.length ? found : undefined;
    });
    // The format knows no negative zero.
    expect(theirs).toEqual(ours.map((line) => line.replace(/ -0$/, ' 0')).sort());
    expect(ours.length).toBe(2 * (VALUES.length + 4));
    console.log(`${ours.length} series federated by Prometheus from us`);
  });
});
