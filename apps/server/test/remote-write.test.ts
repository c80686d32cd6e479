import { snappy, writeRequest } from '@watchroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp, type TestApp } from './running-app.ts';

let app: TestApp;
const nowMs = Date.now();

beforeAll(async () => {
  app = await runApp('scrape_configs: []\nwatchroom: { health: { enabled: false } }\n');
});
afterAll(() => app.close());

function post(body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${app.url}/api/v1/write`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      ...headers,
    },
  });
}

const body = (timeMs: number) =>
  snappy(
    writeRequest([
      {
        labels: [
          ['__name__', 'pushed'],
          ['job', 'test'],
        ],
        samples: [[timeMs, 42]],
      },
    ]).done(),
  );

test('a 1.0 request is stored and can be queried at once', async () => {
  const answer = await post(body(nowMs));
  expect([answer.status, await answer.text()]).toEqual([204, '']);
  expect(answer.headers.get('x-prometheus-remote-write-samples-written')).toBe('1');
  const query = (await (await app.get(`/api/v1/query?query=pushed&time=${nowMs / 1000}`)).json()) as {
    data: { result: unknown };
  };
  expect(query.data.result).toEqual([
    { metric: { __name__: 'pushed', job: 'test' }, value: [nowMs / 1000, '42'] },
  ]);
});

test('what the route does not take is declined with the status that the specification names', async () => {
  const status = async (answer: Promise<Response>): Promise<number> => (await answer).status;
  expect(await status(post(body(nowMs), { 'content-encoding': 'gzip' }))).toBe(415);
  expect(await status(post(body(nowMs), { 'content-type': 'application/json' }))).toBe(415);
  expect(await status(post(Buffer.from('this is no snappy block')))).toBe(400);
  const tooLarge = await post(Buffer.alloc(33 << 20));
  expect([tooLarge.status, tooLarge.headers.get('x-prometheus-remote-write-samples-written')]).toEqual([
    413,
    '0',
  ]);
  expect(await status(app.get('/api/v1/write'))).toBe(405);
});

test("another site's page may not write", async () => {
  const answer = await post(body(nowMs + 1), { origin: 'http://elsewhere.example' });
  expect(answer.status).toBe(403);
});

test('a sample before the newest is refused with a reason', async () => {
  const answer = await post(body(nowMs - 5));
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(/^out of order sample .* for series \{__name__="pushed", job="test"\}/);
});
