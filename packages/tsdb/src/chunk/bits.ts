/** Bit streams, least significant bit first, in fields of up to 32 bits. */

export class BitWriter {
  #words: Uint32Array = new Uint32Array(4096);
  #bytes: Uint8Array = new Uint8Array(this.#words.buffer);
  #word = 0;
  #used = 0;
  #at = 0;

  /** Appends the low `width` (0..32) bits of `value`. */
  write(value: number, width: number): void {
    if (width === 0) return;
    const clean = width === 32 ? value >>> 0 : value & ((1 << width) - 1);
    this.#word |= clean << this.#used;
    const total = this.#used + width;
    if (total < 32) {
      this.#used = total;
      return;
    }
    this.#push(this.#word);
    const rest = total - 32;
    this.#word = rest === 0 ? 0 : clean >>> (width - rest);
    this.#used = rest;
  }

  /** The bytes written since the last call, the last one padded with zeros; valid until the next write. */
  finish(): Uint8Array {
    const bytes = this.#at * 4 + ((this.#used + 7) >>> 3);
    if (this.#used > 0) this.#push(this.#word);
    this.#word = 0;
    this.#used = 0;
    this.#at = 0;
    return this.#bytes.subarray(0, bytes);
  }

  #push(word: number): void {
    if (this.#at === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
      this.#bytes = new Uint8Array(grown.buffer);
    }
    this.#words[this.#at++] = word;
  }
}

/** Growable byte buffer with the varints of the format. */
export class ByteWriter {
  #buffer: Uint8Array = new Uint8Array(16384);
  #view: DataView = new DataView(this.#buffer.buffer);
  length = 0;

  byte(value: number): void {
    this.#ensure(1);
    this.#buffer[this.length++] = value;
  }

  /** LEB128 of an integer in 0..2^53. */
  varint(value: number): void {
    this.#ensure(8);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.length++] = rest;
  }

  /** Zigzag LEB128 of an integer within ±2^52. */
  signed(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  float(value: number): void {
    this.#ensure(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  words(low: number, high: number): void {
    this.#ensure(8);
    this.#view.setUint32(this.length, low, true);
    this.#view.setUint32(this.length + 4, high, true);
    this.length += 8;
  }

  bytes(source: Uint8Array): void {
    this.#ensure(source.length);
    this.#buffer.set(source, this.length);
    this.length += source.length;
  }

  /** A copy of what was written; the writer starts again. */
  take(): Uint8Array {
    const copy = this.#buffer.slice(0, this.length);
    this.length = 0;
    return copy;
  }

  #ensure(extra: number): void {
    if (this.length + extra <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.length + extra));
    grown.set(this.#buffer);
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what ByteWriter wrote. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  varint(): number {
    let scale = 1;
    let value = 0;
    for (;;) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  signed(): number {
    const raw = this.varint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  float(): number {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  word(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
}
