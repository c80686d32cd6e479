/** GET over connections without TLS or a proxy that are kept open by host. */
import { validateHeaderValue } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, type ZlibOptions } from 'node:zlib';
import { DEADLINE, FetchError } from '../http-error.ts';
import { Connection, LostConnection } from './connection.ts';
import type { ResponseReader } from './response-reader.ts';

const DEFAULT_PORT = 80;
/** Longer ones are unpacked beside the thread. */
const UNPACKED_AT_ONCE_BYTES = 256 * 1024;
const UNPACKED_AT_ONCE_UP_TO = 8 * 1024 ** 2;

const unpack = promisify<Buffer, ZlibOptions, Buffer>(gunzip);

export class PlainClient {
  readonly #idle = new Map<string, Connection[]>();
  readonly #open = new Set<Connection>();

  /** One exchange; `stop` ends it. Fails with FetchError or the connection's error. */
  async get(
    url: URL,
    headers: Readonly<Record<string, string | readonly string[]>>,
    boundBytes: number,
    stop: AbortSignal,
  ): Promise<ResponseReader> {
    const request = requestText(url, headers);
    for (;;) {
      const connection = this.#idle.get(url.host)?.pop() ?? this.#connect(url);
      const abort = (): void => connection.destroy();
      stop.addEventListener('abort', abort, { once: true });
      try {
        return await connection.send(request, boundBytes);
      } catch (error) {
        if (stop.aborted) throw new FetchError(DEADLINE);
        if (!(error instanceof LostConnection)) throw error;
      } finally {
        stop.removeEventListener('abort', abort);
      }
    }
  }

  close(): void {
    for (const connection of this.#open) connection.destroy();
    this.#idle.clear();
  }

  #connect(url: URL): Connection {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const connection = new Connection(
      { host, port: url.port === '' ? DEFAULT_PORT : Number(url.port) },
      {
        onIdle: (idle) => {
          const kept = this.#idle.get(url.host);
          if (kept) kept.push(idle);
          else this.#idle.set(url.host, [idle]);
        },
        onClosed: (gone) => {
          this.#open.delete(gone);
          const kept = this.#idle.get(url.host)?.filter((one) => one !== gone) ?? [];
          if (kept.length > 0) this.#idle.set(url.host, kept);
          else this.#idle.delete(url.host);
        },
      },
    );
    this.#open.add(connection);
    return connection;
  }
}

/** The body as it was meant. Throws FetchError when it cannot be unpacked or becomes too long. */
export async function unpacked(reader: ResponseReader, boundBytes: number): Promise<Buffer> {
  const body = reader.body.view();
  if (reader.head?.fields.get('content-encoding')?.toLowerCase() !== 'gzip') return body;
  try {
    if (body.length <= UNPACKED_AT_ONCE_BYTES) {
      const maxOutputLength = Math.min(boundBytes - 1, UNPACKED_AT_ONCE_UP_TO);
      return gunzipSync(body, { maxOutputLength, chunkSize: 65_536 });
    }
  } catch (error) {
    if (!isTooLarge(error)) throw new FetchError('gzip: invalid body');
  }
  try {
    return await unpack(Buffer.from(body), { maxOutputLength: boundBytes - 1 });
  } catch (error) {
    if (isTooLarge(error)) throw new FetchError('body size limit exceeded', 'body_size');
    throw new FetchError('gzip: invalid body');
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function requestText(url: URL, headers: Readonly<Record<string, string | readonly string[]>>): string {
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: keep-alive\r\n`;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      validateHeaderValue(name, value);
      text += `${name}: ${value}\r\n`;
    }
  }
  return `${text}\r\n`;
}
