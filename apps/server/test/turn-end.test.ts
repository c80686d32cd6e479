import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import Fastify, { type FastifyReply } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { getAndPost, sendAllAtOnce, sendText } from '../src/http/prometheus/exchange.ts';
import { TurnEnd } from '../src/http/prometheus/turn-end.ts';

function rig() {
  let nowMs = 0;
  const turns: (() => void)[] = [];
  const written: string[] = [];
  const turnEnd = new TurnEnd(
    () => nowMs,
    (run) => turns.push(run),
  );
  return {
    turns,
    written,
    pass: (ms: number) => {
      nowMs += ms;
    },
    add: (name: string) => turnEnd.add(() => written.push(name)),
    look: () => turnEnd.look(),
  };
}

describe('the end of a turn', () => {
  it('writes what was ready in it, in order', () => {
    const { add, turns, written } = rig();
    for (const name of ['a', 'b', 'c']) add(name);
    expect(written).toEqual([]);
    expect(turns).toHaveLength(1);
    turns[0]!();
    expect(written).toEqual(['a', 'b', 'c']);
    add('d');
    turns[1]!();
    expect(written).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not waited for when the turn is a long one', () => {
    const { add, turns, written, pass } = rig();
    add('a');
    pass(1.9);
    add('b');
    expect(written).toEqual([]);
    pass(0.1);
    add('c');
    expect(written).toEqual(['a', 'b', 'c']);
    add('d');
    expect(written).toEqual(['a', 'b', 'c']);
    for (const run of turns) run();
    expect(written).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not waited for when a further request is begun later in it', () => {
    const { add, look, turns, written, pass } = rig();
    look();
    expect(turns).toHaveLength(0);
    pass(5);
    add('a');
    pass(1.9);
    look();
    expect(written).toEqual([]);
    pass(0.1);
    look();
    expect(written).toEqual(['a']);
    look();
    turns[0]!();
    expect(written).toEqual(['a']);
  });

  it.each(['GET', 'POST'])('holds no answer while a %s after a long one is worked on', async (method) => {
    const app = Fastify();
    onTestFinished(() => app.close());
    app.addContentTypeParser('application/x-www-form-urlencoded', (_request, _payload, done) =>
      done(null, {}),
    );
    let first: FastifyReply | undefined;
    let wasWritten: boolean | undefined;
    app.get('/first', (_, reply) => {
      first = reply;
      return sendText(reply, 'first', 'text/plain');
    });
    app.get('/long', async () => {
      const startMs = performance.now();
      while (performance.now() - startMs < 3);
      await turn();
      return 'long';
    });
    getAndPost(app, '/last', z.object({}), async (_, reply) => {
      wasWritten = first?.raw.writableEnded;
      return sendText(reply, 'last', 'text/plain');
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    const ask = (what: string): string => `${what} HTTP/1.1\r\nHost: x\r\n`;
    const body = 'Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}';
    socket.write(`${ask('GET /first')}\r\n${ask('GET /long')}\r\n${ask(`${method} /last`)}${body}`);
    await text(socket);
    expect(wasWritten).toBe(true);
  });

  it('finds a client gone, and goes on', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    for (const [path, send] of [
      ['/gone', (reply) => sendText(reply, 'nobody reads this', 'text/plain')],
      ['/gone-too', (reply) => sendAllAtOnce(reply, [Buffer.from('nor'), Buffer.from('this')], 'text/plain')],
    ] satisfies [string, (reply: FastifyReply) => FastifyReply][])
      app.get(path, async (request, reply) => {
        // Behind this the connection is closed before the next end of a turn.
        await turn();
        request.raw.socket.destroy();
        return send(reply);
      });
    app.get('/', (_, reply) => sendText(reply, 'here', 'text/plain'));
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    await expect(fetch(`${address}/gone`)).rejects.toThrow();
    await expect(fetch(`${address}/gone-too`)).rejects.toThrow();
    expect(await (await fetch(address)).text()).toBe('here');
  });

  it('keeps the order of requests that came behind one another over one connection', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    app.get('/:name', (request, reply) =>
      sendAllAtOnce(reply, [Buffer.from((request.params as { name: string }).name), Buffer.from(' ')], 'x/y'),
    );
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    const ask = (name: string, last = ''): string => `GET /${name} HTTP/1.1\r\nHost: x\r\n${last}\r\n`;
    socket.write(ask('first') + ask('second') + ask('third', 'Connection: close\r\n'));
    const bodies = (await text(socket)).match(/\b(first|second|third) /g);
    expect(bodies).toEqual(['first ', 'second ', 'third ']);
  });
});
