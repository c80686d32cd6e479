/** Writes what a sender would: Protobuf fields by hand, and snappy blocks of literals and copies. */

/** Field bytes of one message. */
export class Message {
  readonly #bytes: number[] = [];

  varint(field: number, value: number | bigint): this {
    return this.#tag(field, 0).#varint(BigInt.asUintN(64, BigInt(value)));
  }

  sint(field: number, value: number | bigint): this {
    return this.varint(field, zigzag(value));
  }

  double(field: number, value: number): this {
    return this.fixed64(field, new BigUint64Array(new Float64Array([value]).buffer)[0]!);
  }

  /** Eight bytes as they are, for NaNs with a payload. */
  fixed64(field: number, bits: bigint): this {
    this.#tag(field, 1);
    for (let i = 0n; i < 8n; i++) this.#bytes.push(Number((bits >> (i * 8n)) & 255n));
    return this;
  }

  bytes(field: number, value: string | Uint8Array | Message): this {
    const bytes =
      typeof value === 'string' ? Buffer.from(value) : value instanceof Message ? value.done() : value;
    this.#tag(field, 2).#varint(BigInt(bytes.length));
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  packedVarints(field: number, values: readonly (number | bigint)[]): this {
    const packed = new Message();
    for (const value of values) packed.#varint(BigInt.asUintN(64, BigInt(value)));
    return this.bytes(field, packed);
  }

  packedSints(field: number, values: readonly (number | bigint)[]): this {
    return this.packedVarints(field, values.map(zigzag));
  }

  packedDoubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(new Float64Array(values).buffer));
  }

  done(): Buffer {
    return Buffer.from(this.#bytes);
  }

  #tag(field: number, type: number): this {
    return this.#varint(BigInt(field * 8 + type));
  }

  #varint(value: bigint): this {
    let left = value;
    for (; left >= 128n; left >>= 7n) this.#bytes.push(Number(left & 127n) | 128);
    this.#bytes.push(Number(left));
    return this;
  }
}

function zigzag(value: number | bigint): bigint {
  const whole = BigInt(value);
  return whole >= 0n ? whole * 2n : -whole * 2n - 1n;
}

export interface SeriesToSend {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples?: readonly (readonly [timeMs: number, value: number])[];
}

/** A 1.0 message. */
export function writeRequest(series: readonly SeriesToSend[]): Message {
  const request = new Message();
  for (const { labels, samples = [] } of series) {
    const message = new Message();
    for (const [name, value] of labels) message.bytes(1, new Message().bytes(1, name).bytes(2, value));
    for (const [timeMs, value] of samples) message.bytes(2, new Message().double(1, value).varint(2, timeMs));
    request.bytes(1, message);
  }
  return request;
}

/** A snappy block that uses copies where four bytes come again, as real encoders do. */
export function snappy(source: Uint8Array): Buffer {
  const out: number[] = [];
  for (let left = source.length; ; left >>>= 7) {
    out.push(left < 128 ? left : (left & 127) | 128);
    if (left < 128) break;
  }
  const seen = new Map<number, number>();
  let literalFrom = 0;
  const literal = (end: number): void => {
    for (let from = literalFrom; from < end; from += 60) {
      const size = Math.min(60, end - from);
      out.push((size - 1) << 2, ...source.subarray(from, from + size));
    }
  };
  for (let at = 0; at + 4 <= source.length; ) {
    const word =
      source[at]! + source[at + 1]! * 256 + source[at + 2]! * 65_536 + source[at + 3]! * 16_777_216;
    const before = seen.get(word);
    seen.set(word, at);
    if (before === undefined || at - before > 65_535) {
      at++;
      continue;
    }
    let size = 4;
    while (size < 64 && source[before + size] === source[at + size] && at + size < source.length) size++;
    literal(at);
    const offset = at - before;
    if (size <= 11 && offset < 2048) out.push(1 | ((size - 4) << 2) | ((offset >> 8) << 5), offset & 255);
    else out.push(2 | ((size - 1) << 2), offset & 255, offset >> 8);
    at += size;
    literalFrom = at;
  }
  literal(source.length);
  return Buffer.from(out);
}
