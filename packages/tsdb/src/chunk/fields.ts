/** Bit fields at any place of a stream, least significant bit first, as BitWriter writes them. */
import type { ByteReader } from './bits.ts';

/** A field is read from the eight bytes at its start at most. */
const SPAN_BYTES = 8;

/** The stream that is open: bits count from byte `base` of `view`. */
interface Fields {
  view: DataView;
  base: number;
}

let spare = new Uint8Array(1024);
const open: Fields = { view: new DataView(spare.buffer), base: 0 };

/** Opens the stream of `bits` bits that the reader stands at; past the end of its bytes all is zero. */
export function openFields(reader: ByteReader, bits: number): void {
  const needed = Math.ceil(bits / 8) + SPAN_BYTES;
  if (reader.at + needed <= reader.bytes.length) {
    open.view = reader.view;
    open.base = reader.at;
    return;
  }
  if (spare.length < needed) spare = new Uint8Array(needed * 2);
  spare.fill(0, 0, needed);
  spare.set(reader.bytes.subarray(reader.at, reader.at + needed));
  open.view = new DataView(spare.buffer);
  open.base = 0;
}

/** The stream opened last; overwritten by the next `openFields`. */
export function fieldsOf(): Readonly<Fields> {
  return open;
}

/** The `width` (0..32) bits from bit `at` of the view on. */
export function field(view: DataView, at: number, width: number): number {
  if (width === 0) return 0;
  const byte = Math.floor(at / 8);
  const shift = at & 7;
  let word = view.getUint32(byte, true) >>> shift;
  if (shift + width > 32) word |= view.getUint8(byte + 4) << (32 - shift);
  return width === 32 ? word >>> 0 : (word & ((1 << width) - 1)) >>> 0;
}
