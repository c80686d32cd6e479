import { describe, expect, it } from 'vitest';
import { compareBytes, Labels } from '../src/index.ts';

describe('Labels', () => {
  it('sorts names by bytes, drops empty values and keeps the last of a repeated name', () => {
    const labels = Labels.fromPairs([
      ['b', '1'],
      ['a', '2'],
      ['c', ''],
      ['b', '3'],
    ]);
    expect([...labels.pairs()]).toEqual([
      ['a', '2'],
      ['b', '3'],
    ]);
  });

  it('has equal keys exactly for equal sets', () => {
    expect(Labels.fromObject({ a: 'b', c: 'd' }).key).toBe(Labels.fromObject({ c: 'd', a: 'b' }).key);
    expect(Labels.fromObject({ a: 'bc' }).key).not.toBe(Labels.fromObject({ ab: 'c' }).key);
  });

  it('orders name by name, value by value, the shorter set first', () => {
    const sets = [{ a: '2' }, { a: '1', b: '1' }, { a: '1' }, { b: '0' }, {}].map((object) =>
      Labels.fromPairs(Object.entries(object)),
    );
    const ordered = sets.sort((x, y) => x.compare(y)).map(String);
    expect(ordered).toEqual(['{}', '{a="1"}', '{a="1", b="1"}', '{a="2"}', '{b="0"}']);
  });

  it('removes a label that is set to nothing', () => {
    expect(Labels.fromObject({ a: '1', b: '2' }).with('a', '').toObject()).toEqual({ b: '2' });
  });
});

describe('compareBytes', () => {
  it('puts astral characters after the basic plane, unlike UTF-16 order', () => {
    const astral = '\u{1f600}';
    const high = '\uff5e';
    expect(astral < high).toBe(true);
    expect(compareBytes(astral, high)).toBeGreaterThan(0);
    expect(Math.sign(compareBytes(astral, high))).toBe(
      Math.sign(Buffer.compare(Buffer.from(astral), Buffer.from(high))),
    );
  });
});

describe('keys and shared texts', () => {
  const odd = ['', 'a', 'b', '\0', 'a\0b', '\uffff', 'a\uffffb', 'c'];

  it('are equal exactly for equal sets, whatever is in the texts', () => {
    const byKey = new Map<string, string>();
    for (const x of odd)
      for (const y of odd)
        for (const z of odd) {
          const labels = Labels.fromPairs([
            [`a${x}`, `v${y}`],
            [`b${z}`, 'v'],
          ]);
          const told = JSON.stringify([labels.names, labels.values]);
          expect(byKey.get(labels.key) ?? told).toBe(told);
          byKey.set(labels.key, told);
        }
    expect(byKey.size).toBe(odd.length ** 3);
  });

  it('are shared without changing a set', () => {
    for (const x of odd)
      for (const y of odd) {
        const pairs = [['__name__', `m${y}`], ...(x === '' ? [] : [[`l${x}`, `v${y}`]])] as [
          string,
          string,
        ][];
        const labels = Labels.fromPairs(pairs);
        const shared = labels.interned();
        expect(shared.key).toBe(labels.key);
        expect([...shared.pairs()]).toEqual([...labels.pairs()]);
        expect(labels.nameless.key).toBe(labels.without(new Set(['__name__'])).key);
      }
    const [a, b] = [1, 2].map((i) => Labels.fromObject({ x: '1', y: `${i}` }).interned());
    expect(a!.names).toBe(b!.names);
  });
});
