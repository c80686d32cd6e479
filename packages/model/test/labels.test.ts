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
