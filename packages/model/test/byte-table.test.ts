import { describe, expect, it } from 'vitest';
import { ByteTable, hashBytes } from '../src/byte-table.ts';

const viewOf = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer);
const ROOM = { entries: 1_000, keyBytes: 100_000 };

function filled(texts: readonly string[], table = new ByteTable<string>(ROOM)): ByteTable<string> {
  for (const text of texts) table.add(hashOf(text), viewOf(text), 0, text.length, text);
  return table;
}

const hashOf = (text: string): number => hashBytes(viewOf(text), 0, text.length);

function found(table: ByteTable<string>, text: string, hash = hashOf(text)): string | undefined {
  return table.find(hash, viewOf(text), 0, text.length);
}

describe('a table by bytes', () => {
  it('tells bytes apart that have one hash', () => {
    // Of one length, different in each place of a word and of what is left over; and beginnings of each other.
    const texts = [
      'aaaaaaa',
      'baaaaaa',
      'aaabaaa',
      'aaaabaa',
      'aaaaaba',
      'aaaaaab',
      'aaaa',
      'aaaaa',
      'aaaaaa',
      '',
    ];
    const table = new ByteTable<string>(ROOM);
    for (const text of texts) {
      expect(found(table, text, 7)).toBeUndefined();
      table.add(7, viewOf(text), 0, text.length, text);
    }
    expect(texts.map((text) => found(table, text, 7))).toEqual(texts);
  });

  it('finds what it was given after it has grown', () => {
    const texts = Array.from({ length: 900 }, (_, i) => `${i}`.repeat(20));
    const table = filled(texts);
    expect(texts.filter((text) => found(table, text) !== text)).toEqual([]);
    expect(table.size).toBe(900);
  });

  it('forgets what was not asked for while it was filled twice, and counts it', () => {
    const forgotten = { count: 0 };
    const table = new ByteTable<string>({ entries: 3, keyBytes: 1_000 }, forgotten);
    filled(['a', 'b', 'c', 'd'], table);
    expect(found(table, 'a')).toBe('a');
    expect(forgotten.count).toBe(0);
    filled(['e', 'f'], table);
    expect(['a', 'b', 'c'].map((text) => found(table, text))).toEqual(['a', undefined, undefined]);
    expect(forgotten.count).toBe(3);
  });

  it('is bounded by bytes too', () => {
    const forgotten = { count: 0 };
    const table = new ByteTable<string>({ entries: 1_000, keyBytes: 100 }, forgotten);
    filled(['x'.repeat(60), 'y'.repeat(60), 'z'.repeat(60)], table);
    expect(forgotten.count).toBe(1);
    expect(found(table, 'z'.repeat(60))).toBe('z'.repeat(60));
  });
});
