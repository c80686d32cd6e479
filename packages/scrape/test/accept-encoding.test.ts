import { expect, it } from 'vitest';
import { acceptEncoding } from '../src/accept-encoding.ts';
import { config } from './harness.ts';

const asked = (url: string, more = ''): string =>
  acceptEncoding(config(`scrape_configs: [{job_name: j${more}}]`).scrapeConfigs[0]!, new URL(url));

it('asks targets of this machine to leave bodies as they are if they can', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', 'localhost', '[::1]'])
    expect(asked(`http://${host}:9100/metrics`)).toBe('identity, gzip;q=0.5');
  for (const host of ['10.0.0.1', '128.0.0.1', 'node.test', '127.0.0.1.node.test', '[::2]'])
    expect(asked(`http://${host}:9100/metrics`)).toBe('gzip');
});

it('asks every target for gzip by way of a proxy, and none without enable_compression', () => {
  expect(asked('http://localhost:9100/metrics', ', proxy_url: http://proxy.test:3128')).toBe('gzip');
  for (const host of ['localhost', 'node.test'])
    expect(asked(`http://${host}/metrics`, ', enable_compression: false')).toBe('identity');
});
