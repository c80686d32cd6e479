import { STALE } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { fillAbsent } from '../src/chunk/absent.ts';
import { ByteReader, ByteWriter } from '../src/chunk/bits.ts';
import { readColumn, writeColumn } from '../src/chunk/column.ts';
import { decodeRows } from '../src/chunk/decode.ts';

function roundTrip(values: Float64Array): { bytes: number; same: boolean } {
  const writer = new ByteWriter();
  writeColumn(writer, values, 0, values.length);
  const bytes = writer.take();
  const back = new Float64Array(values.length);
  const reader = new ByteReader(bytes);
  readColumn(reader, back, 0, back.length);
  const whole = Buffer.from(values.buffer);
  let same = whole.equals(Buffer.from(back.buffer)) && reader.at <= bytes.length;
  const rows = values.length;
  for (const [from, end] of [
    [0, rows],
    [rows >> 1, rows],
    [rows >> 2, rows - (rows >> 2)],
    [rows - 1, rows],
  ] as const) {
    const some = new Float64Array(end - from + 2);
    decodeRows(new ByteReader(bytes), rows, from, end, some, 1);
    same &&= Buffer.from(some.buffer, 8, (end - from) * 8).equals(whole.subarray(from * 8, end * 8));
    same &&= some[0] === 0 && some.at(-1) === 0;
  }
  return { bytes: bytes.length, same };
}

/** Generators of one column each, by what real series look like. */
const shapes: Record<string, (i: number, random: () => number) => number> = {
  constant: () => 42,
  counter: (i, random) => Math.floor(1e6 + 30 * (i + random())),
  'counter with a reset': (i, random) => (i > 60 ? 0 : 1e9) + Math.floor(i * 100 * random()),
  decimals: (i, random) => Math.round(100 * (i + random())) / 100,
  'noise of doubles': (_, random) => random(),
  'tiny and huge': (_, random) => (random() - 0.5) * 10 ** Math.floor(random() * 600 - 300),
  'mostly unchanged': (i, random) => (random() < 0.9 ? 7 : i),
  'rare doubles': (i) => (i % 17 === 0 ? Math.PI * i : Math.PI),
  'large integers': (_, random) => Math.floor(random() * 2 ** 53),
  specials: (i, random) =>
    [Number.NaN, STALE, -0, 0, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, i][
      Math.floor(random() * 9)
    ]!,
  'specials among counts': (i, random) => (random() < 0.05 ? STALE : i),
  'raw bits': (_, random) =>
    new Float64Array(new Uint32Array([random() * 2 ** 32, random() * 2 ** 32]).buffer)[0]!,
};

describe('column', () => {
  for (const [name, value] of Object.entries(shapes)) {
    it(`gives back every bit: ${name}`, () => {
      const random = seededRandom(7);
      for (const n of [1, 2, 3, 31, 120, 1000]) {
        const values = new Float64Array(n);
        for (let i = 0; i < n; i++) values[i] = value(i, random);
        expect(roundTrip(values).same, `${name}, ${n} rows`).toBe(true);
      }
    });
  }

  it('keeps cells without a sample apart from NaN', () => {
    const values = new Float64Array(50).fill(3);
    fillAbsent(values, 10, 5);
    values[20] = Number.NaN;
    fillAbsent(values, 0, 1);
    expect(roundTrip(values).same).toBe(true);
    fillAbsent(values, 0, 50);
    expect(roundTrip(values).same).toBe(true);
  });

  it('packs what is regular', () => {
    const clock = Float64Array.from({ length: 120 }, (_, i) => 1_790_000_000_000 + i * 1000);
    expect(roundTrip(clock).bytes).toBeLessThan(20);
    expect(roundTrip(new Float64Array(120).fill(0.1)).bytes).toBeLessThan(12);
  });
});
