import { describe, expect, it } from 'vitest';
import type { InstantSample } from '../../api/index.ts';
import {
  MOST_REMEMBERED,
  parseHistory,
  readExploreState,
  remembered,
  withLive,
  writeExploreState,
} from './explore-state.ts';
import { seriesName, tellingLabels } from './series-names.ts';
import { faultOf } from './server-position.ts';
import { labelColumns, sortSamples } from './table-rows.ts';

const sample = (labels: Record<string, string>, value: number): InstantSample => ({
  labels,
  value,
  text: String(value),
  timeMs: 0,
});

describe('the URL of Explore', () => {
  it('comes back as it was written', () => {
    const state = {
      query: 'sum by (a) (up{b="c"})\n+ 1',
      range: { kind: 'last', windowMs: 3_600_000 },
      tab: 'table',
    } as const;
    const text = writeExploreState(new URLSearchParams('theme=dark'), state).toString();
    expect(readExploreState(new URLSearchParams(text))).toEqual(state);
    expect(text).toContain('theme=dark');
  });

  it('stops and starts with the same length', () => {
    expect(withLive({ kind: 'absolute', fromMs: 0, toMs: 60_000 }, true)).toEqual({
      kind: 'live',
      windowMs: 60_000,
    });
    expect(withLive({ kind: 'live', windowMs: 60_000 }, false)).toEqual({ kind: 'last', windowMs: 60_000 });
  });
});

describe('the history of queries', () => {
  it('has each once, the newest first, and an end', () => {
    expect(remembered(['a', 'b'], ' b ')).toEqual(['b', 'a']);
    expect(remembered(['a'], '  ')).toEqual(['a']);
    const many = Array.from({ length: MOST_REMEMBERED }, (_, i) => `q${i}`);
    expect(remembered(many, 'new')).toHaveLength(MOST_REMEMBERED);
  });

  it('is empty when it cannot be read', () => {
    expect([parseHistory(null), parseHistory('{'), parseHistory('{"a":1}')]).toEqual([[], [], []]);
    expect(parseHistory('["up", 3]')).toEqual(['up']);
  });
});

describe('names of series', () => {
  it('leave out what all have in common', () => {
    const series = [
      { __name__: 'up', job: 'a', instance: '1' },
      { __name__: 'up', job: 'a', instance: '2' },
    ];
    const names = tellingLabels(series);
    expect(series.map((labels) => seriesName(labels, names))).toEqual(['{instance="1"}', '{instance="2"}']);
  });

  it('are as short as they can be, the most telling label first', () => {
    const series = [
      { cluster: 'a', instance: '1', job: 'x' },
      { cluster: 'a', instance: '1', job: 'y' },
      { cluster: 'b', instance: '2', job: 'x' },
      { cluster: 'b', instance: '3', job: 'x' },
    ];
    expect(tellingLabels(series)).toEqual(['instance', 'job']);
  });

  it('say all of a single series, and {} of none', () => {
    const one = { __name__: 'up', job: 'a' };
    expect(seriesName(one, tellingLabels([one]))).toBe('up{job="a"}');
    expect(seriesName({}, tellingLabels([{}]))).toBe('{}');
  });
});

describe('results', () => {
  it('find the position in the server’s words', () => {
    expect(faultOf('invalid parameter "query": 1:9: parse error: unclosed left parenthesis')).toEqual({
      line: 1,
      column: 9,
      message: 'parse error: unclosed left parenthesis',
    });
    expect(faultOf('query timed out')).toBeUndefined();
  });

  it('are tables of labels that sort by value with NaN last', () => {
    const samples = [
      sample({ b: '1' }, Number.NaN),
      sample({ a: '2', __name__: 'up' }, 1),
      sample({ a: '1' }, 3),
    ];
    expect(labelColumns(samples)).toEqual(['__name__', 'a', 'b']);
    const by = (descending: boolean) =>
      sortSamples(samples, { key: 'value', descending }).map(({ value }) => value);
    expect(by(true)).toEqual([3, 1, Number.NaN]);
    expect(by(false)).toEqual([1, 3, Number.NaN]);
  });
});
