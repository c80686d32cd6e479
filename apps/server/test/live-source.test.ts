import { describe, expect, it } from 'vitest';
import { feedFilterOf } from '../src/live-source.ts';

const namesOf = (query: string) => feedFilterOf(query).selectors.map(({ metricName }) => metricName);

describe('what feeds a live query', () => {
  it('is known by name, also where names stand in a regular expression', () => {
    expect(namesOf('rate(a_total[1m]) / b')).toEqual(['a_total', 'b']);
    expect(namesOf('limitk(1, max_over_time(a[step()]))')).toEqual(['a']);
    expect(namesOf('{__name__=~"svc:p50|svc:p99",service!=""}')).toEqual(['svc:p50', 'svc:p99']);
  });

  it('may be anything where the names cannot be listed', () => {
    expect(namesOf('{__name__=~"svc:.*"}')).toEqual([undefined]);
    expect(namesOf('{__name__!~"a|b",job="x"}')).toEqual([undefined]);
    expect(namesOf('{__name__=~"a|",job="x"}')).toEqual([undefined]);
  });

  it('keeps the labels that must be equal with each name', () => {
    const { selectors } = feedFilterOf('{__name__=~"a|b",service="order",zone!="z"}');
    expect(selectors.map(({ equals }) => equals)).toEqual([[['service', 'order']], [['service', 'order']]]);
  });
});
