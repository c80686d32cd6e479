/** Targets that nobody would wish for, over real sockets and on the thread that fetches. */
import { createServer } from 'node:http';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { config, serve, text, until } from './harness.ts';
import { fast, threaded } from './threaded.ts';

const HUNDRED_MB = 100 * 1024 ** 2;

/** 127.x.y.z addresses are all this machine: a server on all of them is as many targets as there are addresses. Gives its port. */
async function everywhere(server: Server, sockets: Iterable<Socket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('it does not listen');
  return address.port;
}

it('scrapes those of 5,000 targets that live, whatever the dead half does', async () => {
  const talking: Socket[] = [];
  const server = createServer(text(() => 'a 1\n')).on('connection', (socket) => void talking.push(socket));
  const port = await everywhere(server, talking);
  const silent: Socket[] = [];
  // Takes connections and says nothing.
  const deaf = createTcp((socket) => void silent.push(socket.on('error', () => {})));
  const deafPort = await everywhere(deaf, silent);
  const targets = Array.from({ length: 5_000 }, (_, i) => {
    const host = `127.1.${i >> 8}.${i & 255}`;
    if (i % 2 === 0) return `${host}:${port}`;
    return i % 4 === 1 ? `${host}:1` : `${host}:${deafPort}`;
  });
  const { manager, counts } = threaded();
  const lines = ['job_name: a', 'scrape_interval: 6s', 'scrape_timeout: 1s'];
  lines.push(`static_configs: [{targets: ${JSON.stringify(targets)}}]`);
  await manager.apply(config(`scrape_configs:\n  - ${lines.join('\n    ')}\n`));
  const states = () => manager.targets();
  // They all answer from this one thread: on a busy machine one may do so too late for once.
  const haveBeenUp = new Set<number>();
  await until(
    () => {
      if (counts.scraped < 5_000) return false;
      for (const [i, { health }] of states().entries()) if (health === 'up') haveBeenUp.add(i);
      return haveBeenUp.size >= 2_500 && states().every(({ health }) => health !== 'unknown');
    },
    'an answer of each that lives',
    25_000,
  );
  const dead = states().filter((_, i) => i % 2 === 1);
  expect([...haveBeenUp].filter((i) => i % 2 === 1)).toEqual([]);
  expect(dead).toHaveLength(2_500);
  expect(dead.filter(({ health }) => health !== 'down')).toEqual([]);
  expect(dead[0]!.lastError).toMatch(/connection refused$/);
  expect(dead[1]!.lastError).toMatch(/context deadline exceeded/);
}, 40_000);

it('lets go of the connections of targets that drip their head, one byte at a time', async () => {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createTcp((socket) => {
    connections++;
    open.add(socket);
    socket.on('error', () => {});
    const drip = setInterval(() => socket.write('H'), 20);
    socket.on('close', () => {
      clearInterval(drip);
      open.delete(socket);
    });
  });
  const port = await everywhere(server, open);
  const targets = Array.from({ length: 50 }, (_, i) => `127.1.0.${i + 1}:${port}`);
  const { manager, counts } = threaded();
  const lines = ['job_name: a', 'scrape_interval: 400ms', 'scrape_timeout: 200ms'];
  lines.push(`static_configs: [{targets: ${JSON.stringify(targets)}}]`);
  await manager.apply(config(`scrape_configs:\n  - ${lines.join('\n    ')}\n`));
  let most = 0;
  await until(() => {
    most = Math.max(most, open.size);
    return counts.scraped >= 250;
  }, 'five rounds');
  expect(connections).toBeGreaterThanOrEqual(250);
  // Those of one round, and of the next where this thread hears late that the others are closed.
  expect(most).toBeLessThanOrEqual(120);
  expect(manager.targets().every(({ health }) => health === 'down')).toBe(true);
  await manager.apply(config('scrape_configs: []'));
  await until(() => open.size === 0, 'the last connection to be closed');
});

it('reads 100 MB from one target, or no more than the limit, while the others go on', async () => {
  const line = `big{text="${'x'.repeat(1000)}",n="`;
  const count = Math.ceil(HUNDRED_MB / (line.length + 8));
  let sent = 0;
  const big = await serve((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    let i = 0;
    const more = (): void => {
      while (i < count) {
        const last = Math.min(count, i + 100);
        let piece = '';
        for (; i < last; i++) piece += `${line}${i % 1000}"} ${i}\n`;
        sent += piece.length;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  let small = 0;
  const other = await serve(text(() => `a_total ${++small}\n`));
  const { manager, counts, values } = threaded();
  const common = (limit: string) =>
    config(
      `scrape_configs:
  - {job_name: big, scrape_interval: 4s, scrape_timeout: 4s, ${limit}static_configs: [{targets: ["${big}"]}]}
  - {job_name: a, scrape_interval: 100ms, scrape_timeout: 100ms, static_configs: [{targets: ["${other}"]}]}
`,
    );
  const state = () => manager.targets().find(({ pool }) => pool === 'big')!;
  await manager.apply(common(''));
  await until(() => state().health !== 'unknown', 'the large body', 45_000);
  expect(state()).toMatchObject({ health: 'up', lastError: '' });
  expect(sent).toBeGreaterThan(HUNDRED_MB);
  expect(values('big').length).toBe(1000);
  const before = counts.scraped;
  await until(() => counts.scraped > before + 5, 'the other target after it');

  sent = 0;
  await manager.apply(common('body_size_limit: 10MB, '));
  await until(() => state().health === 'down', 'the refusal', 45_000);
  expect(state().lastError).toMatch(/body size limit exceeded/);
  expect(sent).toBeLessThan(HUNDRED_MB / 2);
  const seen = values('a_total');
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
}, 120_000);

it('takes scrapes of others between those of a body of 200,000 new series, and one with a line of 100 MB', async () => {
  const pad = 'p'.repeat(200);
  const bodies = Buffer.from(
    Array.from({ length: 200_000 }, (_, i) => `b{i="${i}",pad="${pad}"} 1\n`).join(''),
  );
  // How many scrapes had ended when the last of the body was on its way.
  let sentAfter = Number.POSITIVE_INFINITY;
  const born = await serve((_request, response) => {
    response.once('finish', () => {
      sentAfter = ended.length;
    });
    response.writeHead(200, { 'content-type': 'text/plain' }).end(bodies);
  });
  const line = gzipSync(
    Buffer.concat([Buffer.from('c 1\n'), Buffer.alloc(HUNDRED_MB, '#'), Buffer.from('\n')]),
  );
  const bomb = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(line);
  });
  const other = await serve(text(() => 'a 1\n'));
  const { manager, ended, values } = threaded();
  await manager.apply(
    config(`scrape_configs:
  - {job_name: b, scrape_interval: 60s, scrape_timeout: 60s, static_configs: [{targets: ["${born}"]}]}
  - {job_name: c, scrape_interval: 60s, scrape_timeout: 60s, static_configs: [{targets: ["${bomb}"]}]}
  - {job_name: a, scrape_interval: 100ms, scrape_timeout: 100ms, static_configs: [{targets: ["${other}"]}]}
`),
  );
  await until(() => ended.includes('b') && ended.includes('c'), 'both', 45_000);
  expect([values('b').length, values('c')[0]]).toEqual([200_000, 1]);
  // Parsing and storing come after the last byte and take many intervals: the slower the machine, the more.
  const between = ended.slice(sentAfter, ended.indexOf('b'));
  expect(between.filter((job) => job === 'a').length).toBeGreaterThan(4);
}, 60_000);

it('a target with ever new labels is held to its limit, and what it had before is ended', async () => {
  let round = 0;
  const address = await serve(
    text(() => {
      round++;
      return Array.from({ length: 200 }, (_, i) => `a{round="${round}",i="${i}"} 1\n`).join('');
    }),
  );
  const { manager, counts, labels } = threaded();
  await manager.apply(fast(address, ['sample_limit: 100']));
  await until(() => counts.scraped > 3, 'scrapes');
  expect(labels('a')).toEqual([]);
  expect(manager.targets()[0]!.lastError).toBe('sample limit exceeded');
});
