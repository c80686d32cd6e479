/** Turns valid messages into nearly valid ones, for decoders that must not fall over: seeded, so that each find can be repeated. */

/** Longest message made; pieces of messages are put together again and again otherwise. */
const LONGEST = 4096;
const MOST_CHANGES = 4;
/** Bytes that mean something in a length, a tag or a varint. */
const TELLING = [0, 1, 0x7f, 0x80, 0xff, 0x08, 0x0a, 0x12, 0x1a, 0x22, 0x2a];

/** A message of the pool after one to four changes; now and then an untouched one. */
export function mutateBytes(random: () => number, pool: readonly Uint8Array[]): Buffer {
  const below = (end: number): number => Math.floor(random() * end);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  let bytes = Buffer.from(pick(pool));
  const changes = below(MOST_CHANGES + 1);
  for (let i = 0; i < changes; i++) {
    const from = below(bytes.length + 1);
    const to = Math.min(bytes.length, from + below(12));
    const other = pick(pool);
    const start = below(other.length + 1);
    switch (below(8)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, from), other.subarray(start)]);
        break;
      case 3:
        bytes = Buffer.concat([
          bytes.subarray(0, from),
          other.subarray(start, start + 40),
          bytes.subarray(to),
        ]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, from), Buffer.alloc(below(12), 0xff), bytes.subarray(from)]);
        break;
      case 5:
        bytes = bytes.subarray(0, from);
        break;
      case 6:
        if (from < bytes.length) bytes[from] = bytes[from]! ^ (1 << below(8));
        break;
      default:
        if (from < bytes.length) bytes[from] = random() < 0.5 ? pick(TELLING) : below(256);
    }
  }
  return bytes.subarray(0, LONGEST);
}
