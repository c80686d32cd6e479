import { describe, expect, it } from 'vitest';
import { ByteMemo } from '../src/byte-memo.ts';

const viewOf = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer);

describe('what is made of bytes', () => {
  it('is one thing for equal bytes, wherever they stand, and another for others', () => {
    let made = 0;
    const memo = new ByteMemo((bytes, from, to) => {
      made++;
      return { text: new TextDecoder().decode(bytes.subarray(from, to)) };
    });
    const known = new Map<string, { text: string }>();
    for (let round = 0; round < 20_000; round++) {
      const text = String((round * 7_919) % 1_001).repeat(1 + (round % 3));
      const before = '#'.repeat(round % 5);
      const found = memo.of(viewOf(`${before}${text}#`), before.length, before.length + text.length);
      expect(found.text).toBe(text);
      expect(known.get(text) ?? found).toBe(found);
      known.set(text, found);
    }
    expect(made).toBe(known.size);
  });

  it('is looked for within a view of a part of a buffer', () => {
    const memo = new ByteMemo((bytes, from, to) => new TextDecoder().decode(bytes.subarray(from, to)));
    const bytes = new TextEncoder().encode('one two one');
    expect(memo.of(new DataView(bytes.buffer, 4), 0, 3)).toBe('two');
    expect(memo.of(new DataView(bytes.buffer, 8), 0, 3)).toBe('one');
    expect(memo.of(new DataView(bytes.buffer, 2), 2, 5)).toBe('two');
  });

  it('is remembered when it is undefined', () => {
    let made = 0;
    const memo = new ByteMemo(() => {
      made++;
      return undefined;
    });
    expect([memo.of(viewOf('a'), 0, 1), memo.of(viewOf('a'), 0, 1), made]).toEqual([undefined, undefined, 1]);
  });

  it('is made again of bytes that are long, and when there were too many others', () => {
    let made = 0;
    const memo = new ByteMemo((_bytes, from, to) => {
      made++;
      return to - from;
    });
    const long = new DataView(new ArrayBuffer(1_000));
    expect([memo.of(long, 0, 1_000), memo.of(long, 0, 1_000)]).toEqual([1_000, 1_000]);
    expect(made).toBe(2);
    for (let i = 0; i < 70_000; i++) memo.of(viewOf(String(i)), 0, String(i).length);
    expect(memo.of(viewOf('0'), 0, 1)).toBe(1);
    expect(made).toBe(70_003);
    expect(memo.of(viewOf(''), 0, 0)).toBe(0);
  });
});
