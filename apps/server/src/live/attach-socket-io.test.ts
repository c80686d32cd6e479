import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BeatMessage,
  type HelloMessage,
  LIVE_PATH,
  type ProblemMessage,
  type QueryFrame,
  type TopicFrame,
} from '@watchroom/contract';
import { type EvaluatedSeries, LiveHub, LiveProblem } from '@watchroom/live';
import { Labels, systemClock } from '@watchroom/model';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AttachedLive, attachSocketIo } from './attach-socket-io.ts';

const SPEC = { query: 'm', windowMs: 10_000, stepMs: 1000, head: 'now' as const };
const labels = Labels.fromObject({ instance: 'a' });
const metricNames = new Set(['m']);

let server: Server;
let hub: LiveHub;
let attached: AttachedLive;
let evaluations: number;
const sockets: Socket[] = [];

function series(times: number[]): EvaluatedSeries[] {
  return [{ labels, times, values: times.map((timeMs) => timeMs / 1000) }];
}

function feed(): void {
  const nowMs = Date.now();
  hub.onFeed({ metricNames, labels, sampleTimeMs: nowMs, endedAtMs: nowMs, source: 'scrape' });
}

function connect(options: Record<string, unknown> = {}): Socket {
  const { port } = server.address() as AddressInfo;
  const socket = io(`http://127.0.0.1:${port}`, {
    path: LIVE_PATH,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  sockets.push(socket);
  return socket;
}

function next<T>(socket: Socket, event: string, when: (message: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const listen = (message: T) => {
      if (!when(message)) return;
      socket.off(event, listen);
      resolve(message);
    };
    socket.on(event, listen);
  });
}

beforeEach(async () => {
  evaluations = 0;
  hub = new LiveHub({
    clock: systemClock,
    epoch: 'run',
    hello: () => ({ version: '1.2.3', webBuild: 'abc', outages: [] }),
    feeds(query) {
      if (query === '!') throw new LiveProblem('bad_query', 'unexpected character');
      return { selectors: [{ metricName: 'm', equals: [] }] };
    },
    evaluate(_spec, at) {
      evaluations++;
      if ('timeMs' in at) return { series: series([at.timeMs]) };
      const times: number[] = [];
      for (let timeMs = at.startMs; timeMs <= at.endMs; timeMs += at.stepMs) times.push(timeMs);
      return { series: series(times) };
    },
  });
  server = createServer((_request, response) => void response.end('own'));
  attached = attachSocketIo({
    server,
    hub,
    clock: systemClock,
    allowedOrigins: () => ['https://portal.example'],
    authorize: (request) => request.headers['x-deny'] === undefined,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await attached.close();
  hub.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe.each(['websocket', 'polling'])('over %s', (transport) => {
  it('greets, sends a snapshot and then deltas without a hole', async () => {
    const socket = connect({ transports: [transport] });
    const hello = await next<HelloMessage>(socket, 'hello');
    expect(hello).toMatchObject({ protocol: 1, epoch: 'run', version: '1.2.3', webBuild: 'abc' });
    const frames: QueryFrame[] = [];
    socket.on('frame', (frame: QueryFrame) => {
      frames.push(frame);
      if (frames.length < 4) feed();
    });
    socket.emit('subscribe', { id: 'q', channel: { kind: 'query', spec: SPEC } });
    await next<QueryFrame>(socket, 'frame', ({ seq }) => seq === 4);
    expect(frames.map(({ kind }) => kind)).toEqual(['snapshot', 'delta', 'delta', 'delta']);
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const [first] = frames;
    expect(first!.series).toEqual([{ key: 1, labels: { instance: 'a' } }]);
    expect(first!.block!.times).toHaveLength(11);
    expect(first!.block!.values[0]).toEqual(first!.block!.times.map((timeMs) => timeMs / 1000));
    expect(frames[1]!.fedAtMs).toBeGreaterThan(0);
  });
});

describe('the live connection', () => {
  it('evaluates equal subscriptions once', async () => {
    const clients = [connect(), connect(), connect()];
    const snapshots = clients.map((socket) => next<QueryFrame>(socket, 'frame'));
    for (const socket of clients) {
      socket.emit('subscribe', { id: 'q', channel: { kind: 'query', spec: SPEC } });
    }
    await Promise.all(snapshots);
    expect(hub.stats()).toMatchObject({ clients: 3, subscriptions: 3, sharedQueries: 1, evaluations: 1 });
    expect(evaluations).toBe(2);
  });

  it('answers the clock and beats', async () => {
    const socket = connect();
    const beat = await next<BeatMessage>(socket, 'beat');
    const serverMs: number = await socket.emitWithAck('clock');
    expect(Math.abs(serverMs - Date.now())).toBeLessThan(5000);
    expect(serverMs).toBeGreaterThanOrEqual(beat.serverMs);
  });

  it('names what is wrong with a message and cuts off who goes on', async () => {
    const socket = connect();
    const problem = next<ProblemMessage>(socket, 'problem');
    socket.emit('subscribe', { id: 'q7', channel: { kind: 'query', spec: { query: 'm', stepMs: 1 } } });
    expect(await problem).toMatchObject({ id: 'q7', code: 'bad_message' });
    const gone = next(socket, 'disconnect');
    for (let i = 0; i < 25; i++) socket.emit('painted', { page: 5 });
    await gone;
    expect(attached.counters).toMatchObject({ badMessages: 20, cut: 1 });
    expect(hub.stats().clients).toBe(0);
  });

  it('passes on why a query is declined', async () => {
    const socket = connect();
    const problem = next<ProblemMessage>(socket, 'problem');
    socket.emit('subscribe', { id: 'q', channel: { kind: 'query', spec: { ...SPEC, query: '!' } } });
    expect(await problem).toMatchObject({ id: 'q', code: 'bad_query', message: 'unexpected character' });
    expect(hub.stats().subscriptions).toBe(0);
  });

  it('cuts off who floods it', async () => {
    const socket = connect();
    await next(socket, 'hello');
    const gone = next(socket, 'disconnect');
    for (let i = 0; i < 2000; i++) socket.emit('unsubscribe', { id: 'x' });
    await gone;
    await next(connect(), 'hello');
    expect(attached.counters.cut).toBe(1);
  });

  it('refuses foreign origins and those without the right', async () => {
    const origins = { 'https://evil.example': false, 'https://portal.example': true, null: false };
    for (const transports of [['websocket'], ['polling']]) {
      for (const [origin, allowed] of Object.entries(origins)) {
        const socket = connect({ transports, extraHeaders: { origin } });
        const outcome = await Promise.race([
          next(socket, 'hello').then(() => true),
          next(socket, 'connect_error').then(() => false),
        ]);
        expect(outcome, `${origin} by ${transports}`).toBe(allowed);
      }
    }
    const own = connect({
      extraHeaders: { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    });
    await next(own, 'hello');
    await next(connect({ extraHeaders: { 'x-deny': '1' } }), 'connect_error');
    expect(attached.counters.refused).toBeGreaterThanOrEqual(5);
  });

  it('gives a slow client the newest state, without a hole, and slows nobody', async () => {
    const slow = connect();
    const fast = connect();
    const seen: Record<'slow' | 'fast', TopicFrame[]> = { slow: [], fast: [] };
    slow.on('topic', (frame: TopicFrame) => seen.slow.push(frame));
    fast.on('topic', (frame: TopicFrame) => seen.fast.push(frame));
    const both = [next(slow, 'topic'), next(fast, 'topic')];
    for (const socket of [slow, fast]) {
      socket.emit('subscribe', { id: 't', channel: { kind: 'topic', topic: 'services' } });
    }
    await Promise.all(both);
    const engine = slow.io.engine.transport as unknown as {
      ws: { _socket: { pause(): void; resume(): void } };
    };
    engine.ws._socket.pause();
    const filler = 'x'.repeat(400_000);
    const rounds = 60;
    for (let round = 1; round <= rounds; round++) {
      const got = next<TopicFrame>(fast, 'topic', ({ set }) => Reflect.get(set, 'round') === round);
      hub.publishTopic('services', { round, filler: `${filler}${round}` });
      await got;
    }
    expect(hub.stats().merged).toBeGreaterThan(0);
    const last = next<TopicFrame>(slow, 'topic', ({ set }) => Reflect.get(set, 'round') === rounds);
    engine.ws._socket.resume();
    await last;
    const roundsSeen = seen.slow.map(({ set }) => Number(Reflect.get(set, 'round') ?? 0));
    expect(roundsSeen).toEqual([...roundsSeen].sort((a, b) => a - b));
    expect(seen.slow.length).toBeLessThan(seen.fast.length);
    expect(seen.slow.map(({ seq }) => seq)).toEqual(seen.slow.map((_, i) => i + 1));
    expect(seen.fast.map(({ seq }) => seq)).toEqual(seen.fast.map((_, i) => i + 1));
  });

  it('closes its clients and leaves the HTTP server to its owner', async () => {
    const socket = connect();
    await next(socket, 'hello');
    const gone = next(socket, 'disconnect');
    await attached.close();
    await gone;
    expect(hub.stats().clients).toBe(0);
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('own');
    await next(connect(), 'connect_error');
  });
});
