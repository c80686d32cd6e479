/**
 * XXH64 with seed 0, as Prometheus hashes label sets.
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, section XXH64. Used once per rule group, so
 * BigInt serves.
 */
const MASK = 0xffff_ffff_ffff_ffffn;
const P1 = 0x9e37_79b1_85eb_ca87n;
const P2 = 0xc2b2_ae3d_27d4_eb4fn;
const P3 = 0x1656_67b1_9e37_79f9n;
const P4 = 0x85eb_ca77_c2b2_ae63n;
const P5 = 0x27d4_eb2f_1656_67c5n;

const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;
const round = (accumulator: bigint, lane: bigint): bigint =>
  (rotate((accumulator + lane * P2) & MASK, 31n) * P1) & MASK;
const merge = (hash: bigint, accumulator: bigint): bigint =>
  ((hash ^ round(0n, accumulator)) * P1 + P4) & MASK;

/** The 64-bit hash of the bytes. */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(at + 8 * i, true));
    }
    hash = [1n, 7n, 12n, 18n].reduce((sum, by, i) => (sum + rotate(lanes[i]!, by)) & MASK, 0n);
    for (const lane of lanes) hash = merge(hash, lane);
  }
  return avalanche(tail(view, at, (hash + BigInt(bytes.length)) & MASK));
}

/** Mixes in the last bytes, fewer than 32. */
function tail(view: DataView, from: number, start: bigint): bigint {
  let at = from;
  let hash = start;
  for (; at + 8 <= view.byteLength; at += 8)
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4) & MASK;
  if (at + 4 <= view.byteLength) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * P1) & MASK), 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < view.byteLength; at++)
    hash = (rotate(hash ^ ((BigInt(view.getUint8(at)) * P5) & MASK), 11n) * P1) & MASK;
  return hash;
}

function avalanche(start: bigint): bigint {
  let hash = start;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}
