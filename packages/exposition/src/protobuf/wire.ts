/**
 * A cursor over protobuf bytes (https://protobuf.dev/programming-guides/encoding/). Nothing throws: what cannot be read leaves
 * a fault and moves the cursor to the end, so that every loop over `next` ends. Numbers above 2^53 lose their last digits, as
 * they do in a float64 sample.
 *
 *   message = { tag value } , tag = varint (field << 3 | kind) , kind = 0 varint | 1 eight bytes | 2 length, bytes | 5 four bytes
 */
export const Kind = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

const EMPTY = new Uint8Array(0);
const HIGH = 2 ** 32;
/** Groups within groups that an unknown field may have. */
const MAX_GROUP_DEPTH = 32;

export class Wire {
  bytes: Uint8Array = EMPTY;
  /** The next byte to read. */
  pos = 0;
  /** One past the last byte of the message that is read. */
  limit = 0;
  /** Why the bytes cannot be read, '' while they can. */
  fault = '';
  /** The field that `next` found. */
  field = 0;
  kind = 0;
  #view: DataView = new DataView(EMPTY.buffer);
  #low = 0;
  #high = 0;

  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.seek(0, bytes.length);
  }

  /** Drops the reference to the bytes. */
  release(): void {
    this.open(EMPTY);
  }

  /** Reads [from, to) from here on, as a message of its own. */
  seek(from: number, to: number): void {
    this.pos = from;
    this.limit = to;
    this.fault = '';
  }

  fail(message: string): void {
    if (this.fault === '') this.fault = message;
    this.pos = this.limit;
  }

  /** Moves to the next field of the message; false at its end or on a fault. */
  next(): boolean {
    if (this.pos >= this.limit) return false;
    if (!this.#varint()) return false;
    this.kind = this.#low & 7;
    this.field = this.#high * 2 ** 29 + (this.#low >>> 3);
    if (this.field > 0) return true;
    this.fail(`illegal tag ${this.field} (wire type ${this.kind})`);
    return false;
  }

  /** An unsigned integer. */
  uint(): number {
    if (!this.#expect(Kind.varint) || !this.#varint()) return 0;
    return this.#high * HIGH + this.#low;
  }

  /** An int64 or int32 in two's complement. */
  int(): number {
    if (!this.#expect(Kind.varint) || !this.#varint()) return 0;
    return (this.#high | 0) * HIGH + this.#low;
  }

  /** A zigzag integer. */
  sint(): number {
    return this.#expect(Kind.varint) ? this.#zigzag() : 0;
  }

  double(): number {
    return this.#expect(Kind.fixed64) ? this.#float64() : 0;
  }

  /** Enters a message and returns the limit that `leave` restores. */
  enter(): number {
    const outer = this.limit;
    const length = this.#length();
    this.limit = this.pos + length;
    return outer;
  }

  /** Moves behind the message that `enter` entered. */
  leave(outer: number): void {
    this.pos = this.fault === '' ? this.limit : outer;
    this.limit = outer;
  }

  /** Moves over bytes; they are [result, pos). */
  span(): number {
    const length = this.#length();
    const from = this.pos;
    this.pos += length;
    return from;
  }

  /** A repeated zigzag integer, packed or one by one. */
  sints(into: number[]): void {
    if (this.kind !== Kind.bytes) {
      into.push(this.sint());
      return;
    }
    const outer = this.enter();
    while (this.pos < this.limit) into.push(this.#zigzag());
    this.leave(outer);
  }

  /** A repeated double, packed or one by one. */
  doubles(into: number[]): void {
    if (this.kind !== Kind.bytes) {
      into.push(this.double());
      return;
    }
    const outer = this.enter();
    while (this.pos < this.limit) into.push(this.#float64());
    this.leave(outer);
  }

  /** Moves over a field that nobody asks for. */
  skip(depth = 0): void {
    switch (this.kind) {
      case Kind.varint:
        this.#varint();
        return;
      case Kind.fixed64:
        this.#advance(8);
        return;
      case Kind.bytes:
        this.span();
        return;
      case Kind.fixed32:
        this.#advance(4);
        return;
      case Kind.groupStart:
        this.#skipGroup(depth + 1);
        return;
      case Kind.groupEnd:
        this.fail('wiretype end group for non-group');
        return;
      default:
        this.fail(`illegal wireType ${this.kind}`);
    }
  }

  /** A length in front of a message of the stream, at most five bytes long; -1 with a fault. */
  delimiter(): number {
    const from = this.pos;
    if (!this.#varint() || this.pos - from > 5) {
      this.fail('invalid length of a message');
      return -1;
    }
    return this.#high * HIGH + this.#low;
  }

  #skipGroup(depth: number): void {
    if (depth > MAX_GROUP_DEPTH) {
      this.fail('groups are nested too deeply');
      return;
    }
    while (this.next()) {
      if (this.kind === Kind.groupEnd) return;
      this.skip(depth);
    }
    this.fail('unexpected EOF');
  }

  #advance(length: number): void {
    if (length > this.limit - this.pos) this.fail('unexpected EOF');
    else this.pos += length;
  }

  #length(): number {
    if (!this.#expect(Kind.bytes) || !this.#varint()) return 0;
    const length = this.#high * HIGH + this.#low;
    if (length <= this.limit - this.pos) return length;
    this.fail('unexpected EOF');
    return 0;
  }

  #expect(kind: number): boolean {
    if (this.kind === kind) return true;
    this.fail(`wrong wireType = ${this.kind} for field ${this.field}`);
    return false;
  }

  #float64(): number {
    if (this.limit - this.pos < 8) {
      this.fail('unexpected EOF');
      return 0;
    }
    const value = this.#view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  #zigzag(): number {
    if (!this.#varint()) return 0;
    const half = this.#high * 2 ** 31 + (this.#low >>> 1);
    return this.#low & 1 ? -half - 1 : half;
  }

  /** Reads a varint into two halves of 32 bits; false on a fault. */
  #varint(): boolean {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.limit) {
        this.fail('unexpected EOF');
        return false;
      }
      const byte = this.bytes[this.pos++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 128) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return true;
      }
    }
    this.fail('integer overflow');
    return false;
  }
}
