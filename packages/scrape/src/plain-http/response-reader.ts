/**
 * One HTTP/1 response from the bytes of its connection, as they come. Strict where two readers could disagree: what is not a
 * status line, a header line, a length or a chunk by the grammar is refused; after a body with two kinds of length the
 * connection is not used again.
 * Source: https://www.rfc-editor.org/rfc/rfc9112 (2.2 lines, 4 status line, 5 fields, 5.2 folded lines, 6.3 message body
 * length, 7.1 chunks). What is wrong is said in the words of Go's net/http.
 */
import { FetchError } from '../http-error.ts';
import { BodyBuffer } from './body-buffer.ts';

/** What Go says of a connection that closes instead of answering. */
export const EOF = 'EOF';

const MAX_HEAD_BYTES = 256 * 1024;
/** A chunk's size with its extensions, a trailer line. */
const MAX_LINE_BYTES = 16 * 1024;
const NEWLINE = 10;
const RETURN = 13;

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const SPACE = 32;
const TAB = 9;
const CHUNK_SIZE = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/;

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name; of a repeated field the first value. */
  readonly fields: ReadonlyMap<string, string>;
}

type State = 'head' | 'sized' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' | 'until close' | 'done';

export class ResponseReader {
  readonly #boundBytes: number;
  #state: State = 'head';
  /** The beginning of a line, or of the head, whose end has not come. */
  #kept: Buffer = EMPTY;
  #missing = 0;
  #keepAlive = false;
  #body: BodyBuffer | undefined;
  head: ResponseHead | undefined;

  constructor(boundBytes: number) {
    this.#boundBytes = boundBytes;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Whether any of the response has come. */
  get begun(): boolean {
    return this.head !== undefined || this.#kept.length > 0;
  }

  /** Whether the connection can carry another request, once this one is done. */
  get reusable(): boolean {
    return this.#keepAlive;
  }

  /** Only once it is done. */
  get body(): BodyBuffer {
    this.#body ??= new BodyBuffer(this.#boundBytes);
    return this.#body;
  }

  /** Another body in the place of the one that came: what it was unpacked to. */
  replace(body: BodyBuffer): void {
    this.release();
    this.#body = body;
  }

  /** Gives back the memory of the body. */
  release(): void {
    this.#body?.release();
    this.#body = undefined;
  }

  /**
   * Takes bytes, which are kept no longer than until they are read into again (noteRead); those behind the response make the
   * connection useless. Throws FetchError on a malformed or too large response. Stops after the head of a response that is not
   * 200: nobody reads its body.
   */
  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.done) {
      if (this.#state === 'head') at = this.#feedHead(bytes, at);
      else if (this.#state === 'sized' || this.#state === 'chunk') at = this.#feedSized(bytes, at);
      else if (this.#state === 'until close') {
        this.body.add(bytes, at, bytes.length);
        return;
      } else at = this.#feedLine(bytes, at);
    }
    if (at < bytes.length) this.#keepAlive = false;
  }

  /** The other side has closed: that ends a response without a length; throws FetchError in the midst of any other. */
  close(): void {
    if (this.done) return;
    if (this.#state !== 'until close') throw new FetchError(this.begun ? 'unexpected EOF' : EOF);
    this.#state = 'done';
  }

  #feedHead(bytes: Buffer, from: number): number {
    const before = this.#kept.length;
    const all = before === 0 ? bytes.subarray(from) : Buffer.concat([this.#kept, bytes.subarray(from)]);
    const end = headEnd(all, Math.max(0, before - 3));
    if (end < 0) {
      if (all.length > MAX_HEAD_BYTES) throw new FetchError('the header of the response is too large');
      // Whoever speaks something else may never come to an empty line.
      if (before === 0 || !this.#kept.includes(NEWLINE)) checkFirstLine(all);
      // The bytes that came are overwritten by the next ones.
      this.#kept = Buffer.from(all);
      return bytes.length;
    }
    this.#kept = EMPTY;
    this.#begin(all.toString('latin1', 0, end));
    return from + end - before;
  }

  #begin(head: string): void {
    const text = unfolded(head);
    let at = lineEnd(text, 0);
    const status = statusOf(text.slice(0, at));
    const fields = new Map<string, string>();
    while (at < text.length) {
      const from = behindLine(text, at);
      at = lineEnd(text, from);
      if (at === from) continue;
      const line = text.slice(from, at);
      const colon = line.indexOf(':');
      const name = NAMES.get(line.slice(0, Math.max(0, colon))) ?? fieldName(line, colon);
      const value = fieldValue(line, colon + 1);
      const known = fields.get(name);
      if (known === undefined) fields.set(name, value);
      else if (name === 'content-length' && known !== value) throw malformed(line);
    }
    const { code } = status;
    // 100 Continue and its like announce the response.
    if (code >= 100 && code < 200 && code !== 101) return;
    this.head = { status: code, reason: status.reason, fields };
    const connection = fields.get('connection')?.toLowerCase() ?? '';
    this.#keepAlive = status.minor === 1 ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
    this.#frame(code, fields);
  }

  /** How the body ends. */
  #frame(status: number, fields: ReadonlyMap<string, string>): void {
    const coding = fields.get('transfer-encoding');
    const length = fields.get('content-length');
    if (status !== 200) {
      this.#keepAlive = false;
      this.#state = 'done';
    } else if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked')
        throw new FetchError(`unsupported transfer encoding "${coding}"`);
      // The coding counts, https://www.rfc-editor.org/rfc/rfc9112#section-6.3
      if (length !== undefined) this.#keepAlive = false;
      this.#state = 'chunk size';
    } else if (length === undefined) {
      this.#keepAlive = false;
      this.#state = 'until close';
    } else {
      if (!/^\d{1,15}$/.test(length)) throw malformed(`Content-Length: ${length}`);
      this.#missing = Number(length);
      this.body.expect(this.#missing);
      this.#state = this.#missing === 0 ? 'done' : 'sized';
    }
  }

  #feedSized(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#missing);
    const isWhole = this.#state === 'sized' && this.body.length === 0 && end - from === this.#missing;
    if (isWhole) this.body.lend(bytes.subarray(from, end));
    else this.body.add(bytes, from, end);
    this.#missing -= end - from;
    if (this.#missing === 0) this.#state = this.#state === 'sized' ? 'done' : 'chunk end';
    return end;
  }

  #feedLine(bytes: Buffer, from: number): number {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline + 1;
    const part = bytes.subarray(from, end);
    const line = this.#kept.length === 0 ? part : Buffer.concat([this.#kept, part]);
    if (line.length > MAX_LINE_BYTES) throw malformed('a line without end');
    if (newline < 0) {
      this.#kept = Buffer.from(line);
      return end;
    }
    this.#kept = EMPTY;
    const stop = line.length > 1 && line[line.length - 2] === RETURN ? line.length - 2 : line.length - 1;
    this.#line(line.toString('latin1', 0, stop));
    return end;
  }

  #line(text: string): void {
    if (this.#state === 'chunk end') {
      if (text !== '') throw new FetchError('malformed chunked encoding');
      this.#state = 'chunk size';
    } else if (this.#state === 'trailer') {
      if (text === '') this.#state = 'done';
    } else {
      const size = CHUNK_SIZE.exec(text);
      if (!size) throw new FetchError(chunkFault(text));
      this.#missing = Number.parseInt(size[1]!, 16);
      this.#state = this.#missing === 0 ? 'trailer' : 'chunk';
    }
  }
}

function chunkFault(line: string): string {
  const digits = line.replace(/[ \t]*(?:;.*)?$/, '');
  if (digits === '') return 'empty hex number for chunk length';
  return /^[0-9a-fA-F]+$/.test(digits) ? 'http chunk length too large' : 'invalid byte in chunk length';
}

/** A field's lines as one. Throws FetchError when the first line behind the status is none of a field. */
function unfolded(head: string): string {
  if (!head.includes('\n ') && !head.includes('\n\t')) return head;
  const status = head.indexOf('\n');
  const fields = head.slice(status + 1);
  if (/^[ \t]/.test(fields)) throw malformed(fields.slice(0, lineEnd(fields, 0)));
  return head.slice(0, status + 1) + fields.replace(/[ \t]*\r?\n[ \t]+/g, ' ');
}

/** Throws FetchError when the bytes have a whole line and it is no status line. */
function checkFirstLine(bytes: Buffer): void {
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0) return;
  const line = bytes.toString('latin1', 0, newline);
  statusOf(line.endsWith('\r') ? line.slice(0, -1) : line);
}

interface Status {
  readonly code: number;
  readonly reason: string;
  /** Of the version 1.x. */
  readonly minor: number;
}

/** What nearly all responses begin with. */
const OK_LINE = 'HTTP/1.1 200 OK';
const OK: Status = { code: 200, reason: 'OK', minor: 1 };

/** Throws FetchError when it is none. */
function statusOf(line: string): Status {
  if (line === OK_LINE) return OK;
  const found = STATUS_LINE.exec(line);
  if (!found) throw malformed(line);
  return { code: Number(found[2]), reason: found[3] ?? '', minor: Number(found[1]) };
}

/** Where the line ends that begins at `from`: before a newline and the return in front of it, or with the text. */
function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  if (newline < 0) return text.length;
  return newline > from && text.charCodeAt(newline - 1) === RETURN ? newline - 1 : newline;
}

/** Where the next line begins. */
function behindLine(text: string, end: number): number {
  return text.charCodeAt(end) === RETURN && text.charCodeAt(end + 1) === NEWLINE ? end + 2 : end + 1;
}

/** As servers usually write them. */
const NAMES: ReadonlyMap<string, string> = new Map(
  'Content-Type Content-Length Content-Encoding Transfer-Encoding Connection Keep-Alive Date Server Vary Cache-Control'
    .split(' ')
    .map((name) => [name, name.toLowerCase()]),
);

/** Throws FetchError when the line does not begin with a name. */
function fieldName(line: string, colon: number): string {
  const name = line.slice(0, Math.max(0, colon));
  if (!FIELD_NAME.test(name)) throw malformed(line);
  return name.toLowerCase();
}

/** Without blanks around it. */
function fieldValue(line: string, from: number): string {
  let start = from;
  let end = line.length;
  const isBlank = (at: number): boolean => line.charCodeAt(at) === SPACE || line.charCodeAt(at) === TAB;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  const value = line.slice(start, end);
  if (value.includes('\r')) throw malformed(line);
  return value;
}

const EMPTY = Buffer.alloc(0);
const SHOWN = 60;

/** In Go's words. */
function malformed(line: string): FetchError {
  return new FetchError(`malformed HTTP response ${JSON.stringify(line.slice(0, SHOWN))}`);
}

/** The place behind the empty line, or -1. */
function headEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    if (bytes[at + 1] === NEWLINE) return at + 2;
    if (bytes[at + 1] === RETURN && bytes[at + 2] === NEWLINE) return at + 3;
  }
  return -1;
}
