/**
 * GET over kept connections, with one deadline over everything: connecting, redirects, headers and the last byte.
 * Bodies are read as they come against a limit, after decompression, as Prometheus counts it. Plain HTTP without a proxy goes
 * over connections of our own, which cost a fraction; TLS and proxies go through Node's client.
 */
import { createHash } from 'node:crypto';
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { HttpClientConfig } from '@watchroom/config';
import type { Clock } from '@watchroom/model';
import type { Asker } from './asker.ts';
import { DEADLINE, FetchError, proxyError } from './http-error.ts';
import { fixedHeaders, readHeaders, readTlsMaterial } from './http-settings.ts';
import { type BodyBuffer, BUILT_IN_LIMIT } from './plain-http/body-buffer.ts';
import { gathered, isZipped, PlainClient, unpacked } from './plain-http/plain-client.ts';
import type { ResponseReader } from './plain-http/response-reader.ts';
import { ProxyRule } from './proxy.ts';
import type { Stop } from './stop.ts';

export interface FetchRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of the uncompressed body; 0 for the built-in bound. */
  readonly bodyLimitBytes: number;
  /** Of this request alone. */
  readonly stop: Stop;
}

export interface FetchResult {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  /** To be called when the body has been read, if at all: its memory is used again. */
  release(): void;
}

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What one exchange has brought, before its body is looked at. */
interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly location: string | undefined;
  readonly contentType: string | undefined;
  body(): Uint8Array | Promise<Uint8Array>;
  /** Nobody will read the body, or any more. */
  drop(): void;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

export class HttpClient {
  readonly #http: HttpClientConfig;
  readonly #clock: Clock;
  readonly #plain = new PlainClient();
  /** The configuration's headers, unless they stand in files. */
  readonly #ownHeaders: Headers | undefined;
  /** What they make of a request's headers. */
  readonly #merged = new WeakMap<Headers, Headers>();
  /** Undefined: no URL has one. */
  readonly #proxies: ProxyRule | undefined;
  /** By the proxy's URL. */
  readonly #agents = new Map<string, Agent>();
  #secure:
    | { readonly key: string; readonly agents: Map<string, HttpsAgent>; readonly tls: TlsOptions }
    | undefined;

  /** `env` gives the proxy variables for `proxy_from_environment`. */
  constructor(http: HttpClientConfig, clock: Clock, env: Readonly<Record<string, string | undefined>> = {}) {
    this.#http = http;
    this.#clock = clock;
    this.#ownHeaders = fixedHeaders(http);
    this.#proxies = ProxyRule.of(http.proxy, env);
  }

  /** As `fetch`. */
  get(request: FetchRequest): Promise<FetchResult> {
    return new Promise((done, failed) => this.fetch(request, { done, failed }));
  }

  /**
   * Tells its asker once: with the result, which of a plain body that came whole is in the task in which it came, or with
   * FetchError, or with Node's own error when the connection fails.
   */
  fetch(request: FetchRequest, asker: Asker<FetchResult>): void {
    const { url, headers, stop, timeoutMs } = request;
    const timer = this.#clock.after(timeoutMs, () => stop.stop(new FetchError(DEADLINE)));
    let isOpen = true;
    const done = (result: FetchResult): void => {
      timer.cancel();
      if (!isOpen) {
        result.release();
        return;
      }
      isOpen = false;
      asker.done(result);
    };
    const failed = (error: unknown): void => {
      timer.cancel();
      // Late failures of the work are of no interest.
      if (!isOpen) return;
      isOpen = false;
      asker.failed(stop.reason ?? error);
    };
    stop.ended = failed;
    const bound = bodyBound(request.bodyLimitBytes);
    if (!this.#ownHeaders || stop.reason || !this.#isPlain(url)) {
      this.#follow(request).then(done, failed);
      return;
    }
    this.#plain.ask(url, this.#merge(headers, this.#ownHeaders), bound, stop, {
      done: (reader) => {
        const answer = plainAnswer(reader, bound);
        if (answer.status !== 200 || isZipped(reader)) this.#follow(request, answer).then(done, failed);
        else done(resultOf(answer, reader.body.view()));
      },
      failed,
    });
  }

  close(): void {
    this.#plain.close();
    for (const agent of this.#agents.values()) agent.destroy();
    this.#closeSecure();
  }

  #closeSecure(): void {
    for (const agent of this.#secure?.agents.values() ?? []) agent.destroy();
  }

  /** `first`: what the request itself has brought already. */
  async #follow(request: FetchRequest, first?: Answer): Promise<FetchResult> {
    const own = this.#merge(request.headers, this.#ownHeaders ?? (await readHeaders(this.#http)));
    let { url } = request;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const headers = hop === 0 || isTrusted(url, request.url) ? own : request.headers;
      const bound = bodyBound(request.bodyLimitBytes);
      const known = hop === 0 ? first : undefined;
      // Nothing is awaited where nothing has to be: a body is looked at in the task in which it came.
      const answer = known ?? (await this.#exchange(url, headers, bound, request.stop));
      const { status, reason, location } = answer;
      if (REDIRECTS.has(status) && location !== undefined && this.#http.followRedirects) {
        answer.drop();
        if (!URL.canParse(location, url.href)) throw new FetchError('invalid Location header in a redirect');
        url = new URL(location, url);
        if (url.protocol !== 'http:' && url.protocol !== 'https:')
          throw new FetchError(`unsupported protocol scheme "${url.protocol.slice(0, -1)}" in a redirect`);
        continue;
      }
      if (status !== 200) {
        answer.drop();
        throw new FetchError(`server returned HTTP status ${status} ${reason}`.trimEnd());
      }
      try {
        const body = answer.body();
        return resultOf(answer, body instanceof Uint8Array ? body : await body);
      } catch (error) {
        answer.drop();
        throw error;
      }
    }
    throw new FetchError(`stopped after ${MAX_REDIRECTS} redirects`);
  }

  #isPlain(url: URL): boolean {
    return this.#plain.takes(url) && !this.#proxies?.applies(url);
  }

  #merge(headers: Headers, own: Headers): Headers {
    if (own !== this.#ownHeaders) return { ...headers, ...own };
    const known = this.#merged.get(headers) ?? { ...headers, ...own };
    this.#merged.set(headers, known);
    return known;
  }

  async #exchange(url: URL, headers: Headers, boundBytes: number, stop: Stop): Promise<Answer> {
    if (stop.reason) throw stop.reason;
    if (this.#isPlain(url))
      return plainAnswer(await this.#plain.get(url, headers, boundBytes, stop), boundBytes);
    const { signal } = stop;
    const response = await this.#send(url, headers, signal);
    let body: BodyBuffer | undefined;
    return {
      status: response.statusCode ?? 0,
      reason: response.statusMessage ?? '',
      location: response.headers.location,
      contentType: response.headers['content-type'],
      body: async () => {
        body = await readBody(response, boundBytes);
        return body.view();
      },
      drop: () => {
        if (body) body.release();
        else response.destroy();
      },
    };
  }

  async #send(url: URL, headers: Headers, signal: AbortSignal): Promise<IncomingMessage> {
    const secure = url.protocol === 'https:';
    const proxy = this.#proxies?.proxyFor(url);
    const agent = secure ? await this.#secureAgent(proxy) : this.#httpAgent(proxy);
    if (signal.aborted) throw new FetchError(DEADLINE);
    const options = { agent, headers: headers as Record<string, string | string[]>, signal };
    const send = (): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const sent: ClientRequest = secure ? httpsRequest(url, options) : httpRequest(url, options);
        sent.on('response', resolve);
        // A server may close a kept connection just as it is used again: that says nothing about the target.
        sent.on('error', (error) => {
          if (sent.reusedSocket && isReset(error)) resolve(send());
          else reject(proxy ? proxyError(proxy, error) : error);
        });
        sent.end();
      });
    return send();
  }

  #httpAgent(proxy: URL | undefined): Agent {
    return kept(this.#agents, proxy, () => new Agent({ keepAlive: true, ...proxyOptions(proxy) }));
  }

  /** A new agent when a certificate file has changed. */
  async #secureAgent(proxy: URL | undefined): Promise<HttpsAgent> {
    const { maxVersion, ...material } = await readTlsMaterial(this.#http.tls);
    const key = createHash('sha256')
      .update(JSON.stringify([material, maxVersion]))
      .digest('base64');
    if (this.#secure?.key !== key) {
      this.#closeSecure();
      const tls = { ...definedOnly(material), ...(maxVersion ? { maxVersion } : {}) };
      this.#secure = { key, agents: new Map(), tls };
    }
    const { agents, tls } = this.#secure;
    return kept(agents, proxy, () => new HttpsAgent({ keepAlive: true, ...tls, ...proxyOptions(proxy) }));
  }
}

type TlsOptions = ConstructorParameters<typeof HttpsAgent>[0];

/** The agent of a proxy, or of none. */
function kept<T>(agents: Map<string, T>, proxy: URL | undefined, make: () => T): T {
  const key = proxy?.href ?? '';
  const agent = agents.get(key) ?? make();
  agents.set(key, agent);
  return agent;
}

function proxyOptions(proxy: URL | undefined): { proxyEnv?: Record<string, string> } {
  return proxy ? { proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } } : {};
}

function resultOf(answer: Answer, body: Uint8Array): FetchResult {
  return { body, contentType: answer.contentType, release: () => answer.drop() };
}

function plainAnswer(reader: ResponseReader, boundBytes: number): Answer {
  const { status, reason, fields } = reader.head!;
  return {
    status,
    reason,
    location: fields.get('location'),
    contentType: fields.get('content-type'),
    body: () => unpacked(reader, boundBytes),
    drop: () => reader.release(),
  };
}

function bodyBound(limitBytes: number): number {
  return limitBytes > 0 ? limitBytes : BUILT_IN_LIMIT;
}

async function readBody(response: IncomingMessage, boundBytes: number): Promise<BodyBuffer> {
  const zipped = response.headers['content-encoding']?.toLowerCase() === 'gzip';
  const stream: Readable = zipped ? response.pipe(createGunzip()) : response;
  if (zipped) response.on('error', (error) => stream.destroy(error));
  try {
    return await gathered(stream, boundBytes);
  } catch (error) {
    response.destroy();
    throw error;
  }
}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** What proves who we are stays with the host it was meant for; that host may ask for TLS. */
function isTrusted(url: URL, meant: URL): boolean {
  const upgraded = url.protocol === 'https:' && url.hostname === meant.hostname;
  return upgraded || url.origin === meant.origin;
}

function definedOnly<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
