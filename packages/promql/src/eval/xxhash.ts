/**
 * XXH64 of bytes, seed 0, and the hash that Prometheus gives a label set with it.
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; labels as length-prefixed names and values.
 */
import type { Labels } from '@watchroom/model';

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => wrap((value << by) | (value >> (64n - by)));
const round = (accumulator: bigint, lane: bigint): bigint =>
  wrap(rotate(wrap(accumulator + lane * P2), 31n) * P1);
const merge = (accumulator: bigint, lane: bigint): bigint => wrap((accumulator ^ round(0n, lane)) * P1 + P4);

export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const lanes = [wrap(P1 + P2), P2, 0n, wrap(-P1)];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(at + 8 * i, true));
    }
    hash = wrap(
      rotate(lanes[0]!, 1n) + rotate(lanes[1]!, 7n) + rotate(lanes[2]!, 12n) + rotate(lanes[3]!, 18n),
    );
    for (const lane of lanes) hash = merge(hash, lane);
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  }
  if (at + 4 <= bytes.length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at]!) * P5), 11n) * P1);
  hash = wrap((hash ^ (hash >> 33n)) * P2);
  hash = wrap((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}

const encoder = new TextEncoder();
const known = new WeakMap<Labels, number>();

/** The label set's hash as a share of 1. */
export function hashShare(labels: Labels): number {
  let share = known.get(labels);
  if (share === undefined) {
    share = Number(xxh64(encode(labels))) / 2 ** 64;
    known.set(labels, share);
  }
  return share;
}

function encode(labels: Labels): Uint8Array {
  const bytes: number[] = [];
  for (const text of [...labels.pairs()].flat()) {
    const own = encoder.encode(text);
    if (own.length < 255) bytes.push(own.length);
    else bytes.push(255, own.length & 255, (own.length >> 8) & 255, (own.length >> 16) & 255);
    for (const byte of own) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
