/**
 * JSON into pieces of bytes: numbers are written digit by digit into a buffer that is handed on when it is full, so that
 * an answer of millions of points never is one string. Times are seconds with three decimals unless whole, values are
 * strings as Go prints them. Source: Prometheus util/jsonutil/marshal.go.
 */
import { type PointTexts, textsOf } from '../../range-cache/point-texts.ts';

/** Size of a piece, bytes. */
export const PIECE_BYTES = 65_536;
/** No point, number or punctuation takes more; texts of any length go through `text`. */
const ROOM = 160;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** ASCII digits of 0 … 9999, four bytes each. */
const DIGITS = Uint8Array.from({ length: 40_000 }, (_, i) =>
  Number(
    String(Math.floor(i / 4))
      .padStart(4, '0')
      .charCodeAt(i % 4),
  ),
);
/** Decimals that the fast way looks at. */
const SCALE = 1e6;
const LARGEST_WHOLE = 1e15;

/** Buffers to write into again: small answers are copied out of theirs, others give it back when they have been sent. */
const spare: Buffer[] = [];
const MOST_SPARE = 16;
const COPIED_UP_TO = PIECE_BYTES / 16;
const EMPTY = Buffer.alloc(0);

/** `[1700000000.123,` and shorter; moved in two steps of eight bytes. */
const SLOT_BYTES = 16;

/** The texts of a column of times that many series share, each in a slot of its own. */
class TimeTexts {
  readonly times: Float64Array;
  readonly slots: DataView;
  readonly lengths: Uint8Array;

  private constructor(times: Float64Array) {
    this.times = times;
    this.lengths = new Uint8Array(times.length);
    this.slots = new DataView(new ArrayBuffer(times.length * SLOT_BYTES));
  }

  /** Undefined when a text does not fit its slot. */
  static of(times: Float64Array): TimeTexts | undefined {
    const texts = new TimeTexts(times);
    const bytes = new Uint8Array(texts.slots.buffer);
    const text = new Uint8Array(ROOM);
    text[0] = OPEN;
    for (let i = 0; i < times.length; i++) {
      const end = putTime(text, 1, times[i]!);
      text[end] = COMMA;
      if (end >= SLOT_BYTES) return undefined;
      texts.lengths[i] = end + 1;
      bytes.set(text.subarray(0, end + 1), i * SLOT_BYTES);
    }
    return texts;
  }
}

/** Takes the memory of a piece back that nobody will read any more. */
export function recycle(piece: Buffer): void {
  if (spare.length < MOST_SPARE && lent.delete(piece.buffer)) spare.push(Buffer.from(piece.buffer));
}

function newBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
}

/** The memory of pieces that have been given away. */
const lent = new WeakSet<ArrayBufferLike>();

/** Where the points that were written last end, in their piece; `[0,"0"],` is the shortest. */
const ends = new Uint32Array(PIECE_BYTES / 8);

export class ByteWriter {
  #bytes: Buffer = newBuffer();
  #at = 0;
  readonly #full: Buffer[] = [];
  /** The column of times written last, and its texts once it has come again. */
  #times: Float64Array | undefined;
  #texts: TimeTexts | undefined;
  /** Of the column that is being written. */
  #known: PointTexts | undefined;
  readonly #keepsTexts: boolean;

  /** `keepsTexts`: of points in columns that are written again and again. */
  constructor(keepsTexts = false) {
    this.#keepsTexts = keepsTexts;
  }

  /** Whether there are pieces to take. */
  get hasPiece(): boolean {
    return this.#full.length > 0;
  }

  /** The next full piece, to be recycled once it was sent. */
  take(): Buffer {
    return this.#full.shift()!;
  }

  /** What has been written since the last full piece, to be recycled once it was sent; the writer is spent. */
  rest(): Buffer {
    const written = this.#bytes.subarray(0, this.#at);
    if (this.#at > COPIED_UP_TO) {
      lent.add(written.buffer);
      return written;
    }
    const copy = Buffer.from(written);
    if (spare.length < MOST_SPARE) spare.push(this.#bytes);
    this.#bytes = EMPTY;
    return copy;
  }

  /** Any text, UTF-8. */
  text(text: string): void {
    const most = text.length * 3;
    if (this.#at + most <= PIECE_BYTES) {
      this.#at += this.#bytes.write(text, this.#at, 'utf8');
      return;
    }
    const bytes = Buffer.from(text);
    if (this.#at + bytes.length > PIECE_BYTES) this.#flush();
    if (bytes.length > PIECE_BYTES / 2) {
      this.#flush();
      this.#full.push(bytes);
    } else this.#at += bytes.copy(this.#bytes, this.#at);
  }

  /** `[time,"value"]` for the points from index `from` on, the first time 0, with commas between, until a piece is full; the next index. */
  points(timestamps: Float64Array, values: Float64Array, from: number): number {
    this.#makeRoom();
    if (from === 0) this.#known = this.#keepsTexts ? textsOf(values) : undefined;
    return this.#known
      ? this.#knownPoints(this.#known, timestamps, values, from)
      : this.#newPoints(timestamps, values, from);
  }

  /** Those whose texts are known are copied, the texts of the others are kept. */
  #knownPoints(texts: PointTexts, timestamps: Float64Array, values: Float64Array, from: number): number {
    const bytes = this.#bytes;
    const first = values.byteOffset / Float64Array.BYTES_PER_ELEMENT;
    let i = from;
    while (i < values.length && this.#at <= PIECE_BYTES - ROOM) {
      if (texts.has(first + i)) {
        if (i > 0) bytes[this.#at++] = COMMA;
        const next = texts.fitting(first + i, first + values.length, PIECE_BYTES - this.#at);
        const text = texts.between(first + i, next);
        bytes.set(text, this.#at);
        this.#at += text.length;
        i = next - first;
      } else {
        const start = this.#at + (i > 0 ? 1 : 0);
        const next = this.#newPoints(timestamps, values, i);
        texts.add(first + i, next - i, bytes, start, ends);
        i = next;
      }
    }
    return i;
  }

  #newPoints(timestamps: Float64Array, values: Float64Array, from: number): number {
    if (from === 0 && this.#times !== timestamps) {
      this.#times = timestamps;
      this.#texts = undefined;
    } else if (from === 0) this.#texts ??= TimeTexts.of(timestamps);
    return this.#texts?.times === timestamps
      ? this.#pointsAt(this.#texts, values, from)
      : this.#plainPoints(timestamps, values, from);
  }

  #plainPoints(timestamps: Float64Array, values: Float64Array, from: number): number {
    const bytes = this.#bytes;
    const last = PIECE_BYTES - ROOM;
    let at = this.#at;
    let i = from;
    for (; i < timestamps.length && at <= last; i++) {
      if (i > 0) bytes[at++] = COMMA;
      bytes[at++] = OPEN;
      at = putTime(bytes, at, timestamps[i]!);
      bytes[at++] = COMMA;
      at = putValue(bytes, at, values[i]!);
      bytes[at++] = CLOSE;
      ends[i - from] = at;
    }
    this.#at = at;
    return i;
  }

  #pointsAt({ slots, lengths }: TimeTexts, values: Float64Array, from: number): number {
    const bytes = this.#bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = PIECE_BYTES - ROOM;
    let at = this.#at;
    let i = from;
    for (; i < lengths.length && at <= last; i++) {
      if (i > 0) bytes[at++] = COMMA;
      view.setBigUint64(at, slots.getBigUint64(i * SLOT_BYTES));
      view.setBigUint64(at + 8, slots.getBigUint64(i * SLOT_BYTES + 8));
      at = putValue(bytes, at + lengths[i]!, values[i]!);
      bytes[at++] = CLOSE;
      ends[i - from] = at;
    }
    this.#at = at;
    return i;
  }

  /** `[time,"value"]`. */
  point(timeMs: number, value: number): void {
    this.#makeRoom();
    this.#at = putPoint(this.#bytes, this.#at, timeMs, value);
  }

  /** Seconds. */
  time(timeMs: number): void {
    this.#makeRoom();
    this.#at = putTime(this.#bytes, this.#at, timeMs);
  }

  #makeRoom(): void {
    if (this.#at + ROOM > PIECE_BYTES) this.#flush();
  }

  #flush(): void {
    if (this.#at === 0) return;
    lent.add(this.#bytes.buffer);
    this.#full.push(this.#bytes.subarray(0, this.#at));
    this.#bytes = newBuffer();
    this.#at = 0;
  }
}

// Each writes at `at` and returns the place behind; the caller has made room.

/** `[time,"value"]`. */
function putPoint(bytes: Uint8Array, start: number, timeMs: number, value: number): number {
  bytes[start] = OPEN;
  let at = putTime(bytes, start + 1, timeMs);
  bytes[at++] = COMMA;
  at = putValue(bytes, at, value);
  bytes[at++] = CLOSE;
  return at;
}

function putTime(bytes: Uint8Array, start: number, timeMs: number): number {
  let at = start;
  const absolute = timeMs < 0 ? -timeMs : timeMs;
  if (timeMs < 0) bytes[at++] = MINUS;
  const seconds = Math.floor(absolute / 1000);
  at = putWhole(bytes, at, seconds);
  const fraction = absolute - seconds * 1000;
  if (fraction === 0) return at;
  const from = fraction * 4;
  bytes[at] = DOT;
  bytes[at + 1] = DIGITS[from + 1]!;
  bytes[at + 2] = DIGITS[from + 2]!;
  bytes[at + 3] = DIGITS[from + 3]!;
  return at + 4;
}

/** With its quotes. */
function putValue(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  bytes[at++] = QUOTE;
  const absolute = value < 0 ? -value : value;
  if (absolute < LARGEST_WHOLE && Math.floor(absolute) === absolute) {
    if (value < 0 || Object.is(value, -0)) bytes[at++] = MINUS;
    at = putWhole(bytes, at, absolute);
  } else {
    const thousandths = Math.round(absolute * 1000);
    if (thousandths < 1e12 && thousandths / 1000 === absolute) {
      if (value < 0) bytes[at++] = MINUS;
      at = putThousandths(bytes, at, thousandths);
      bytes[at++] = QUOTE;
      return at;
    }
    const scaled = Math.round(absolute * SCALE);
    if (scaled < LARGEST_WHOLE && scaled / SCALE === absolute) {
      if (value < 0) bytes[at++] = MINUS;
      at = putDecimal(bytes, at, scaled);
    } else at = putAscii(bytes, at, jsonValue(value));
  }
  bytes[at++] = QUOTE;
  return at;
}

/** A number of thousandths, not whole, without zeros at the end. */
function putThousandths(bytes: Uint8Array, start: number, thousandths: number): number {
  const whole = Math.floor(thousandths / 1000);
  const at = putWhole(bytes, start, whole);
  const from = (thousandths - whole * 1000) * 4;
  bytes[at] = DOT;
  bytes[at + 1] = DIGITS[from + 1]!;
  bytes[at + 2] = DIGITS[from + 2]!;
  bytes[at + 3] = DIGITS[from + 3]!;
  if (bytes[at + 3] !== ZERO) return at + 4;
  return bytes[at + 2] === ZERO ? at + 2 : at + 3;
}

/** A number of millionths, not whole, without zeros at the end: of at most 15 digits, so no shorter text reads back alike. */
function putDecimal(bytes: Uint8Array, start: number, scaled: number): number {
  const whole = Math.floor(scaled / SCALE);
  const at = putWhole(bytes, start, whole);
  let fraction = (scaled - whole * SCALE) | 0;
  let digits = 6;
  while (fraction % 10 === 0) {
    fraction = (fraction / 10) | 0;
    digits--;
  }
  bytes[at] = DOT;
  for (let i = digits; i > 0; i--) {
    const rest = (fraction / 10) | 0;
    bytes[at + i] = ZERO + fraction - rest * 10;
    fraction = rest;
  }
  return at + digits + 1;
}

/** A whole number below 1e16. */
function putWhole(bytes: Uint8Array, at: number, value: number): number {
  if (value < 10_000) return putLeading(bytes, at, value);
  if (value < 1e8) {
    const high = (value / 10_000) | 0;
    return putFour(bytes, putLeading(bytes, at, high), value - high * 10_000);
  }
  const high = Math.floor(value / 1e8);
  const low = value - high * 1e8;
  const middle = (low / 10_000) | 0;
  const next = high < 10_000 ? putLeading(bytes, at, high) : putWhole(bytes, at, high);
  return putFour(bytes, putFour(bytes, next, middle), low - middle * 10_000);
}

/** 0 … 9999 without zeros in front. */
function putLeading(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  const from = value * 4;
  if (value >= 1000) bytes[at++] = DIGITS[from]!;
  if (value >= 100) bytes[at++] = DIGITS[from + 1]!;
  if (value >= 10) bytes[at++] = DIGITS[from + 2]!;
  bytes[at++] = DIGITS[from + 3]!;
  return at;
}

function putFour(bytes: Uint8Array, at: number, value: number): number {
  const from = value * 4;
  bytes[at] = DIGITS[from]!;
  bytes[at + 1] = DIGITS[from + 1]!;
  bytes[at + 2] = DIGITS[from + 2]!;
  bytes[at + 3] = DIGITS[from + 3]!;
  return at + 4;
}

function putAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** A value in vectors and matrices: Go's shortest form, with an exponent below 1e-6 and from 1e21 on. */
export function jsonValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = String(value);
  return text.includes('e') ? text.replace(/e([+-])(\d)$/, 'e$10$2') : text;
}
