import { describe, expect, it } from 'vitest';
import { ByteTable } from '../src/byte-table.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a table by bytes', () => {
  it('makes one thing of equal bytes, wherever they stand, and another of others', () => {
    let made = 0;
    const table = new ByteTable((bytes, from, to) => {
      made++;
      return { text: new TextDecoder().decode(bytes.subarray(from, to)) };
    });
    const known = new Map<string, { text: string }>();
    for (let round = 0; round < 20_000; round++) {
      const text = String((round * 7_919) % 1_001).repeat(1 + (round % 3));
      const before = '#'.repeat(round % 5);
      const bytes = bytesOf(`${before}${text}#`);
      const found = table.of(bytes, before.length, before.length + text.length);
      expect(found.text).toBe(text);
      expect(known.get(text) ?? found).toBe(found);
      known.set(text, found);
    }
    expect(made).toBe(known.size);
  });

  it('makes it again of bytes that are long, and when there were too many others', () => {
    let made = 0;
    const table = new ByteTable((_bytes, from, to) => {
      made++;
      return to - from;
    });
    const long = new Uint8Array(1_000);
    expect([table.of(long, 0, 1_000), table.of(long, 0, 1_000)]).toEqual([1_000, 1_000]);
    expect(made).toBe(2);
    for (let i = 0; i < 70_000; i++) table.of(bytesOf(String(i)), 0, String(i).length);
    expect(table.of(bytesOf('0'), 0, 1)).toBe(1);
    expect(made).toBe(70_003);
    expect(table.of(bytesOf(''), 0, 0)).toBe(0);
  });
});
