import { once } from 'node:events';
import { connect } from 'node:net';
import { mutateBytes, remoteWritePool, seededRandom, snappy, writeRequest } from '@watchroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WriteLoad } from '../src/http/prometheus/write-load.ts';
import { eventually, runApp, type TestApp } from './running-app.ts';

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

test('thousands of mutated bodies of both versions are answered, and the server goes on', async () => {
  const random = seededRandom(11);
  const pool = remoteWritePool(nowMs);
  const blocks = { v1: pool.v1.map(snappy), v2: pool.v2.map(snappy) };
  const statuses = new Set<number>();
  const send = async (i: number): Promise<void> => {
    const version = i % 2 === 0 ? 'v1' : 'v2';
    const messages = pool[version];
    const mutated =
      i % 3 === 0 ? mutateBytes(random, blocks[version]) : snappy(mutateBytes(random, messages));
    const proto = version === 'v1' ? 'prometheus.WriteRequest' : 'io.prometheus.write.v2.Request';
    const answer = await post(mutated, { 'content-type': `application/x-protobuf;proto=${proto}` });
    statuses.add(answer.status);
    const text = await answer.text();
    expect(text === '').toBe(answer.status === 204);
  };
  for (let i = 0; i < 2000; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => send(i + k)));
  expect([...statuses].sort()).toEqual([204, 400]);
  expect((await post(body(nowMs + 60_000))).status).toBe(204);
  const metrics = await (await app.get('/metrics')).text();
  expect(metrics).toMatch(/^watchroom_remote_write_refused_total [1-9]/m);
  expect(metrics).toMatch(/^watchroom_remote_write_samples_total [1-9]/m);
});

test('requests on their way are bounded by number and bytes', () => {
  const load = new WriteLoad(3, 100);
  expect([load.take(60), load.take(41), load.take(40), load.take(0), load.take(0)]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
  load.release(60);
  expect([load.requests, load.take(61), load.take(60)]).toEqual([2, false, true]);
});

test('beyond the bound a request is sent away to come again, and the room comes back', async () => {
  // Announces the largest body and sends nothing of it: eight of them fill the room.
  const held = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      const length = 32 << 20;
      socket.on('error', () => {});
      socket.write(
        `POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`,
      );
      await once(socket, 'data');
      return socket;
    }),
  );
  const inFlight = async (): Promise<number> => {
    const metrics = await (await app.get('/metrics')).text();
    return Number(/^watchroom_remote_write_requests_in_flight (\d+)/m.exec(metrics)?.[1]);
  };
  await eventually(async () => ((await inFlight()) === 8 ? true : undefined));
  const answer = await post(body(nowMs + 70_000));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  for (const socket of held) socket.destroy();
  await eventually(async () => ((await inFlight()) === 0 ? true : undefined));
  expect((await post(body(nowMs + 70_000))).status).toBe(204);
});
