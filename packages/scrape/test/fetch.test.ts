import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { heldBytes } from '../src/plain-http/body-buffer.ts';
import { config, job, open, rig, serve, text, until } from './harness.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'watchroom-scrape-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('a fetch', () => {
  it('says who asks, for what and for how long', async () => {
    let seen: Record<string, unknown> = {};
    const address = await serve((request, response) => {
      seen = { ...request.headers, path: request.url };
      text(() => 'a 1\n')(request, response);
    });
    const { cycle } = await rig(
      job(address, [
        'scrape_timeout: 500ms',
        'metrics_path: /probe',
        'params: {target: ["a b"], module: [m]}',
        'http_headers: {X-Team: {values: [noc]}}',
      ]),
    );
    await cycle();
    expect(seen).toMatchObject({
      path: '/probe?module=m&target=a+b',
      'user-agent': 'watchroom/1.2.3',
      'accept-encoding': 'identity, gzip;q=0.5',
      'x-prometheus-scrape-timeout-seconds': '0.5',
      'x-team': 'noc',
    });
    expect(String(seen['accept'])).toContain('application/openmetrics-text;version=1.0.0');
  });

  it('keeps its connection between scrapes', async () => {
    const ports = new Set<number | undefined>();
    const address = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      text(() => 'a 1\n')(request, response);
    });
    const { cycle } = await rig(job(address));
    for (let i = 0; i < 3; i++) await cycle();
    expect(ports.size).toBe(1);
  });

  it('reads gzip, and counts the limit after unpacking', async () => {
    const body = gzipSync(`a 1\n# ${'x'.repeat(5000)}\n`);
    const address = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(body);
    });
    const free = await rig(job(address));
    await free.cycle();
    expect(free.values('a')).toEqual([1]);
    const bound = await rig(job(address, ['body_size_limit: 4KB']));
    await bound.cycle();
    expect(bound.manager.targets()[0]!.lastError).toBe('body size limit exceeded');
  });

  it('unpacks what is large packed, small packed but large unpacked, and refuses what is broken or far too large', async () => {
    const random = randomBytes(400_000).toString('hex');
    const bodies = {
      large: gzipSync(`a 1\n# ${random}\n`),
      bomb: gzipSync(`a 2\n${'# x\n'.repeat(3_000_000)}`),
      cut: gzipSync('a 3\n').subarray(0, 20),
      none: Buffer.from('a 4\n'),
      wrong: Buffer.concat([gzipSync('a 5\n').subarray(0, -8), Buffer.alloc(8)]),
      cutLarge: gzipSync(`a 6\n# ${random}\n`).subarray(0, 300_000),
    };
    const address = await serve((request, response) => {
      const body = bodies[request.url!.slice(1) as keyof typeof bodies];
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(body);
    });
    for (const [path, lines, values, error] of [
      ['large', [], [1], ''],
      ['bomb', [], [2], ''],
      ['bomb', ['body_size_limit: 10MB'], [], 'body size limit exceeded'],
      ['cut', [], [], 'unexpected EOF'],
      ['cutLarge', [], [], 'unexpected EOF'],
      ['none', [], [], 'gzip: invalid header'],
      ['wrong', [], [], 'gzip: invalid checksum'],
    ] as const) {
      const target = await rig(job(address, [`metrics_path: /${path}`, ...lines]));
      await target.cycle();
      expect(target.values('a')).toEqual(values);
      expect(target.manager.targets()[0]!.lastError).toContain(error);
      expect(heldBytes()).toBe(0);
    }
  });

  it('stops a body that never ends at the limit', async () => {
    const address = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const more = (): void => {
        while (!response.destroyed && response.write('# never ends\n'.repeat(1000)));
      };
      response.on('drain', more);
      more();
    });
    const { cycle, manager } = await rig(job(address, ['body_size_limit: 1MB']));
    await cycle();
    expect(manager.targets()[0]!.lastError).toBe('body size limit exceeded');
  });

  it('gives up at the deadline, on a silent server and on a body that drips', async () => {
    const asked = { silent: 0, drip: 0 };
    const silent = await serve(() => void asked.silent++);
    const drip = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('a 1\n');
      asked.drip++;
    });
    for (const [kind, address] of [
      ['silent', silent],
      ['drip', drip],
    ] as const) {
      const { clock, manager, counts, values } = await rig(job(address, ['scrape_timeout: 400ms']));
      await clock.advance(1000);
      await until(() => asked[kind] === 1 && manager.targets().length === 1, 'the request');
      await clock.advance(400);
      await until(() => counts.get('scraped') === 1, 'the end of the scrape');
      expect(manager.targets()[0]!.lastError).toBe(
        `Get "http://${address}/metrics": context deadline exceeded`,
      );
      expect(values('up')).toEqual([0]);
    }
  });

  it('names what went wrong as Prometheus does', async () => {
    const broken = await serve((_request, response) => {
      response.writeHead(503, 'Service Unavailable').end();
    });
    const http = await rig(job(broken));
    await http.cycle();
    expect(http.manager.targets()[0]!.lastError).toBe('server returned HTTP status 503 Service Unavailable');

    const sockets: Socket[] = [];
    const tcp = createTcp((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const port = (tcp.address() as { port: number }).port;
    await new Promise((resolve) => tcp.close(resolve));
    const gone = await rig(job(`127.0.0.1:${port}`, ['params: {token: [hidden]}']));
    await gone.cycle();
    const refused = `Get "http://127.0.0.1:${port}/metrics": dial tcp 127.0.0.1:${port}: connect: connection refused`;
    expect(gone.manager.targets()[0]!.lastError).toBe(refused);
    expect(gone.manager.targets()[0]!.url).toBe(`http://127.0.0.1:${port}/metrics`);
  });

  it('follows redirects unless told not to, and takes no secret to another host', async () => {
    const seen: (string | undefined)[] = [];
    const end = await serve((request, response) => {
      seen.push(request.headers.authorization);
      text(() => 'a 1\n')(request, response);
    });
    const start = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `http://${end}/metrics` }).end();
    });
    const auth = 'authorization: {credentials: s3cret}';
    const follows = await rig(job(start, [auth]));
    await follows.cycle();
    expect(follows.values('a')).toEqual([1]);
    expect(seen).toEqual(['Bearer s3cret', undefined]);
    const stays = await rig(job(start, [auth, 'follow_redirects: false']));
    await stays.cycle();
    expect(stays.manager.targets()[0]!.lastError).toBe('server returned HTTP status 302 Found');
  });

  it('proves itself with basic auth and with a credentials file that changes', async () => {
    const seen: (string | undefined)[] = [];
    const address = await serve((request, response) => {
      seen.push(request.headers.authorization);
      text(() => 'a 1\n')(request, response);
    });
    const basic = await rig(job(address, ['basic_auth: {username: noc, password: "p:w"}']));
    await basic.cycle();
    expect(seen).toEqual([`Basic ${Buffer.from('noc:p:w').toString('base64')}`]);
    const file = join(folder(), 'token');
    writeFileSync(file, 'one\n');
    const token = await rig(job(address, [`authorization: {credentials_file: "${file}"}`]));
    await token.cycle();
    writeFileSync(file, 'two\n');
    await token.cycle();
    expect(seen.slice(1)).toEqual(['Bearer one', 'Bearer two']);
  });

  it('needs a known certificate, unless told to skip that', async () => {
    const [cert, key] = ['localhost.crt', 'localhost.key'].map((name) => readFileSync(join(TESTDATA, name)));
    const address = await open(
      createHttps(
        { cert: cert!, key: key! },
        text(() => 'a 1\n'),
      ),
    );
    const unknown = await rig(job(address, ['scheme: https']));
    await unknown.cycle();
    expect(unknown.manager.targets()[0]!.lastError).toMatch(/tls: failed to verify certificate/);
    const known = await rig(
      job(address, ['scheme: https', `tls_config: {ca_file: ${TESTDATA}/localhost.crt}`]),
    );
    await known.cycle();
    expect(known.values('a')).toEqual([1]);
    const skipping = await rig(job(address, ['scheme: https', 'tls_config: {insecure_skip_verify: true}']));
    await skipping.cycle();
    expect(skipping.values('a')).toEqual([1]);
  });

  it('says of a proxy that is not there that it is the proxy', async () => {
    const gone = await rig(job('target.invalid:9100', ['proxy_url: http://127.0.0.1:1']));
    await gone.cycle();
    expect(gone.manager.targets()[0]!.lastError).toBe(
      'Get "http://target.invalid:9100/metrics": proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused',
    );
  });

  it('says of a server without TLS that it has none', async () => {
    const address = await serve(text(() => 'a 1\n'));
    const plain = await rig(job(address, ['scheme: https']));
    await plain.cycle();
    expect(plain.manager.targets()[0]!.lastError).toBe(
      `Get "https://${address}/metrics": http: server gave HTTP response to HTTPS client`,
    );
  });

  it('goes through a proxy', async () => {
    const paths: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      paths.push(request.url);
      text(() => 'a 1\n')(request, response);
    });
    const { cycle, values } = await rig(job('target.invalid:9100', [`proxy_url: http://${proxy}`]));
    await cycle();
    expect(values('a')).toEqual([1]);
    expect(paths).toEqual(['http://target.invalid:9100/metrics']);
  });

  it('refuses an answer that does not say what it is, unless there is a fallback', async () => {
    const address = await serve((_request, response) => void response.end('a 1\n'));
    const strict = await rig(job(address));
    await strict.cycle();
    expect(strict.manager.targets()[0]!.lastError).toContain('blank Content-Type');
    const lenient = await rig(job(address, ['fallback_scrape_protocol: PrometheusText0.0.4']));
    await lenient.cycle();
    expect(lenient.values('a')).toEqual([1]);
  });
});

it('scrapes jobs of different intervals at their own pace', async () => {
  const address = await serve(text(() => 'a 1\n'));
  const { clock, values, counts } = await rig(
    config(`
scrape_configs:
  - {job_name: fast, scrape_interval: 1s, static_configs: [{targets: ["${address}"]}]}
  - {job_name: slow, scrape_interval: 2s, static_configs: [{targets: ["${address}"]}]}
`),
  );
  for (let i = 1; i <= 40; i++) {
    await clock.advance(100);
    await until(() => clock.pendingTimers >= 2, 'both loops armed');
  }
  await until(() => counts.get('scraped') === 6, 'six scrapes');
  expect(values('up', { job: 'fast' }).length).toBe(4);
  expect(values('up', { job: 'slow' }).length).toBe(2);
});

it('asks again when a kept connection closes under it', async () => {
  let asked = 0;
  const address = await serve((request, response) => {
    // The second request finds its connection cut, as when an idle time-out runs out on the way.
    if (++asked === 2) request.socket.resetAndDestroy();
    else text(() => 'a 1\n')(request, response);
  });
  const { cycle, values } = await rig(job(address));
  await cycle();
  await cycle();
  expect(values('up')).toEqual([1, 1]);
  expect(asked).toBe(3);
});
