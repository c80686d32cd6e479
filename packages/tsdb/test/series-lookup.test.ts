import { Labels } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { SeriesLookup } from '../src/head/series-lookup.ts';

const labelsOf = (n: number): Labels =>
  Labels.fromObject({ __name__: 'm', n: String(n), half: String(n >> 1) });

describe('the lookup of series', () => {
  for (const [name, hashOf] of [
    ['its own', undefined],
    ['a bad', (labels: Labels): number => Number(labels.get('n')) % 7],
    ['a constant', (): number => -1],
  ] as const) {
    it(`finds what a map by key finds, with ${name} hash`, () => {
      const labels: (Labels | undefined)[] = [undefined];
      const lookup = new SeriesLookup((ref) => labels[ref], hashOf);
      const model = new Map<string, number>();
      const random = seededRandom(7);
      const next = (below: number): number => Math.floor(random() * below);
      for (let round = 0; round < 6_000; round++) {
        const own = labelsOf(next(900));
        const known = model.get(own.key);
        expect(lookup.find(own)).toBe(known);
        if (known === undefined) {
          model.set(own.key, labels.length);
          expect(lookup.findOrAdd(own, labels.length)).toBe(labels.length);
          labels.push(own);
        } else if (next(3) > 0) {
          expect(lookup.findOrAdd(own, labels.length)).toBe(known);
          model.delete(own.key);
          lookup.delete(own);
          labels[known] = undefined;
        }
        expect(lookup.size).toBe(model.size);
      }
      for (let n = 0; n < 900; n++) expect(lookup.find(labelsOf(n))).toBe(model.get(labelsOf(n).key));
    });
  }

  it('tells sets apart whose texts are the same in a row', () => {
    const sets = [
      Labels.fromObject({ a: 'bc' }),
      Labels.fromObject({ ab: 'c' }),
      Labels.fromObject({ a: 'b', c: 'd' }),
      Labels.fromObject({ a: 'bcd' }),
    ];
    const lookup = new SeriesLookup(
      (ref) => sets[ref - 1],
      () => 5,
    );
    for (const [i, labels] of sets.entries()) lookup.findOrAdd(labels, i + 1);
    expect(sets.map((labels) => lookup.find(Labels.fromPairs(labels.pairs())))).toEqual([1, 2, 3, 4]);
  });

  it('does not find, nor take away, what is not there', () => {
    const lookup = new SeriesLookup(() => undefined);
    lookup.delete(labelsOf(1));
    expect(lookup.find(labelsOf(1))).toBeUndefined();
    expect(lookup.size).toBe(0);
  });
});
