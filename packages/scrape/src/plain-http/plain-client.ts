/** GET over connections without TLS or a proxy that are kept open by host. */
import { validateHeaderValue } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { Asker } from '../asker.ts';
import { FetchError } from '../http-error.ts';
import type { Stop } from '../stop.ts';
import { BodyBuffer } from './body-buffer.ts';
import { Connection, LostConnection } from './connection.ts';
import type { ResponseReader } from './response-reader.ts';

const DEFAULT_PORT = 80;
/** Longer ones are unpacked beside the thread. */
const UNPACKED_AT_ONCE_BYTES = 256 * 1024;
const UNPACKED_AT_ONCE_UP_TO = 8 * 1024 ** 2;
/** Of a body that is unpacked beside the thread. */
const UNPACKED_CHUNK_BYTES = 256 * 1024;

type Headers = Readonly<Record<string, string | readonly string[]>>;

interface KnownRequest {
  readonly headers: Headers;
  readonly host: string;
  readonly text: string;
}

export class PlainClient {
  readonly #idle = new Map<string, Connection[]>();
  readonly #open = new Set<Connection>();
  /** What was sent last, as it nearly always is the same. */
  readonly #requests = new WeakMap<URL, KnownRequest>();

  /** Whether a URL is for plain HTTP and says no password. */
  takes(url: URL): boolean {
    return this.#requests.has(url) || (url.protocol === 'http:' && url.username === '');
  }

  /** As `ask`. */
  get(url: URL, headers: Headers, boundBytes: number, stop: Stop): Promise<ResponseReader> {
    return new Promise((done, failed) => this.ask(url, headers, boundBytes, stop, { done, failed }));
  }

  /**
   * One exchange; `stop` ends it. Fails with FetchError or the connection's error. Nobody changes the URL or the headers.
   * Calls instead of promises: a scrape went through eight of them.
   */
  ask(url: URL, headers: Headers, boundBytes: number, stop: Stop, asker: Asker<ResponseReader>): void {
    let request: KnownRequest;
    try {
      request = this.#requestTo(url, headers);
    } catch (error) {
      asker.failed(error);
      return;
    }
    this.#send(url, request, boundBytes, stop, asker);
  }

  #send(url: URL, request: KnownRequest, boundBytes: number, stop: Stop, asker: Asker<ResponseReader>): void {
    const connection = this.#idle.get(request.host)?.pop() ?? this.#connect(url);
    stop.current = connection;
    connection.send(request.text, boundBytes, {
      done: (reader) => {
        stop.current = undefined;
        asker.done(reader);
      },
      failed: (error) => {
        stop.current = undefined;
        if (stop.reason) asker.failed(stop.reason);
        else if (error instanceof LostConnection) this.#send(url, request, boundBytes, stop, asker);
        else asker.failed(error);
      },
    });
  }

  #requestTo(url: URL, headers: Headers): KnownRequest {
    const known = this.#requests.get(url);
    if (known?.headers === headers) return known;
    const request = { headers, host: url.host, text: requestText(url, headers) };
    this.#requests.set(url, request);
    return request;
  }

  close(): void {
    for (const connection of this.#open) connection.destroy();
    this.#idle.clear();
  }

  #connect(url: URL): Connection {
    const key = url.host;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const connection = new Connection(
      { host, port: url.port === '' ? DEFAULT_PORT : Number(url.port) },
      {
        onIdle: (idle) => {
          const kept = this.#idle.get(key);
          if (kept) kept.push(idle);
          else this.#idle.set(key, [idle]);
        },
        onClosed: (gone) => {
          this.#open.delete(gone);
          const kept = this.#idle.get(key)?.filter((one) => one !== gone) ?? [];
          if (kept.length > 0) this.#idle.set(key, kept);
          else this.#idle.delete(key);
        },
      },
    );
    this.#open.add(connection);
    return connection;
  }
}

/** The body as it was meant, which goes with the reader. Fails with FetchError when it cannot be unpacked or becomes too long. */
export function unpacked(reader: ResponseReader, boundBytes: number): Buffer | Promise<Buffer> {
  const body = reader.body.view();
  return isZipped(reader) ? unzipped(reader, body, boundBytes) : body;
}

export function isZipped(reader: ResponseReader): boolean {
  return reader.head?.fields.get('content-encoding')?.toLowerCase() === 'gzip';
}

async function unzipped(reader: ResponseReader, body: Buffer, boundBytes: number): Promise<Buffer> {
  try {
    if (body.length <= UNPACKED_AT_ONCE_BYTES) {
      const maxOutputLength = Math.min(boundBytes - 1, UNPACKED_AT_ONCE_UP_TO);
      return gunzipSync(body, { maxOutputLength, chunkSize: 65_536 });
    }
  } catch (error) {
    if (!isTooLarge(error)) throw gzipError(error);
  }
  const gunzip = createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES });
  gunzip.end(Buffer.from(body));
  const whole = await gathered(gunzip, boundBytes);
  reader.replace(whole);
  return whole.view();
}

/** All that a stream of bytes gives. Fails with FetchError when it is too long or not unpacked. */
export async function gathered(stream: Readable, boundBytes: number): Promise<BodyBuffer> {
  const body = new BodyBuffer(boundBytes);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) body.add(chunk, 0, chunk.length);
    return body;
  } catch (error) {
    body.release();
    throw gzipError(error);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

/** What zlib says, in Go's words; any other error as it is. */
function gzipError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('Z_')) return error;
  const { message } = error;
  if (message.includes('unexpected end of file')) return new FetchError('unexpected EOF');
  if (message.includes('header check')) return new FetchError('gzip: invalid header');
  if (message.includes('data check') || message.includes('length check'))
    return new FetchError('gzip: invalid checksum');
  return new FetchError('flate: corrupt input');
}

function requestText(url: URL, headers: Headers): string {
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: keep-alive\r\n`;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      validateHeaderValue(name, value);
      text += `${name}: ${value}\r\n`;
    }
  }
  return `${text}\r\n`;
}
