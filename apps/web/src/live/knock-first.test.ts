import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { httpKnock, knockFirst } from './knock-first.ts';
import type { LiveSocket, SocketHandlers } from './socket.ts';

interface Opened {
  readonly handlers: SocketHandlers;
  closed: boolean;
}

function rig() {
  const sockets: Opened[] = [];
  const knocks: { answer: (answers: boolean) => void; signal: AbortSignal }[] = [];
  const open = (handlers: SocketHandlers): LiveSocket => {
    const socket = { handlers, closed: false };
    sockets.push(socket);
    return {
      emit: () => {},
      askTime: () => {},
      close: () => {
        socket.closed = true;
      },
    };
  };
  const factory = knockFirst(open, (signal) => new Promise((answer) => void knocks.push({ answer, signal })));
  const reasons: string[] = [];
  const handlers: SocketHandlers = {
    opened: () => {},
    closed: (reason) => void reasons.push(reason),
    message: () => {},
  };
  return { factory, handlers, sockets, knocks, reasons };
}

it('opens the first socket at once and knocks before each later one', async () => {
  const { factory, handlers, sockets, knocks, reasons } = rig();
  factory(handlers);
  expect([sockets.length, knocks.length]).toEqual([1, 0]);

  factory(handlers);
  expect([sockets.length, knocks.length]).toEqual([1, 1]);
  knocks[0]!.answer(false);
  await Promise.resolve();
  expect([sockets.length, reasons]).toEqual([1, ['the server does not answer']]);

  factory(handlers);
  knocks[1]!.answer(true);
  await Promise.resolve();
  expect([sockets.length, reasons.length]).toEqual([2, 1]);
});

it('opens nothing once the attempt was given up while it knocked', async () => {
  const { factory, handlers, sockets, knocks, reasons } = rig();
  factory(handlers);
  const attempt = factory(handlers);
  attempt.close();
  expect(knocks[0]!.signal.aborted).toBe(true);
  knocks[0]!.answer(true);
  await Promise.resolve();
  expect([sockets.length, reasons]).toEqual([1, []]);
});

it('closes the socket that was opened after a knock', async () => {
  const { factory, handlers, sockets, knocks } = rig();
  factory(handlers);
  const attempt = factory(handlers);
  knocks[0]!.answer(true);
  await Promise.resolve();
  attempt.close();
  expect(sockets[1]!.closed).toBe(true);
});

it('takes refusal and a gateway’s excuse for no answer, and any answer of a server for one', async () => {
  let status = 200;
  const server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const knock = httpKnock(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { signal } = new AbortController();
  expect(await knock(signal)).toBe(true);
  status = 502;
  expect(await knock(signal)).toBe(false);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await knock(signal)).toBe(false);
});
