// @vitest-environment node
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIVE_PATH } from '@watchroom/contract';
import { type ClientSession, LiveHub } from '@watchroom/live';
import { Labels, systemClock } from '@watchroom/model';
import { Server } from 'socket.io';
import { afterEach, expect, it } from 'vitest';
import { LiveClient } from './live-client.ts';
import { LiveConnection } from './live-connection.ts';
import { socketIoFactory } from './socket-io.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** A hub behind a real socket.io server on `port`. */
async function serve(epoch: string, port: number): Promise<{ hub: LiveHub; port: number; kill: () => void }> {
  const hub = new LiveHub({
    clock: systemClock,
    epoch,
    hello: () => ({ version: '1', webBuild: '1', outages: [] }),
    feeds: () => ({ selectors: [] }),
    evaluate: (_spec, at) => {
      const times: number[] = [];
      if ('timeMs' in at) times.push(at.timeMs);
      else for (let timeMs = at.startMs; timeMs <= at.endMs; timeMs += at.stepMs) times.push(timeMs);
      return {
        series: [{ labels: Labels.fromObject({ a: 'b' }), times, values: times.map((timeMs) => timeMs * 2) }],
      };
    },
  });
  const http: HttpServer = createServer((_request, response) => response.end());
  const io = new Server(http, { path: LIVE_PATH });
  io.on('connection', (socket) => {
    const session: ClientSession = hub.connect({
      send: (event, message) => void socket.emit(event, message),
      isBackedUp: () => false,
    });
    socket.on('subscribe', (message) => session.subscribe(message));
    socket.on('clock', (answer) => answer(hub.now()));
    socket.on('disconnect', () => session.close());
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const kill = () => {
    hub.close();
    void io.close();
    http.closeAllConnections();
  };
  closers.push(kill);
  return { hub, port: (http.address() as AddressInfo).port, kill };
}

function until(connection: LiveConnection, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.watch(check);
    function check() {
      if (!holds()) return;
      stop();
      resolve();
    }
    check();
  });
}

it('lives through a restart of a real server on a real socket', async () => {
  const first = await serve('one', 0);
  const open = socketIoFactory(`http://127.0.0.1:${first.port}`);
  const connection = new LiveConnection({ open, clock: systemClock, random: Math.random });
  const client = new LiveClient({ connection, clock: systemClock });
  closers.push(() => client.close());
  const channel = client.query({ query: 'm', windowMs: 5000, stepMs: 1000 });
  client.hold(channel);
  client.start();
  await until(connection, () => connection.status.epoch === 'one');
  await new Promise<void>((resolve) => void channel.subscribe(resolve));
  expect(Array.from(channel.window.series[0]!.values)).toEqual(
    Array.from(channel.window.times, (t) => t * 2),
  );
  const { window } = channel;

  first.kill();
  await until(connection, () => connection.status.state === 'lost');
  expect(window.length).toBe(6);
  await serve('two', first.port);
  await until(connection, () => connection.status.state === 'live');
  const { version } = window;
  await new Promise<void>((resolve) => void channel.subscribe(resolve));
  expect(connection.status.epoch).toBe('two');
  expect(channel.window).toBe(window);
  expect(window.version).toBeGreaterThan(version);
  expect(Array.from(window.series[0]!.values)).toEqual(Array.from(window.times, (t) => t * 2));
  expect(Math.abs(connection.serverClock.now()! - Date.now())).toBeLessThan(1000);
});
