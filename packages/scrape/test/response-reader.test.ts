import { describe, expect, it } from 'vitest';
import { noteRead } from '../src/plain-http/body-buffer.ts';
import { ResponseReader } from '../src/plain-http/response-reader.ts';

const BOUND = 1 << 20;

interface Read {
  readonly body: string;
  readonly reusable: boolean;
  readonly status: number | undefined;
}

/** Feeds the parts and, with `close`, the end of the connection. Every part is overwritten by the next, as reads are. */
function read(parts: readonly string[], close = false, bound = BOUND): Read {
  const reader = new ResponseReader(bound);
  const memory = Buffer.alloc(Math.max(1, ...parts.map(({ length }) => length)));
  for (const part of parts) {
    noteRead();
    memory.fill(0x58);
    reader.feed(memory.subarray(0, memory.write(part, 'latin1')));
  }
  if (close) reader.close();
  expect(reader.done).toBe(true);
  const answer = { body: '', reusable: reader.reusable, status: reader.head?.status };
  return reader.head?.status === 200 ? { ...answer, body: reader.body.view().toString('latin1') } : answer;
}

const head = (...lines: string[]): string =>
  `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const chunks = (...lines: string[]): string =>
  `${head('Transfer-Encoding: chunked')}${lines.map((line) => `${line}\r\n`).join('')}`;
const SIZED = `${head('Content-Type: text/plain', 'Content-Length: 11')}metric 1\n\n\n`;
const CHUNKED = `${head('Transfer-Encoding: chunked')}4\r\nmetr\r\n3;x="y"\r\nic \r\n0A\r\n1234567890\r\n0\r\nTrailer: t\r\n\r\n`;
const CONTINUED = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${SIZED}`;

describe('a response', () => {
  it.each([
    ['with a length', SIZED, 'metric 1\n\n\n'],
    ['in chunks', CHUNKED, 'metric 1234567890'],
    ['after interim ones', CONTINUED, 'metric 1\n\n\n'],
    ['with lines that end without a carriage return', SIZED.replaceAll('\r\n', '\n'), 'metric 1\n\n\n'],
    ['without a body', head('Content-Length: 0'), ''],
    ['with a folded header', head('A: b', ' c', '\td', 'Content-Length: 1').concat('a'), 'a'],
  ])('%s, is the same however it is cut', (_, text, body) => {
    const whole = { body, reusable: true, status: 200 };
    expect(read([text])).toEqual(whole);
    expect(read([...text])).toEqual(whole);
    for (let at = 1; at < text.length; at++) expect(read([text.slice(0, at), text.slice(at)])).toEqual(whole);
  });

  it('that came whole is not looked at once its memory was read into again', () => {
    const reader = new ResponseReader(BOUND);
    const bytes = Buffer.from(SIZED, 'latin1');
    reader.feed(bytes);
    expect(reader.body.view().buffer).toBe(bytes.buffer);
    noteRead();
    expect(() => reader.body.view()).toThrow('read into again');
  });

  it('without a length ends with its connection, which then is no more', () => {
    const expected = { body: 'metric 1\n', reusable: false, status: 200 };
    expect(read([head('Content-Type: text/plain'), 'metric', ' 1\n'], true)).toEqual(expected);
  });

  it.each([
    ['HTTP/1.1 with close', head('Connection: close', 'Content-Length: 1').concat('a'), false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', false],
    [
      'HTTP/1.0 with keep-alive',
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na',
      true,
    ],
    ['bytes behind the response', `${SIZED}HTTP/1.1 200 OK`, false],
    ['two kinds of length', CHUNKED.replace('\r\n', '\r\nContent-Length: 5\r\n'), false],
  ])('leaves its connection to others only when nothing speaks against it: %s', (_, text, reusable) => {
    expect(read([text]).reusable).toBe(reusable);
  });

  it('of another status is done with its head', () => {
    const text = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\n';
    expect(read([text])).toEqual({ body: '', reusable: false, status: 503 });
  });

  it.each([
    ['no status line', 'metric 1\r\n\r\n', 'malformed HTTP response "metric 1"'],
    ['HTTP/2 in clear text', 'HTTP/2 200\r\n\r\n', 'malformed HTTP response "HTTP/2 200"'],
    ['a folded line that continues none', head(' c', 'A: b'), 'malformed HTTP response " c"'],
    [
      'the banner of another protocol',
      'SSH-2.0-OpenSSH_9.2\r\n',
      'malformed HTTP response "SSH-2.0-OpenSSH_9.2"',
    ],
    ['a space before the colon', head('Content-Length : 3'), 'malformed HTTP response "Content-Length : 3"'],
    [
      'two lengths',
      head('Content-Length: 3', 'Content-Length: 4'),
      'malformed HTTP response "Content-Length: 4"',
    ],
    ['a line without a colon before others', head('b', 'A: b'), 'malformed HTTP response "b"'],
    ['a length that is none', head('Content-Length: +3'), 'malformed HTTP response "Content-Length: +3"'],
    [
      'another coding',
      head('Transfer-Encoding: gzip, chunked'),
      'unsupported transfer encoding "gzip, chunked"',
    ],
    ['a chunk whose size is none', chunks('x'), 'invalid byte in chunk length'],
    ['a chunk without a size', chunks(';a'), 'empty hex number for chunk length'],
    ['a chunk of an endless size', chunks('f'.repeat(17)), 'http chunk length too large'],
    ['a longer chunk than it says', chunks('1', 'ab'), 'malformed chunked encoding'],
    [
      'a head without end',
      `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(60_000)}`,
      'the header of the response is too large',
    ],
    ['too much announced', head('Content-Length: 2000000'), 'body size limit exceeded'],
    ['too much sent', `${head('A: b')}${'x'.repeat(BOUND)}`, 'body size limit exceeded'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => read([text])).toThrow(message);
  });

  it('that ends too early says so', () => {
    expect(() => read([], true)).toThrow(/^EOF$/);
    expect(() => read(['HTTP/1.1 20'], true)).toThrow('unexpected EOF');
    expect(() => read([SIZED.slice(0, -1)], true)).toThrow('unexpected EOF');
    expect(() => read([CHUNKED.slice(0, -2)], true)).toThrow('unexpected EOF');
  });
});
