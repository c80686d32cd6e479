/** /federate over samples that lie still: which are sent, in which order, with which labels, and how names are spelt. */
import { Labels, STALE } from '@watchroom/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleText } from '../src/http/prometheus/federation/exposition.ts';
import { type LoadedApp, loadedApp } from './loaded-app.ts';

const NOW_MS = 1_700_000_000_000;
const CONFIG = `global:
  evaluation_interval: 1h
  external_labels: {zone: eu, job: ours, quote: 'a"b\\c'}
watchroom:
  storage: {retention: 100y}
  health: {enabled: false}
`;
const LOOKBACK_MS = 300_000;

let app: LoadedApp;

beforeAll(async () => {
  app = await loadedApp([], NOW_MS, CONFIG);
  const appender = app.store.appender();
  const put = (labels: Record<string, string>, ageMs: number, value: number): void => {
    const outcome = appender.append(appender.series(Labels.fromObject(labels)), NOW_MS - ageMs, value);
    expect(outcome).toBe('ok');
  };
  put({ __name__: 'fresh', job: 'j', instance: 'i' }, 2000, 1);
  put({ __name__: 'fresh', job: 'j', instance: 'i' }, 1000, 1234567);
  put({ __name__: 'fresh', A: 'upper' }, 1500, -0.5);
  put({ __name__: 'afresh', zone: 'us' }, 1500, Number.NaN);
  put({ __name__: 'edge' }, LOOKBACK_MS, 1);
  put({ __name__: 'old' }, LOOKBACK_MS + 1, 1);
  put({ __name__: 'ended' }, 2000, 1);
  put({ __name__: 'ended' }, 1000, STALE);
  put({ __name__: 'http.requests', 'url.path': '/' }, 1000, 3);
  put({ nameless: 'yes' }, 1000, 1);
  for (let i = 0; i < 3000; i++) put({ __name__: 'many', i: `${i}` }, 1000, i);
  const histogram = {
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 1,
    sum: 1,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: [1],
    negativeSpans: [],
    negativeBuckets: [],
    customBounds: [],
    resetHint: 'unknown',
  } as const;
  appender.appendHistogram(
    appender.series(Labels.fromObject({ __name__: 'native' })),
    NOW_MS - 1000,
    histogram,
  );
  appender.commit();
});

afterAll(() => app.close());

async function ask(selectors: readonly string[], headers: Record<string, string> = {}): Promise<Response> {
  const query = selectors.map((selector) => `match[]=${encodeURIComponent(selector)}`).join('&');
  return fetch(`${app.url}/federate?${query}`, { headers });
}

const ATTACHED = 'quote="a\\"b\\\\c",zone="eu"';

test('names in order, labels in order, external labels where absent, an empty instance, own times', async () => {
  const answer = await ask([
    'fresh',
    '{__name__=~"afresh|fresh|edge|old|ended|nothing"}',
    '{nameless="yes"}',
  ]);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  );
  expect(await answer.text()).toBe(`# TYPE afresh untyped
afresh{zone="us",instance="",job="ours",quote="a\\"b\\\\c"} NaN ${NOW_MS - 1500}
# TYPE edge untyped
edge{instance="",job="ours",${ATTACHED}} 1 ${NOW_MS - LOOKBACK_MS}
# TYPE fresh untyped
fresh{A="upper",instance="",job="ours",${ATTACHED}} -0.5 ${NOW_MS - 1500}
fresh{instance="i",job="j",${ATTACHED}} 1.234567e+06 ${NOW_MS - 1000}
`);
});

test.each([
  ['text/plain;version=0.0.4', 'underscores', 'http_requests{url_path="/"'],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
    'allow-utf-8',
    '{"http.requests","url.path"="/"',
  ],
  [
    'text/plain;escaping=dots;q=0.2,text/plain;version=1.0.0;escaping=values',
    'dots',
    'http_dot_requests{url_dot_path="/"',
  ],
  ['text/plain;escaping=values', 'values', 'U__http_2e_requests{U__url_2e_path="/"'],
  ['text/plain;escaping=other', 'underscores', 'http_requests{url_path="/"'],
])('accepting %s: names with dots', async (accept, scheme, start) => {
  const answer = await ask(['{"http.requests"}'], { accept });
  expect(answer.headers.get('content-type')).toBe(
    `text/plain; version=0.0.4; charset=utf-8; escaping=${scheme}`,
  );
  const [type, line] = (await answer.text()).split('\n');
  expect(line).toBe(`${start},instance="",job="ours",${ATTACHED}} 3 ${NOW_MS - 1000}`);
  const name = scheme === 'allow-utf-8' ? '"http.requests"' : start.slice(0, start.indexOf('{'));
  expect(type).toBe(`# TYPE ${name} untyped`);
});

test('a native histogram is left out and counted', async () => {
  expect(await (await ask(['native'])).text()).toBe('');
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toContain('watchroom_federation_histograms_skipped_total 1');
  expect(metrics).toContain('prometheus_web_federation_errors_total 0');
  expect(metrics).toContain('prometheus_web_federation_warnings_total 0');
});

test('a long answer comes whole, compressed or not', async () => {
  for (const encoding of ['identity', 'gzip']) {
    const answer = await ask(['many'], { 'accept-encoding': encoding });
    expect(answer.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines.length).toBe(3001);
    expect(lines[3000]).toContain('many{i="999",');
  }
});

test('faults and what selects nothing, as Prometheus answers them', async () => {
  const bad = await ask(['fresh', 'up{']);
  expect(bad.status).toBe(400);
  expect(bad.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await bad.text()).toBe('1:4: parse error: unexpected end of input inside braces\n');
  expect(await (await ask([''])).text()).toBe('unknown position: parse error: unexpected end of input\n');
  for (const selectors of [[], ['{}'], ['nothing']]) {
    const none = await ask(selectors);
    expect([none.status, await none.text()]).toEqual([200, '']);
  }
  for (const method of ['POST', 'PUT', 'HEAD']) {
    const refused = await fetch(`${app.url}/federate?match[]=fresh`, { method });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
  }
});

test('the route stands in OpenAPI', async () => {
  const answer = await fetch(`${app.url}/api/docs/json`);
  const document = (await answer.json()) as { paths: Record<string, object> };
  expect(Object.keys(document.paths['/federate'] ?? {})).toEqual(['get']);
});

test.each([
  [0, '0'],
  [-0, '0'],
  [1e6, '1e+06'],
  [999999.5, '999999.5'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [-1.5e300, '-1.5e+300'],
  [5e-324, '5e-324'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('%d is %s', (value, text) => {
  expect(sampleText(value)).toBe(text);
});
