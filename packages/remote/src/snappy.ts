/**
 * Snappy's block format: the decoded length as a varint, then elements. The two low bits of an element's first byte say
 * which: 00 a literal (length − 1 in the upper six bits, or in 1…4 bytes after it when they say 60…63), 01, 10 and 11 a
 * copy of earlier output with an offset of 11, 16 or 32 bits.
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 */
import { MalformedError, RequestTooLargeError } from './errors.ts';

/** Three bytes of input make at most 64 of output; a header that claims more lies. */
const MOST_RATIO = 22;
/** Copies go in steps of eight bytes and may run over the end by less than that. */
const SLACK = 8;
/** Larger than this, a buffer is not kept for the next block. */
const KEPT_BYTES = 4 << 20;
const SHORT_LITERAL = 48;

/** What a block says that it decodes to; no more than it could. */
export function announcedLength(block: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < Math.min(5, block.length); at++) {
    length += (block[at]! & 127) * 2 ** (7 * at);
    if (block[at]! < 128) break;
  }
  return Math.min(length, block.length * MOST_RATIO);
}

/** Decodes blocks into a buffer that it keeps; one per receiver. */
export class SnappyDecoder {
  readonly #maxBytes: number;
  #out: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Blocks that decode to more than `maxBytes` are refused. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The decoded bytes, valid until the next call; throws MalformedError or RequestTooLargeError. */
  decode(block: Uint8Array): Buffer {
    const { length, start } = this.#header(block);
    this.#reserve(length);
    this.#elements(block, start, length);
    return this.#out.subarray(0, length);
  }

  #header(block: Uint8Array): { length: number; start: number } {
    let length = 0;
    for (let at = 0; at < Math.min(5, block.length); at++) {
      const byte = block[at]!;
      length += (byte & 127) * 2 ** (7 * at);
      if (byte >= 128) continue;
      if (length > block.length * MOST_RATIO)
        throw new MalformedError('snappy: corrupt input (length does not fit)');
      if (length > this.#maxBytes)
        throw new RequestTooLargeError(`the request decodes to ${length} bytes, more than ${this.#maxBytes}`);
      return { length, start: at + 1 };
    }
    throw new MalformedError('snappy: corrupt input (no length)');
  }

  #reserve(length: number): void {
    const fits = this.#out.length >= length + SLACK;
    if (fits && (this.#out.length <= KEPT_BYTES || length > KEPT_BYTES)) return;
    // Not from Node's shared pool, whose bytes others hold.
    this.#out = Buffer.allocUnsafeSlow(Math.max(64 << 10, length + SLACK));
    this.#view = new DataView(this.#out.buffer, this.#out.byteOffset, this.#out.length);
  }

  #elements(block: Uint8Array, start: number, length: number): void {
    const out = this.#out;
    const end = block.length;
    let from = start;
    let to = 0;
    while (from < end) {
      const tag = block[from++]!;
      let size = (tag >> 2) + 1;
      if ((tag & 3) === 0) {
        if (size > 60) {
          const bytes = size - 60;
          if (from + bytes > end) throw corrupt(from);
          size = 1;
          for (let i = 0; i < bytes; i++) size += block[from++]! * 2 ** (8 * i);
        }
        if (size > end - from || size > length - to) throw corrupt(from);
        if (size <= SHORT_LITERAL) for (let i = 0; i < size; i++) out[to + i] = block[from + i]!;
        else out.set(block.subarray(from, from + size), to);
        from += size;
        to += size;
        continue;
      }
      let offset: number;
      if ((tag & 3) === 1) {
        if (from >= end) throw corrupt(from);
        size = 4 + ((tag >> 2) & 7);
        offset = ((tag >> 5) << 8) | block[from++]!;
      } else if ((tag & 3) === 2) {
        if (from + 2 > end) throw corrupt(from);
        offset = block[from]! | (block[from + 1]! << 8);
        from += 2;
      } else {
        if (from + 4 > end) throw corrupt(from);
        offset =
          block[from]! + block[from + 1]! * 2 ** 8 + block[from + 2]! * 2 ** 16 + block[from + 3]! * 2 ** 24;
        from += 4;
      }
      if (offset === 0 || offset > to || size > length - to) throw corrupt(from);
      this.#copy(to, offset, size);
      to += size;
    }
    if (to !== length) throw new MalformedError(`snappy: corrupt input (${to} of ${length} bytes)`);
  }

  /** Repeats `size` bytes from `offset` before `to`; what runs over is overwritten by the next element. */
  #copy(to: number, offset: number, size: number): void {
    if (offset >= SLACK) {
      const view = this.#view;
      for (let i = 0; i < size; i += SLACK) view.setBigUint64(to + i, view.getBigUint64(to + i - offset));
      return;
    }
    const out = this.#out;
    for (let i = to; i < to + size; i++) out[i] = out[i - offset]!;
  }
}

function corrupt(at: number): MalformedError {
  return new MalformedError(`snappy: corrupt input (at byte ${at})`);
}
