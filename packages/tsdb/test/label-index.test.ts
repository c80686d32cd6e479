import { Labels, Matcher, type SeriesRef } from '@watchroom/model';
import { seededRandom } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { LabelIndex } from '../src/label-index.ts';
import { ManyRefs, numbersOf, type Refs, withRef } from '../src/ref-list.ts';

const MATCHERS: readonly (readonly Matcher[])[] = [
  [],
  [new Matcher('common', '=', 'c')],
  [new Matcher('few', '=', 'f3')],
  [new Matcher('common', '=', 'c'), new Matcher('half', '!=', 'h0')],
  [new Matcher('half', '=~', 'h0|h1|h1|none')],
  [new Matcher('half', '=~', 'h.*'), new Matcher('few', '!~', 'f[0-4]')],
  [new Matcher('single', '=~', 's1.*')],
  [new Matcher('single', '=', '')],
  [new Matcher('none', '=', 'x')],
];

describe('the index of labels', () => {
  it('finds what looking at each series finds, as series come and go', () => {
    const random = seededRandom(8);
    const known = new Map<SeriesRef, Labels>();
    const index = new LabelIndex((ref) => known.get(ref));
    let ref = 0;
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 150; i++) {
        ref += 1 + Math.floor(random() * 2);
        const labels = Labels.fromObject({
          common: 'c',
          half: `h${ref % 2}`,
          few: `f${Math.floor(random() * 40)}`,
          single: random() < 0.2 ? `s${ref}` : '',
        });
        known.set(ref, labels);
        index.add(ref, labels);
      }
      const gone = new Map([...known].filter(([one]) => random() < (one % 2 === 0 ? 0.9 : 0.2)));
      for (const one of gone.keys()) known.delete(one);
      index.remove(gone);
      for (const matchers of MATCHERS) {
        const wanted = [...known].filter(([, labels]) =>
          matchers.every((matcher) => matcher.matches(labels.get(matcher.name))),
        );
        expect(index.find(matchers), matchers.join()).toEqual(wanted.map(([one]) => one));
      }
      const counted = [...index.valuesOf('half')].map(([value, { length }]) => [value, length]);
      expect(counted.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(known.size);
    }
  });
});

describe('a list of refs', () => {
  it('is the same in both kinds of room', () => {
    let refs: Refs | undefined;
    for (let ref = 1; ref <= 500; ref++) {
      const before = refs;
      refs = withRef(refs, ref * 3);
      expect(refs instanceof ManyRefs).toBe(ref >= 64);
      if (before instanceof ManyRefs) expect(refs).toBe(before);
      expect(numbersOf(refs)).toHaveLength(ref);
      expect(numbersOf(refs)[ref - 1]).toBe(ref * 3);
    }
    if (!(refs instanceof ManyRefs)) throw new Error('few');
    expect([refs.some((ref) => ref === 1_500), refs.some((ref) => ref === 1_501)]).toEqual([true, false]);
    refs.keep((ref) => ref % 9 === 0);
    expect([...refs.view]).toEqual(Array.from({ length: 166 }, (_, i) => (i + 1) * 9));
    refs.push(2_000);
    expect([refs.length, refs.view[166]]).toEqual([167, 2_000]);
    refs.keep(() => false);
    refs.push(7);
    refs.push(8);
    expect([...refs.view]).toEqual([7, 8]);
  });
});
