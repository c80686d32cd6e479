import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readBody } from '../src/http/request-body.ts';

/** Pieces with memory of their own, as those from a socket. */
function piece(length: number, fill: number): Buffer {
  return Buffer.alloc(length, fill);
}

/** A stream that brings these pieces, and ends or breaks. */
function streamOf(pieces: readonly Uint8Array[], error?: Error): PassThrough {
  const stream = new PassThrough();
  for (const each of pieces) stream.push(each);
  if (error) setImmediate(() => stream.destroy(error));
  else stream.push(null);
  return stream;
}

const lengths = (pieces: readonly Uint8Array[]): number[] => pieces.map(({ length }) => length);

it('joins the pieces of a body and gives their memory back', async () => {
  const pieces = [piece(5000, 1), piece(7000, 2), piece(1, 3)];
  const body = await readBody(streamOf(pieces), '12001', 20_000);
  expect([body.length, body[0], body[4999], body[5000], body[12_000]]).toEqual([12_001, 1, 1, 2, 3]);
  expect(lengths(pieces)).toEqual([0, 0, 0]);
});

it('gives a body of one piece as it came', async () => {
  const only = piece(5000, 4);
  expect(await readBody(streamOf([only]), undefined, 5000)).toBe(only);
  expect(only.length).toBe(5000);
  expect((await readBody(streamOf([]), '0', 5000)).length).toBe(0);
});

it('refuses what is announced as too large before it reads any of it', async () => {
  const pieces = [piece(5000, 1)];
  await expect(readBody(streamOf(pieces), '20001', 20_000)).rejects.toMatchObject({ statusCode: 413 });
  expect(lengths(pieces)).toEqual([5000]);
});

it('refuses what is too large, of another length than announced, or cut off, and gives its memory back', async () => {
  const tooLarge = [piece(5000, 1), piece(5000, 2)];
  await expect(readBody(streamOf(tooLarge), undefined, 9999)).rejects.toMatchObject({ statusCode: 413 });
  const tooShort = [piece(5000, 1)];
  await expect(readBody(streamOf(tooShort), '5001', 9999)).rejects.toMatchObject({ statusCode: 400 });
  const cutOff = [piece(5000, 1)];
  await expect(readBody(streamOf(cutOff, new Error('aborted')), '9000', 9999)).rejects.toMatchObject({
    statusCode: 400,
    message: 'aborted',
  });
  expect(lengths([...tooLarge, ...tooShort, ...cutOff])).toEqual([0, 0, 0, 0]);
});
