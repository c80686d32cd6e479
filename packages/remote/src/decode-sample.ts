import { FIXED64, VARINT, type Wire } from './wire.ts';
import type { WriteBatch } from './write-batch.ts';

/** A sample of either message, {1 value, 2 timestamp}, up to `end`, into the batch; throws MalformedError. */
export function readSample(wire: Wire, end: number, batch: WriteBatch): void {
  let value = 0;
  let timeMs = 0;
  while (wire.next(end)) {
    if (wire.field === 1) {
      wire.expect(FIXED64, 'Sample');
      value = wire.double(end);
    } else if (wire.field === 2) {
      wire.expect(VARINT, 'Sample');
      timeMs = wire.int64(end);
    } else wire.skip(end);
  }
  batch.add(timeMs, value);
}
