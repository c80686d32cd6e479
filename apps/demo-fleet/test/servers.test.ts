import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Fleet, type FleetOptions, startFleet } from '../src/fleet.ts';
import { parseText } from './reading.ts';

const open: Fleet[] = [];

async function fleet(options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const started = await startFleet({
    host: '127.0.0.1',
    portBase: 0,
    seed: 3,
    now: () => 1_700_000_000_000,
    ticking: false,
    ...options,
  });
  open.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

interface Answer {
  readonly error: string;
  readonly instances: readonly unknown[];
}

async function read(response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  return body as Answer;
}

function portOf(f: Fleet, name: string): number {
  return f.servers.find(({ instance }) => instance.name === name)!.port;
}

function post(url: string, body: unknown, method = 'POST'): Promise<Response> {
  return fetch(url, { method, body: JSON.stringify(body) });
}

function submit(f: Fleet, name: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${portOf(f, name)}/orders`, { method: 'POST' });
}

describe('an instance', () => {
  it('serves its registry as text and as OpenMetrics', async () => {
    const f = await fleet();
    const url = `http://127.0.0.1:${portOf(f, 'order-1')}/metrics`;
    const plain = await fetch(url);
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseText(await plain.text()).get('process_start_time_seconds')).toBe(1_700_000_000);
    const negotiated = await fetch(url, { headers: { accept: 'application/openmetrics-text' } });
    expect(negotiated.headers.get('content-type')).toContain('application/openmetrics-text; version=1.0.0');
    expect((await negotiated.text()).endsWith('# EOF\n')).toBe(true);
  });

  it('writes the time of the last change behind each sample when asked to', async () => {
    let nowMs = 1_700_000_000_250;
    const f = await fleet({ timestamps: true, stepS: 2, now: () => nowMs });
    const url = `http://127.0.0.1:${portOf(f, 'order-1')}/metrics`;
    const samples = async (accept: string) =>
      (await (await fetch(url, { headers: { accept } })).text())
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
    nowMs += 500;
    for (const line of await samples('text/plain')) expect(line).toMatch(/ 1700000000250$/);
    for (const line of await samples('application/openmetrics-text'))
      expect(line).toMatch(/^[^#]* 1700000000\.250(?: # \{.*\} \S+ 1700000000\.250)?$/);
    expect(f.model.ticks).toBe(2);
  });

  it('answers /healthz, 404 and 405', async () => {
    const f = await fleet();
    const url = `http://127.0.0.1:${portOf(f, 'order-1')}`;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${url}/orders`)).status).toBe(405);
  });

  it('accepts orders when calm and refuses about 37 % with code 2003 in the outage', async () => {
    const f = await fleet();
    expect((await submit(f, 'order-1')).status).toBe(201);
    await post(`${f.controlUrl}/incident`, { name: 'double11', speed: 60 });
    for (let i = 0; i < 12; i++) f.tick();
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, i) => submit(f, `order-${(i % 4) + 1}`)),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(80 - refused.length);
    expect(refused.length).toBeGreaterThan(80 * 0.2);
    expect(refused.length).toBeLessThan(80 * 0.55);
    expect(refused[0]!.headers.get('x-error-code')).toBe('2003');
    expect(await refused[0]!.json()).toMatchObject({ service: 'order', code: 2003 });
  });
});

describe('the control server', () => {
  it('lists every instance once for HTTP service discovery', async () => {
    const f = await fleet();
    const response = await fetch(`${f.controlUrl}/sd`);
    expect(response.headers.get('content-type')).toBe('application/json');
    const groups = (await response.json()) as { targets: string[]; labels: Record<string, string> }[];
    expect(groups.flatMap(({ targets }) => targets).toSorted()).toEqual(
      f.servers.map(({ port }) => `127.0.0.1:${port}`).toSorted(),
    );
    expect(groups.map(({ labels }) => Object.keys(labels))).toEqual(groups.map(() => ['service', 'cluster']));
    expect(new Set(groups.map(({ labels }) => labels.service)).size).toBe(12);
    expect(new Set(groups.map(({ labels }) => labels.cluster))).toEqual(
      new Set(['edge', 'shop', 'fulfilment']),
    );
  });

  it('starts, reports, refuses a second and stops the incident', async () => {
    const f = await fleet();
    const status = async () => (await fetch(`${f.controlUrl}/status`)).json();
    expect(await status()).toEqual({
      available: true,
      running: false,
      speed: 1,
      phase: 'idle',
      elapsedS: 0,
      lengthS: 1800,
      seed: 3,
    });
    const started = await post(`${f.controlUrl}/incident`, { name: 'double11', speed: 10, seed: 42 });
    expect(started.status).toBe(200);
    f.tick();
    expect(await status()).toMatchObject({
      running: true,
      name: 'double11',
      speed: 10,
      phase: 'ramp',
      elapsedS: 10,
      seed: 42,
    });
    const second = await post(`${f.controlUrl}/incident`, { name: 'double11', speed: 10 });
    expect(second.status).toBe(409);
    expect((await read(second)).error).toBe('incident double11 is running (10 of 1800 s); stop it first');
    expect((await fetch(`${f.controlUrl}/incident`, { method: 'DELETE' })).status).toBe(200);
    expect(await status()).toMatchObject({ running: false });
  });

  it.each([
    [{ name: 'no such' }, 400, 'name must be one of double11'],
    [{ name: 'double11', speed: 61 }, 400, 'speed must be a number from 1 to 60, got 61'],
    [{ name: 'double11', speed: '10' }, 400, 'speed must be'],
    [{ name: 'double11', seed: 1.5 }, 400, 'seed must be a whole number'],
    [[], 400, 'must be a JSON object'],
  ])('declines %j with %i', async (body, code, message) => {
    const f = await fleet();
    const response = await post(`${f.controlUrl}/incident`, body);
    expect(response.status).toBe(code);
    expect((await read(response)).error).toContain(message);
  });

  it('declines broken JSON, unknown paths and pages of other sites', async () => {
    const f = await fleet();
    expect((await fetch(`${f.controlUrl}/incident`, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await fetch(`${f.controlUrl}/nowhere`)).status).toBe(404);
    const foreign = await fetch(`${f.controlUrl}/incident`, {
      method: 'DELETE',
      headers: { origin: 'http://elsewhere.example' },
    });
    expect(foreign.status).toBe(403);
  });

  it('has no incident where there is no order service', async () => {
    const f = await fleet({ services: 2 });
    expect((await post(`${f.controlUrl}/incident`, { name: 'double11' })).status).toBe(409);
  });
});

describe('faults', () => {
  it('refuses connections, hangs and comes back on the same port', async () => {
    const f = await fleet();
    const url = `http://127.0.0.1:${portOf(f, 'cart-1')}/healthz`;
    const fault = (kind: string) => post(`${f.controlUrl}/fault`, { target: 'cart-1', kind });
    expect(await (await fault('stop')).json()).toMatchObject({
      instances: [{ instance: 'cart-1', health: 'stopped' }],
    });
    await expect(fetch(url)).rejects.toThrow();
    await fault('resume');
    expect((await fetch(url)).status).toBe(200);
    await fault('hang');
    await expect(fetch(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    await fault('resume');
    expect((await fetch(url)).status).toBe(200);
  });

  it('takes a whole service or an address, and says what it does not know', async () => {
    const f = await fleet();
    const fault = async (body: unknown) => {
      const response = await post(`${f.controlUrl}/fault`, body);
      return { status: response.status, body: await read(response) };
    };
    expect((await fault({ service: 'order', kind: 'stop' })).body.instances).toHaveLength(4);
    const target = `127.0.0.1:${portOf(f, 'web-2')}`;
    expect((await fault({ target, kind: 'hang' })).body.instances).toMatchObject([{ instance: 'web-2' }]);
    expect((await fault({ service: 'none', kind: 'stop' })).status).toBe(404);
    expect((await fault({ service: 'order', kind: 'explode' })).status).toBe(400);
    expect((await fault({ kind: 'stop' })).status).toBe(400);
  });
});

describe('sizes and ports', () => {
  it.each([
    [1, 1],
    [12, 32],
    [14, 34],
    [200, 220],
  ])('makes %i services of %i instances', async (services, instances) => {
    const f = await fleet({ services });
    expect(f.servers).toHaveLength(instances);
    expect(new Set(f.servers.map(({ instance }) => instance.state.service.name)).size).toBe(services);
  });

  it('scales the instances', async () => {
    expect((await fleet({ instancesScale: 0.25 })).servers).toHaveLength(12);
  });

  it('says in one line that a port is taken, and leaves no server behind', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const portBase = typeof address === 'object' && address ? address.port : 0;
    await expect(fleet({ portBase })).rejects.toThrow(
      `port 127.0.0.1:${portBase} is taken; stop what runs there or choose others with --port-base`,
    );
    await new Promise((resolve) => blocker.close(resolve));
  });
});
