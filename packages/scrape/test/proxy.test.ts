import { describe, expect, it } from 'vitest';
import { ProxyRule } from '../src/proxy.ts';

const PROXY = 'http://proxy.test:3128/';

function isDirect(noProxy: string, target: string): boolean {
  const proxy = { url: new URL(PROXY), noProxy, fromEnvironment: false, connectHeader: {} };
  const found = ProxyRule.of(proxy, {})!.proxyFor(new URL(`http://${target}/metrics`));
  expect(found?.href ?? PROXY).toBe(PROXY);
  return found === undefined;
}

// Answers of golang.org/x/net/http/httpproxy.
describe('no_proxy', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3:9100', true],
    ['10.0.0.0/8', '11.1.2.3:9100', false],
    ['fd00::/8', '[fd00::5]:9100', true],
    ['10.1.2.3', '10.1.2.3:9100', true],
    ['10.1.2.3:9100', '10.1.2.3:9100', true],
    ['10.1.2.3:9101', '10.1.2.3:9100', false],
    ['10.1.2.3:80', '10.1.2.3', true],
    ['[fd00::5]:9100', '[fd00::5]:9100', true],
    ['10.1.2.1-10.1.2.9', '10.1.2.3:9100', false],
    ['host.test', 'host.test:9100', true],
    ['host.test', 'a.host.test:9100', true],
    ['host.test', 'ahost.test:9100', false],
    ['.host.test', 'host.test:9100', false],
    ['.host.test', 'a.host.test:9100', true],
    ['*.host.test', 'a.host.test:9100', true],
    ['*.host.test', 'host.test:9100', false],
    ['host.test:9101, HOST.test:9100', 'a.host.test:9100', true],
    ['other, *', 'host.test:9100', true],
    ['other', 'localhost:9100', true],
    ['other', '127.1.2.3:9100', true],
    ['other', '[::1]:9100', true],
    ['', 'localhost:9100', false],
    [':80', 'host.test', false],
  ])('%s: %s is asked directly: %s', (noProxy, target, direct) => {
    expect(isDirect(noProxy, target)).toBe(direct);
  });
});

describe('proxy_from_environment', () => {
  const proxy = { url: undefined, noProxy: '', fromEnvironment: true, connectHeader: {} };
  const of = (env: Record<string, string>, url: string): string | undefined =>
    ProxyRule.of(proxy, env)?.proxyFor(new URL(url))?.href;

  it('takes the variable of the scheme, in capitals first, with or without a scheme of its own', () => {
    const env = { HTTP_PROXY: 'a.test:1', http_proxy: 'b.test:2', https_proxy: 'https://c.test' };
    expect(of(env, 'http://x.test')).toBe('http://a.test:1/');
    expect(of(env, 'https://x.test')).toBe('https://c.test/');
    expect(of({ HTTP_PROXY: 'a.test:1' }, 'https://x.test')).toBeUndefined();
    expect(of({}, 'http://x.test')).toBeUndefined();
  });

  it('asks loopback addresses and those of NO_PROXY directly', () => {
    const env = { HTTP_PROXY: 'a.test:1', NO_PROXY: 'x.test' };
    expect(
      ['http://localhost:9090', 'http://127.0.0.1', 'http://a.x.test'].map((url) => of(env, url)),
    ).toEqual([undefined, undefined, undefined]);
    expect(of(env, 'http://y.test')).toBe('http://a.test:1/');
  });

  it('refuses what is no proxy of a kind that is known, instead of asking directly', () => {
    expect(() => of({ HTTP_PROXY: 'socks5://a.test:1' }, 'http://x.test')).toThrow(
      'unsupported proxy scheme "socks5" of HTTP_PROXY',
    );
    expect(() => of({ HTTP_PROXY: '://' }, 'http://x.test')).toThrow(
      'HTTP_PROXY is not the address of a proxy',
    );
  });
});
