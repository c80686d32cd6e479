import { Labels } from '@watchroom/model';
import { describe, expect, it } from 'vitest';
import { readSeriesList } from '../src/disk/series-text.ts';

const SETS = [
  [7, ['__name__', 'instance'], ['up', 'a:80']],
  [8, ['__name__', 'instance'], ['up', 'b:80']],
  [900_719_925_474, ['__name__', 'le'], ['quoted "x" \\ \n', '中文 \u{1f600} \ud800']],
  [9, [], []],
  [10, ['__name__', 'list'], ['up', '],[["a"]']],
] as const;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const pairs = (labels: readonly Labels[]): unknown => labels.map(({ names, values }) => [names, values]);
const wanted = SETS.map(([, names, values]) => [names, values]);

describe('a list of series on disk', () => {
  it('is read as it was written, with refs and without', () => {
    const list = readSeriesList(bytesOf(JSON.stringify(SETS)), true);
    expect(list.refs).toEqual(SETS.map(([ref]) => ref));
    expect(pairs(list.labels)).toEqual(wanted);
    const layout = readSeriesList(bytesOf(JSON.stringify(wanted)), false);
    expect(layout.refs).toEqual([]);
    expect(pairs(layout.labels)).toEqual(wanted);
    expect(readSeriesList(bytesOf('[]'), true)).toEqual({ refs: [], labels: [] });
  });

  it('shares texts and lists of names', () => {
    const { labels } = readSeriesList(bytesOf(JSON.stringify(SETS)), true);
    expect(labels[1]!.names).toBe(labels[0]!.names);
    expect(labels[3]).toBe(Labels.EMPTY);
  });

  it('is read when another writer has put it differently', () => {
    const list = readSeriesList(bytesOf(JSON.stringify(SETS, undefined, 1)), true);
    expect(list.refs).toEqual(SETS.map(([ref]) => ref));
    expect(pairs(list.labels)).toEqual(wanted);
  });

  for (const text of [
    '',
    '[',
    '{}',
    '[1]',
    '[[1]]',
    '[[1,["a"]]]',
    '[[1,["a"],[2]]]',
    '[[1,["a"],["b"]]',
    '[[1,["a"],["b"]]]]',
    '[[1,["a"],["b"]],]',
    '[[1,["a"],["\\q"]]]',
    '[[1,["a\u0001"],["b"]]]',
    '[[1,["a"],["b]]',
  ])
    it(`is refused when it is none: ${JSON.stringify(text)}`, () => {
      expect(() => readSeriesList(bytesOf(text), true)).toThrow();
    });
});
