import { expect, it } from 'vitest';
import { release } from '../src/release.ts';

it('empties a buffer and all that shares its memory', () => {
  const bytes = new Uint8Array(1000).fill(7);
  const part = bytes.subarray(10, 20);
  release(bytes);
  expect([bytes.length, part.length, bytes.buffer.byteLength]).toEqual([0, 0, 0]);
  release(bytes);
});

it('leaves the memory of others alone', () => {
  const whole = new Float64Array(8).fill(1.5);
  release(whole.subarray(0, 4));
  const pooled = Buffer.from('a piece of the pool that Node cuts small buffers from');
  release(pooled);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  release(shared);
  expect([whole.length, pooled.length > 0, shared.length]).toEqual([8, true, 8]);
});
