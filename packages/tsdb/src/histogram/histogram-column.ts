/**
 * The native histograms of one column of a slice.
 *
 *   count varint | packing u8 (0 as it is, 1 zstd) | length varint | histograms of codec.ts, each following the one before
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { NativeHistogram } from '@watchroom/model';
import { isHistogram } from '../chunk/absent.ts';
import { ByteReader, ByteWriter } from '../chunk/bits.ts';
import { asRead, type HistogramColumn } from '../head/histogram-cells.ts';
import { readHistogram, writeHistogram } from './codec.ts';

const PACKING = { none: 0, zstd: 1 };
/** Shorter columns do not become smaller. */
const MIN_PACKED_BYTES = 64;

const out = new ByteWriter();

/** Encodes a column's histograms, which come encoded one by one. */
export function writeHistograms(encoded: readonly Uint8Array[]): Uint8Array {
  let before: NativeHistogram | undefined;
  for (const bytes of encoded) {
    const histogram = readHistogram(new ByteReader(bytes), undefined);
    writeHistogram(out, histogram, before);
    before = histogram;
  }
  const plain = out.take();
  const packed = plain.length < MIN_PACKED_BYTES ? plain : zstdCompressSync(plain);
  const smaller = packed.length < plain.length;
  const body = smaller ? packed : plain;
  out.varint(encoded.length);
  out.byte(smaller ? PACKING.zstd : PACKING.none);
  out.varint(body.length);
  out.bytes(body);
  return out.take();
}

/** Throws RangeError when the bytes cannot be a column's histograms. */
export function readHistograms(bytes: Uint8Array, at: number): NativeHistogram[] {
  const reader = new ByteReader(bytes, at);
  const count = reader.varint();
  const packing = reader.byte();
  const length = reader.varint();
  const body = bytes.subarray(reader.at, reader.at + length);
  const from = new ByteReader(packing === PACKING.zstd ? zstdDecompressSync(body) : body);
  const found: NativeHistogram[] = [];
  let before: NativeHistogram | undefined;
  for (let i = 0; i < count && from.at < from.bytes.length; i++) {
    before = readHistogram(from, before);
    found.push(before);
  }
  return found;
}

/** A column's histograms in a slice, decoded when first asked for. */
export class StoredHistograms implements HistogramColumn {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  #byTime: Map<number, NativeHistogram> | undefined;

  /** `values` hold the marks, `times` their times. */
  constructor(bytes: Uint8Array, at: number, times: Float64Array, values: Float64Array) {
    this.#bytes = bytes;
    this.#at = at;
    this.#times = times;
    this.#values = values;
  }

  at(timeMs: number): NativeHistogram | undefined {
    this.#byTime ??= this.#decode();
    return this.#byTime.get(timeMs);
  }

  #decode(): Map<number, NativeHistogram> {
    const found = readHistograms(this.#bytes, this.#at);
    const byTime = new Map<number, NativeHistogram>();
    let next = 0;
    for (let i = 0; i < this.#values.length && next < found.length; i++)
      if (isHistogram(this.#values[i]!)) byTime.set(this.#times[i]!, asRead(found[next++]!));
    return byTime;
  }
}
