import { parseExpr } from '@watchroom/promql';
import { describe, expect, it } from 'vitest';
import {
  bucketsQuery,
  cpuQuery,
  dependencyQueries,
  errorsQuery,
  gcQuery,
  latencyQuery,
  memoryQuery,
  p99TargetQuery,
  resourcesQuery,
  saturationQuery,
  scoreQuery,
  trafficQuery,
} from './service-queries.ts';

const NAMES = ['order', 'a "quoted" \\ name', '订单', 'line\nbreak'];

describe('service queries', () => {
  it.each(NAMES)('parse for the service %j', (name) => {
    const callers = dependencyQueries(name, 'callers', 60_000);
    const callees = dependencyQueries(name, 'callees', 60_000);
    const all = [
      scoreQuery(name),
      latencyQuery(name),
      p99TargetQuery(name),
      trafficQuery(name, 30_000),
      errorsQuery(name, 30_000),
      bucketsQuery(name, 15_000),
      resourcesQuery(name),
      saturationQuery(name, undefined, 15_000),
      saturationQuery(name, 'pool', 15_000),
      memoryQuery(name),
      cpuQuery(name, 30_000),
      gcQuery(name, 30_000),
      ...[callers, callees].flatMap(({ rate, errors, p99 }) => [rate, errors, p99]),
    ];
    for (const query of all) expect(() => parseExpr(query)).not.toThrow();
  });

  it('callers name the service as their peer, callees are the peers', () => {
    expect(dependencyQueries('order', 'callers', 60_000).rate).toBe(
      'sum by (service) (rate(http_client_requests_total{peer="order",service!=""}[1m]))',
    );
    expect(dependencyQueries('order', 'callees', 60_000).rate).toBe(
      'sum by (peer) (rate(http_client_requests_total{service="order",peer!=""}[1m]))',
    );
  });

  it('counts the business code 2003 as a failure', () => {
    expect(errorsQuery('order', 30_000)).toContain('code=~"5..|2003"');
  });
});
