import { describe, expect, it } from 'vitest';
import { createFleetModel, type FleetModel } from '../src/fleet-model.ts';
import { genericServices } from '../src/generic-services.ts';
import { double11 } from '../src/scenario.ts';
import { SHOP_SERVICES } from '../src/shop.ts';
import { parseText, samplesOf, sumOf, textOf, wholeText } from './reading.ts';

function shop(seed = 7): FleetModel {
  return createFleetModel({ services: SHOP_SERVICES, seed });
}

function run(model: FleetModel, ticks: number, conditions?: Parameters<FleetModel['tick']>[0]): void {
  for (let i = 0; i < ticks; i++) model.tick(conditions);
}

/** The whole incident at a speed, or its part up to a scenario time. */
function play(model: FleetModel, speed: number, untilS = double11.lengthS): void {
  for (let t = speed; t < untilS; t += speed) model.tick(double11.conditionsAt(t));
}

const OUTAGE = double11.conditionsAt(900);

describe('determinism', () => {
  it('gives the same exposition for the same seed through an incident', async () => {
    const [a, b] = [shop(), shop()];
    for (const model of [a, b]) {
      run(model, 20);
      play(model, 30);
    }
    expect(await wholeText(a)).toBe(await wholeText(b));
  });

  it('gives another for another seed', async () => {
    const [a, b] = [shop(1), shop(2)];
    run(a, 5);
    run(b, 5);
    expect(await wholeText(a)).not.toBe(await wholeText(b));
  });

  it('is not changed by being scraped', async () => {
    const [a, b] = [shop(), shop()];
    for (let i = 0; i < 5; i++) {
      a.tick();
      await wholeText(a);
      b.tick();
    }
    expect((await wholeText(a)).replaceAll(/process_cpu.*/g, '')).toBe(
      (await wholeText(b)).replaceAll(/process_cpu.*/g, ''),
    );
  });

  it('repeats what follows a reseed', async () => {
    const [a, b] = [shop(3), shop(3)];
    for (const model of [a, b]) {
      run(model, 4);
      model.reseed(99);
      run(model, 4);
    }
    expect(await wholeText(a)).toBe(await wholeText(b));
  });
});

describe('exposition', () => {
  it('never lets a counter or a bucket fall', async () => {
    const model = shop();
    const rising = /(_total|_bucket|_sum|_count)(\{|$)/;
    let before = new Map<string, number>();
    for (let step = 0; step < 12; step++) {
      play(model, 60, 240);
      const now = new Map<string, number>();
      for (const instance of model.instances)
        for (const [key, value] of await samplesOf(instance))
          if (rising.test(key)) now.set(`${instance.name} ${key}`, value);
      for (const [key, value] of before) expect(now.get(key), key).toBeGreaterThanOrEqual(value);
      expect(now.size).toBeGreaterThan(1000);
      before = now;
    }
  });

  it('keeps buckets cumulative, +Inf equal to the count and the count equal to the requests counted', async () => {
    const model = shop();
    run(model, 30, OUTAGE);
    const order = model.instances.find((instance) => instance.state.service.name === 'order')!;
    const samples = await samplesOf(order);
    const label = 'method="POST",route="/orders"';
    const buckets = [...samples].filter(
      ([key]) => key.startsWith('http_request_duration_seconds_bucket') && key.includes(label),
    );
    const counts = buckets.map(([, value]) => value);
    expect(counts).toHaveLength(14);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const count = samples.get(`http_request_duration_seconds_count{${label}}`)!;
    expect(counts.at(-1)).toBe(count);
    expect(count).toBeGreaterThan(100);
    const requests = [...samples].filter(([key]) => key.startsWith(`http_requests_total{${label}`));
    expect(requests.reduce((sum, [, value]) => sum + value, 0)).toBe(count);
    expect(samples.get(`http_request_duration_seconds_sum{${label}}`)! / count).toBeGreaterThan(0.5);
  });

  it('has 30 instances or so in 3 clusters, each with 75 to 265 series', async () => {
    const model = shop();
    model.tick();
    expect(model.instances.length).toBeGreaterThanOrEqual(24);
    expect(model.instances.length).toBeLessThanOrEqual(36);
    expect(new Set(SHOP_SERVICES.map(({ cluster }) => cluster)).size).toBe(3);
    for (const instance of model.instances) {
      const { size } = await samplesOf(instance);
      expect(size, instance.name).toBeGreaterThan(75);
      expect(size, instance.name).toBeLessThan(265);
    }
  });

  it('writes OpenMetrics and plain text in turn without spoiling the counters’ names', async () => {
    const model = shop();
    model.tick();
    const { exposition } = model.instances[0]!;
    const open = await exposition.render('application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.3');
    expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body).toContain('# TYPE http_requests counter\nhttp_requests_total{');
    expect(open.body.endsWith('# EOF\n')).toBe(true);
    const plain = await exposition.render(undefined);
    expect(plain.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(plain.body).toContain('# TYPE http_requests_total counter\nhttp_requests_total{');
    const bare = open.body.replace('# EOF\n', '').replaceAll(/ # \{.*$/gm, '');
    const [a, b] = [parseText(plain.body), parseText(bare)];
    expect([...b]).toEqual([...a]);
  });
});

describe('exemplars', () => {
  const EXEMPLAR = / # \{trace_id="([0-9a-f]{32})"\} (\S+) \d/g;
  const traces = async (model: ReturnType<typeof shop>): Promise<string[]> => {
    const found: string[] = [];
    for (const { exposition } of model.instances) {
      const { body } = await exposition.render('application/openmetrics-text');
      for (const [, id, seconds] of body.matchAll(EXEMPLAR)) found.push(`${id} ${seconds}`);
    }
    return found;
  };

  it('stand at the buckets of request latencies, the same for the same seed', async () => {
    const [a, b] = [shop(), shop()];
    run(a, 20);
    run(b, 20);
    const found = await traces(a);
    expect(found.length).toBeGreaterThan(50);
    expect(await traces(b)).toEqual(found);
    const plain = await a.instances[0]!.exposition.render('text/plain');
    expect(plain.body).not.toContain('trace_id');
  });
});

describe('calls', () => {
  it('counts at the clients what the servers counted', async () => {
    const model = shop();
    run(model, 40, OUTAGE);
    for (const [peer, route] of [
      ['payment', '/payments'],
      ['cart', ''],
      ['search', '/search'],
      ['notification', '/messages'],
    ] as const) {
      const served = await sumOf(model, peer, 'http_requests_total', [`route="${route}`]);
      const called = await sumOf(model, undefined, 'http_client_requests_total', [`peer="${peer}"`]);
      expect(called, peer).toBe(served);
      expect(served, peer).toBeGreaterThan(100);
    }
    const refused = await sumOf(model, 'order', 'http_requests_total', ['code="2003"']);
    expect(await sumOf(model, 'cart', 'http_client_requests_total', ['code="2003"'])).toBe(refused);
  });

  it('makes callers fail and slow down with the order service, and spares those below it', async () => {
    const model = shop();
    run(model, 30);
    const slow = async (service: string) =>
      (await sumOf(model, service, 'http_request_duration_seconds_sum')) /
      (await sumOf(model, service, 'http_request_duration_seconds_count'));
    const calm = { gateway: await slow('gateway'), cart: await slow('cart') };
    run(model, 30, OUTAGE);
    for (const [service, share] of [
      ['order', 0.2],
      ['cart', 0.12],
      ['gateway', 0.03],
      ['web', 0.03],
    ] as const) {
      const all = await sumOf(model, service, 'http_requests_total');
      const bad =
        (await sumOf(model, service, 'http_requests_total', ['code="5'])) +
        (await sumOf(model, service, 'http_requests_total', ['code="2003"']));
      expect(bad / all, service).toBeGreaterThan(share);
    }
    expect(await slow('gateway')).toBeGreaterThan(calm.gateway * 1.5);
    expect(await slow('cart')).toBeGreaterThan(calm.cart * 2);
    expect(await sumOf(model, 'payment', 'http_requests_total', ['code="5'])).toBeLessThan(5);
  });

  it('loses calls with code 503 when a service has no live instance, and recovers', async () => {
    const model = shop();
    const orders = model.instances.filter(({ state }) => state.service.name === 'order');
    for (const { state } of orders) state.live = false;
    run(model, 5);
    expect(await sumOf(model, 'order', 'http_requests_total')).toBe(0);
    const lost = await sumOf(model, 'cart', 'http_client_requests_total', ['peer="order"', 'code="503"']);
    expect(lost).toBeGreaterThan(5);
    for (const { state } of orders) state.live = true;
    run(model, 5);
    expect(await sumOf(model, 'order', 'http_requests_total', ['code="201"'])).toBeGreaterThan(5);
  });

  it('moves the load of a stopped instance to its peers', async () => {
    const model = shop();
    model.instances.find(({ name }) => name === 'web-1')!.state.live = false;
    run(model, 5);
    const [one, two] = ['web-1', 'web-2'].map((name) => model.instances.find((i) => i.name === name)!);
    const served = (text: string) =>
      [...parseText(text)]
        .filter(([key]) => key.startsWith('http_requests_total'))
        .reduce((s, [, v]) => s + v, 0);
    expect(served(await textOf(one!))).toBe(0);
    expect(served(await textOf(two!))).toBeGreaterThan(50);
  });
});

describe('double11', () => {
  it('fails 37 % of the submissions in the outage and fills the pool', async () => {
    const model = shop();
    run(model, 60, OUTAGE);
    const all = await sumOf(model, 'order', 'http_requests_total', ['route="/orders"']);
    const bad = await sumOf(model, 'order', 'http_requests_total', ['code="2003"']);
    expect(bad / all).toBeGreaterThan(0.355);
    expect(bad / all).toBeLessThan(0.385);
    expect(await sumOf(model, 'order', 'redis_pool_timeouts_total')).toBe(bad);
    for (const instance of model.instances.filter(({ state }) => state.service.name === 'order')) {
      const samples = await samplesOf(instance);
      expect(samples.get('svc_saturation_ratio{resource="pool"}')).toBe(1);
      expect(samples.get('redis_pool_connections{state="used"}')).toBe(
        samples.get('redis_pool_max_connections'),
      );
      expect(samples.get('redis_pool_waiting')).toBeGreaterThan(5);
      const collections = await sumOf(model, 'order', 'nodejs_gc_duration_seconds_count');
      expect(collections / 60 / 4).toBeGreaterThan(14);
      expect(collections / 60 / 4).toBeLessThan(16.5);
    }
  });

  it('brings eight times the visits', async () => {
    const [calm, sale] = [shop(), shop()];
    run(calm, 120);
    run(sale, 120, OUTAGE);
    const visits = (model: FleetModel) => sumOf(model, 'web', 'http_requests_total');
    const ratio = (await visits(sale)) / (await visits(calm));
    expect(ratio).toBeGreaterThan(7.5);
    expect(ratio).toBeLessThan(8.5);
  });

  it('ends as healthy as it began', async () => {
    const model = shop();
    play(model, 10);
    run(model, 30);
    const before = await sumOf(model, undefined, 'http_requests_total', ['code="2003"']);
    run(model, 60);
    expect(await sumOf(model, undefined, 'http_requests_total', ['code="2003"'])).toBe(before);
    const order = await samplesOf(model.instances.find(({ name }) => name === 'order-1')!);
    expect(order.get('redis_pool_max_connections')).toBe(16);
    expect(order.get('svc_saturation_ratio{resource="pool"}')).toBeLessThan(0.5);
    expect(order.get('svc_saturation_ratio{resource="memory"}')).toBeLessThan(0.4);
  });
});

describe('a calm fleet', () => {
  it('keeps every resource under 70 % and errors under one in a thousand for half an hour', async () => {
    const model = createFleetModel({ services: [...SHOP_SERVICES, ...genericServices(8)], seed: 5 });
    const worst = new Map<string, number>();
    for (let minute = 0; minute < 30; minute++) {
      run(model, 60);
      for (const instance of model.instances)
        for (const [key, value] of await samplesOf(instance))
          if (key.startsWith('svc_saturation_ratio')) worst.set(key, Math.max(worst.get(key) ?? 0, value));
    }
    for (const [key, value] of worst) expect(value, key).toBeLessThan(0.7);
    const all = await sumOf(model, undefined, 'http_requests_total');
    expect((await sumOf(model, undefined, 'http_requests_total', ['code="5'])) / all).toBeLessThan(0.001);
  });
});
