/**
 * By which proxy a URL is asked. Rules of `no_proxy` and NO_PROXY, between commas:
 *
 *   *                          everything
 *   10.0.0.0/8, fd00::/8       addresses of the network
 *   10.1.2.3, [::1]:9100       an address, on that port alone where there is one
 *   example.com[:80]           the domain and what is below it
 *   .example.com, *.example.com   only what is below it
 *
 * Where there are any, or the environment is asked, localhost and loopback addresses go without a proxy, too.
 * Source: golang.org/x/net/http/httpproxy; common/config of Prometheus
 */
import { BlockList, isIP } from 'node:net';
import type { HttpClientConfig } from '@watchroom/config';
import { FetchError } from './http-error.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a request goes. */
interface Place {
  readonly host: string;
  readonly port: string;
  readonly family: 0 | 4 | 6;
}

type Exception = (place: Place) => boolean;

/** Where the address of a proxy stands. */
interface Named {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

export class ProxyRule {
  readonly #http: Named;
  readonly #https: Named;
  /** Undefined: not even loopback addresses. */
  readonly #exceptions: readonly Exception[] | undefined;

  private constructor(http: Named, https: Named, noProxy: string | undefined) {
    this.#http = http;
    this.#https = https;
    this.#exceptions = noProxy === undefined ? undefined : exceptionsOf(noProxy);
  }

  /** Undefined when no URL has a proxy. */
  static of({ url, noProxy, fromEnvironment }: HttpClientConfig['proxy'], env: Env): ProxyRule | undefined {
    if (url) {
      const named = { name: 'proxy_url', text: url.href };
      return new ProxyRule(named, named, noProxy === '' ? undefined : noProxy);
    }
    if (!fromEnvironment) return undefined;
    const named = (name: string): Named => ({ name, text: env[name] || env[name.toLowerCase()] || '' });
    const [http, https] = [named('HTTP_PROXY'), named('HTTPS_PROXY')];
    return http.text === '' && https.text === ''
      ? undefined
      : new ProxyRule(http, https, named('NO_PROXY').text);
  }

  /** Whether the URL is asked by way of one. */
  applies(url: URL): boolean {
    if (this.#named(url).text === '') return false;
    return !this.#exceptions || !isExcepted(url, this.#exceptions);
  }

  /** Undefined: without one. Throws FetchError when the environment names one that cannot be used. */
  proxyFor(url: URL): URL | undefined {
    return this.applies(url) ? parsed(this.#named(url)) : undefined;
  }

  #named({ protocol }: URL): Named {
    return protocol === 'https:' ? this.#https : this.#http;
  }
}

function parsed({ name, text }: Named): URL {
  const found = [text, `http://${text}`]
    .filter((one) => URL.canParse(one))
    .map((one) => new URL(one))
    .find(({ host }) => host !== '');
  if (!found) throw new FetchError(`${name} is not the address of a proxy; write "http://host:port"`);
  if (found.protocol !== 'http:' && found.protocol !== 'https:')
    throw new FetchError(`unsupported proxy scheme "${found.protocol.slice(0, -1)}" of ${name}`);
  return found;
}

function isExcepted(url: URL, exceptions: readonly Exception[]): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(host) as 0 | 4 | 6;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost') return true;
  if (family !== 0 && LOOPBACK.check(host, familyName(family))) return true;
  return exceptions.some((isIn) => isIn({ host, port, family }));
}

function exceptionsOf(text: string): Exception[] {
  const found: Exception[] = [];
  for (const part of text.toLowerCase().split(',')) {
    const rule = part.trim();
    if (rule === '*') return [() => true];
    const exception = rule === '' ? undefined : (networkOf(rule) ?? hostOf(rule));
    if (exception) found.push(exception);
  }
  return found;
}

function networkOf(rule: string): Exception | undefined {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(rule) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), familyName(family));
  return (place) => place.family !== 0 && list.check(place.host, familyName(place.family));
}

function hostOf(rule: string): Exception | undefined {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(rule) ?? [];
  const host = bracketed ?? plain ?? rule;
  const isPort = (place: Place) => port === '' || place.port === port;
  if (host === '') return undefined;
  const family = isIP(host);
  if (family !== 0) {
    const list = new BlockList();
    list.addAddress(host, familyName(family));
    return (place) => place.family !== 0 && list.check(place.host, familyName(place.family)) && isPort(place);
  }
  const domain = host.replace(/^\*\./, '.');
  const below = domain.startsWith('.') ? domain : `.${domain}`;
  return (place) => (place.host.endsWith(below) || place.host === domain) && isPort(place);
}

function familyName(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
