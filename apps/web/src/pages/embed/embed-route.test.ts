import { describe, expect, it } from 'vitest';
import { parseEmbed } from './embed-route.ts';

const of = (path: string, search = '') => parseEmbed(path, new URLSearchParams(search));

describe('addresses of embedded pages', () => {
  it('name a service, encoded or not', () => {
    expect(of('/embed/service/order')).toEqual({ kind: 'service', service: 'order' });
    expect(of('/embed/service/a%2Fb')).toEqual({ kind: 'service', service: 'a/b' });
  });

  it('name a panel with a window inside bounds', () => {
    const panel = of('/embed/panel/service/order/saturation', 'window=1s&resource=pool');
    expect(panel).toEqual({
      kind: 'panel',
      service: 'order',
      panel: 'saturation',
      windowMs: 60_000,
      resource: 'pool',
    });
    expect(of('/embed/panel/service/order/latency')).toMatchObject({ windowMs: 900_000 });
  });

  it('carry a query with its looks', () => {
    expect(of('/embed/panel/query', 'query=up&unit=ratio&title=Up&window=5m')).toEqual({
      kind: 'query',
      query: 'up',
      title: 'Up',
      unit: 'ratio',
      windowMs: 300_000,
    });
    expect(of('/embed/panel/query', 'query=up&unit=parsecs')).toMatchObject({ unit: 'short', title: 'up' });
  });

  it.each([
    '/embed/',
    '/embed/service/',
    '/embed/service/a/b',
    '/embed/panel/service/order',
    '/embed/panel/service/order/nope',
    '/embed/panel/query',
    '/embed/service/%E0%A4%A',
  ])('%s names nothing', (path) => {
    expect(of(path)).toBeUndefined();
  });
});
