import { describe, expect, it } from 'vitest';
import { createFleetModel } from '../src/fleet-model.ts';
import { genericServices } from '../src/generic-services.ts';
import { createRandom } from '../src/random.ts';
import { SHOP_SERVICES } from '../src/shop.ts';
import { type CallSpec, orderByCalls, type RouteSpec, type ServiceSpec } from '../src/topology.ts';
import { sumOf } from './reading.ts';

function service(name: string, route: Partial<RouteSpec>): ServiceSpec {
  const [base] = genericServices(1);
  const plain: RouteSpec = { method: 'GET', path: '/', okCode: '200', workS: 0.01, spread: 0.2, cpuS: 0.001 };
  return { ...base!, name, routes: [{ ...plain, ...route }] };
}

function calling(name: string, over: Partial<CallSpec> = {}): CallSpec {
  return { service: name, route: 'GET /', weight: 1, timeoutS: 1, ...over };
}

const VISITS = { perSecond: 20, audience: 'browse' } as const;

describe('orderByCalls', () => {
  it('puts every caller of the shop before its callees', () => {
    const names = orderByCalls(SHOP_SERVICES).map(({ name }) => name);
    expect(names).toHaveLength(SHOP_SERVICES.length);
    for (const { name, routes } of SHOP_SERVICES)
      for (const call of routes.flatMap((route) => route.calls ?? []))
        expect(names.indexOf(name)).toBeLessThan(names.indexOf(call.service));
  });

  it('refuses circles and calls to nowhere', () => {
    const a = service('a', { calls: [calling('b')] });
    const b = service('b', { calls: [calling('a')] });
    expect(() => orderByCalls([a, b])).toThrow('service a calls itself in a circle');
    expect(() => orderByCalls([a])).toThrow('service a calls b GET /, which does not exist');
  });
});

describe('a call', () => {
  it('that lasts too long is given up and fails the caller with 504', async () => {
    const caller = service('caller', { visits: VISITS, calls: [calling('slow')] });
    const model = createFleetModel({ services: [caller, service('slow', { workS: 5 })], seed: 1 });
    for (let i = 0; i < 5; i++) model.tick();
    const all = await sumOf(model, 'caller', 'http_requests_total');
    expect(all).toBeGreaterThan(50);
    expect(await sumOf(model, 'caller', 'http_requests_total', ['code="504"'])).toBe(all);
    expect(await sumOf(model, 'slow', 'http_requests_total', ['code="200"'])).toBe(all);
    const seconds = await sumOf(model, 'caller', 'http_request_duration_seconds_sum');
    expect(seconds / all).toBeGreaterThan(1);
    expect(seconds / all).toBeLessThan(1.1);
  });

  it('that is detached neither delays nor fails the caller', async () => {
    const caller = service('caller', { visits: VISITS, calls: [calling('slow', { detached: true })] });
    const model = createFleetModel({ services: [caller, service('slow', { workS: 5 })], seed: 1 });
    for (let i = 0; i < 5; i++) model.tick();
    const all = await sumOf(model, 'caller', 'http_requests_total');
    expect(await sumOf(model, 'caller', 'http_requests_total', ['code="200"'])).toBe(all);
    expect(await sumOf(model, 'caller', 'http_client_requests_total', ['code="504"'])).toBe(all);
    expect((await sumOf(model, 'caller', 'http_request_duration_seconds_sum')) / all).toBeLessThan(0.05);
  });
});

describe('work', () => {
  it('takes longer on a busy instance', async () => {
    const mean = async (cpuS: number) => {
      const model = createFleetModel({ services: [service('one', { visits: VISITS, cpuS })], seed: 1 });
      for (let i = 0; i < 60; i++) model.tick();
      const sum = await sumOf(model, 'one', 'http_request_duration_seconds_sum');
      return sum / (await sumOf(model, 'one', 'http_request_duration_seconds_count'));
    };
    expect(await mean(0.045)).toBeGreaterThan(2 * (await mean(0.001)));
  });
});

describe('chance', () => {
  it('draws Poisson counts with the wanted mean and variance', () => {
    const random = createRandom(4);
    for (const mean of [0.5, 12, 80]) {
      const draws = Array.from({ length: 4000 }, () => random.poisson(mean));
      const average = draws.reduce((sum, n) => sum + n, 0) / draws.length;
      const variance = draws.reduce((sum, n) => sum + (n - average) ** 2, 0) / draws.length;
      expect(Math.abs(average / mean - 1)).toBeLessThan(0.1);
      expect(Math.abs(variance / mean - 1)).toBeLessThan(0.15);
    }
  });

  it('draws log-normal seconds around the median', () => {
    const random = createRandom(4);
    const draws = Array.from({ length: 4001 }, () => random.logNormal(0.2, 0.4)).toSorted((a, b) => a - b);
    expect(draws[2000]! / 0.2).toBeGreaterThan(0.95);
    expect(draws[2000]! / 0.2).toBeLessThan(1.05);
  });
});
