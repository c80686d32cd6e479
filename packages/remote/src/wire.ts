/**
 * Reading of Protobuf's wire format: fields of a tag (number << 3 | wire type) and a payload; wire types are 0 varint,
 * 1 eight bytes, 2 length-delimited, 5 four bytes; 3 and 4 bracket groups, which nothing here uses.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
import { MalformedError } from './errors.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/** A cursor over one message. Every read checks its bounds and throws MalformedError. */
export class Wire {
  buffer: Buffer;
  view: DataView;
  /** Where the next read starts. */
  at = 0;
  /** Number and wire type of the field that `next` found. */
  field = 0;
  type = 0;

  constructor() {
    this.buffer = Buffer.alloc(0);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, 0);
  }

  reset(buffer: Buffer): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.at = 0;
  }

  /** Reads the next tag before `end`; false at the end. */
  next(end: number): boolean {
    if (this.at >= end) return false;
    const tag = this.varint(end);
    this.field = Math.floor(tag / 8);
    this.type = tag % 8;
    if (this.field === 0 || tag > 0xffffffff)
      throw new MalformedError(`protobuf: illegal tag ${tag} at byte ${this.at}`);
    return true;
  }

  /** An unsigned varint; above 2^53 it is not exact. */
  varint(end: number): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= end) throw this.truncated();
      const byte = this.buffer[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new MalformedError(`protobuf: a varint is longer than 10 bytes at byte ${this.at}`);
  }

  /** A varint as two's complement of 64 bits (int64, int32, enums); beyond ±2^53 it is not exact. */
  int64(end: number): number {
    const start = this.at;
    const value = this.varint(end);
    // The sign is bit 63, the only one of the tenth byte; rounding the value can reach 2^63 without it.
    if (this.at - start < 10 || (this.buffer[this.at - 1]! & 1) === 0) return value;
    // Each byte inverted, so that small negative numbers stay exact.
    let inverted = 0;
    let scale = 1;
    for (let i = start; i < this.at; i++) {
      inverted += (~this.buffer[i]! & (i - start === 9 ? 1 : 127)) * scale;
      scale *= 128;
    }
    return -inverted - 1;
  }

  /** A zigzag varint (sint32, sint64); beyond ±2^53 it is not exact. */
  sint64(end: number): number {
    const value = this.varint(end);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(end: number): number {
    if (this.at + 8 > end) throw this.truncated();
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  /** Reads the length of a length-delimited field and gives where it ends. */
  limit(end: number): number {
    const length = this.varint(end);
    if (length > end - this.at) throw this.truncated();
    return this.at + length;
  }

  /** Passes over the payload of the field that `next` found. */
  skip(end: number): void {
    if (this.type === VARINT) this.varint(end);
    else if (this.type === BYTES) this.at = this.limit(end);
    else if (this.type === FIXED64) this.at += 8;
    else if (this.type === FIXED32) this.at += 4;
    else throw new MalformedError(`protobuf: wire type ${this.type} of field ${this.field} is not supported`);
    if (this.at > end) throw this.truncated();
  }

  /** Requires the wire type that the schema gives the field. */
  expect(type: number, message: string): void {
    if (this.type !== type)
      throw new MalformedError(
        `protobuf: wrong wireType = ${this.type} for field ${this.field} of ${message}`,
      );
  }

  truncated(): MalformedError {
    return new MalformedError(`protobuf: unexpected EOF at byte ${this.at}`);
  }
}
