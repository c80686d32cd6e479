import { describe, expect, it } from 'vitest';
import { parseExpr } from '../src/index.ts';
import { ParsedQueries } from '../src/parsed-queries.ts';

function queries(mostSeries: number): ParsedQueries {
  return new ParsedQueries((query) => parseExpr(query, {}), mostSeries);
}

/** Asks twice, as one who comes again. */
function keep(parsed: ParsedQueries, query: string, series: number): void {
  for (let i = 0; i < 2; i++) {
    parsed.get(query);
    parsed.hasRun(query, series);
  }
}

describe('a parsed query', () => {
  it('is the same tree until it has run', () => {
    const parsed = queries(100);
    expect(parsed.get('up')).toBe(parsed.get('up'));
  });

  it('leaves nothing when it was asked once', () => {
    const parsed = queries(100);
    const first = parsed.get('up');
    parsed.hasRun('up', 50);
    expect(parsed.series).toBe(0);
    expect(parsed.get('up')).not.toBe(first);
  });

  it('stays when it comes again', () => {
    const parsed = queries(100);
    keep(parsed, 'up', 50);
    expect(parsed.series).toBe(50);
    const kept = parsed.get('up');
    parsed.hasRun('up', 60);
    expect(parsed.get('up')).toBe(kept);
    expect(parsed.series).toBe(60);
  });

  it('goes when others need its room, the one used longest ago first', () => {
    const parsed = queries(100);
    keep(parsed, 'a', 40);
    keep(parsed, 'b', 40);
    const a = parsed.get('a');
    const b = parsed.get('b');
    parsed.get('a');
    keep(parsed, 'c', 40);
    expect(parsed.series).toBe(80);
    expect(parsed.get('a')).toBe(a);
    expect(parsed.get('b')).not.toBe(b);
  });

  it('does not stay when it alone is too large, nor takes the room of others', () => {
    const parsed = queries(100);
    keep(parsed, 'a', 40);
    keep(parsed, 'b', 101);
    expect(parsed.series).toBe(40);
  });

  it('is one of 2,000 at most', () => {
    const parsed = queries(1e9);
    for (let i = 0; i < 2_500; i++) keep(parsed, `a > ${i}`, 1);
    expect(parsed.series).toBe(2_000);
  });

  it('that cannot be parsed is an error each time and leaves nothing', () => {
    const parsed = queries(100);
    for (let i = 0; i < 2; i++) expect(() => parsed.get('up up')).toThrow();
    parsed.hasRun('up up', 5);
    expect(parsed.series).toBe(0);
  });
});
