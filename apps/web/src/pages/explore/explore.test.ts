import type { ExplainNode } from '@watchroom/contract';
import { parseExpr } from '@watchroom/promql/parser';
import { describe, expect, it } from 'vitest';
import type { InstantSample } from '../../api/index.ts';
import { chartLines, namesOf } from './chart-lines.ts';
import { explainRows, millis } from './explain-rows.ts';
import {
  type ExploreState,
  MOST_QUERIES,
  newQuery,
  parseStep,
  readExploreState,
  typeOf,
  withLive,
  writeExploreState,
  zoomedOut,
  zoomedTo,
} from './explore-state.ts';
import { type ExportSeries, fileName, instantCsv, instantJson, rangeCsv, rangeJson } from './export.ts';
import {
  chosen,
  countLabels,
  matchingMetrics,
  metricEntries,
  narrowed,
  recipesOf,
  recipeText,
  selectorText,
} from './metric-browser.ts';
import {
  cleared,
  forgotten,
  found,
  MOST_REMEMBERED,
  parseHistory,
  remembered,
  starred,
} from './query-history.ts';
import { withResolution } from './resolution.ts';
import { EVERYTHING, isDrawn, isolated, switched } from './selection.ts';
import { seriesName, tellingLabels } from './series-names.ts';
import { faultOf, markedLine, markOf } from './server-position.ts';
import { summaryOf } from './summary.ts';
import { labelColumns, sortSamples } from './table-rows.ts';
import { unitOfQuery } from './unit-of-query.ts';

const sample = (labels: Record<string, string>, value: number): InstantSample => ({
  labels,
  value,
  text: String(value),
  timeMs: 0,
});

const STATE: ExploreState = {
  queries: [
    { ...newQuery('sum by (a) (up{b="c"})\n+ 1'), legend: '{{a}}: b, c', colour: 3 },
    { ...newQuery('up'), off: true, selection: { kind: 'only', names: new Set(['{a="1, 2"}', 'x:y']) } },
    { ...newQuery('down & out'), selection: { kind: 'hide', names: new Set(['A']) } },
  ],
  range: { kind: 'last', windowMs: 3_600_000 },
  tab: 'table',
  type: 'both',
  step: 15_000,
  stacked: true,
  exemplars: false,
  all: true,
};

describe('the URL of Explore', () => {
  it('comes back as it was written, other parameters stay', () => {
    const text = writeExploreState(new URLSearchParams('theme=dark'), STATE).toString();
    expect(readExploreState(new URLSearchParams(text))).toEqual(STATE);
    expect(text).toContain('theme=dark');
  });

  it('is short for one plain query, as links from other pages write it', () => {
    const read = readExploreState(new URLSearchParams('query=up'));
    expect(read.queries).toEqual([newQuery('up')]);
    expect(writeExploreState(new URLSearchParams('query=old'), read).toString()).toBe('query=up');
  });

  it('takes nonsense for nothing', () => {
    const read = readExploreState(
      new URLSearchParams(
        'query=&query=+&tab=x&type=y&step=nope&range=z&colour=A:9&only=Q:a&hide=a&legend=&off=,',
      ),
    );
    expect(read).toMatchObject({ queries: [], tab: 'graph', type: undefined, step: 'auto' });
    const many = new URLSearchParams(Array.from({ length: 40 }, (_, i) => ['query', `q${i}`]));
    expect(readExploreState(many).queries).toHaveLength(MOST_QUERIES);
  });

  it('asks for a range as a graph and for an instant as a table, unless it says otherwise', () => {
    expect(typeOf({ tab: 'graph', type: undefined })).toBe('range');
    expect(typeOf({ tab: 'table', type: undefined })).toBe('instant');
    expect(typeOf({ tab: 'table', type: 'both' })).toBe('both');
  });

  it('stops and starts with the same length', () => {
    expect(withLive({ kind: 'absolute', fromMs: 0, toMs: 60_000 }, true)).toEqual({
      kind: 'live',
      windowMs: 60_000,
    });
    expect(withLive({ kind: 'live', windowMs: 60_000 }, false)).toEqual({ kind: 'last', windowMs: 60_000 });
  });

  it('zooms into what was dragged over, and out to twice as much that does not reach beyond now', () => {
    expect(zoomedTo(90_000.4, 30_000)).toEqual({ kind: 'absolute', fromMs: 30_000, toMs: 90_000 });
    expect(zoomedTo(50_000, 50_001)).toEqual({ kind: 'absolute', fromMs: 45_001, toMs: 55_001 });
    expect(zoomedOut({ kind: 'live', windowMs: 60_000 }, 0)).toEqual({ kind: 'live', windowMs: 120_000 });
    expect(zoomedOut({ kind: 'absolute', fromMs: 100_000, toMs: 200_000 }, 210_000)).toEqual({
      kind: 'absolute',
      fromMs: 10_000,
      toMs: 210_000,
    });
  });

  it('has a step that is a duration of a second or more', () => {
    expect(['15s', '1m30s', '500ms', 'x', ''].map(parseStep)).toEqual([
      15_000,
      90_000,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('resolution', () => {
  const range = { kind: 'fixed', fromMs: 0, toMs: 3_600_000, stepMs: 15_000 } as const;

  it('is denser, coarser or as written, on the grid of its step', () => {
    expect(withResolution(range, 'auto')).toBe(range);
    expect(withResolution(range, 'fine').stepMs).toBeLessThan(range.stepMs);
    expect(withResolution(range, 'coarse').stepMs).toBeGreaterThan(range.stepMs);
    expect(withResolution(range, 7000)).toEqual({ ...range, stepMs: 7000, toMs: 3_605_000 });
  });

  it('never asks for more points than the API gives', () => {
    const year = { ...range, toMs: 365 * 86_400_000 };
    const { fromMs, toMs, stepMs } = withResolution(year, 1000) as typeof range;
    expect((toMs - fromMs) / stepMs).toBeLessThanOrEqual(11_000);
  });
});

describe('the series drawn', () => {
  it('are all, one, or all but some', () => {
    expect(isDrawn(EVERYTHING, 'a')).toBe(true);
    const one = isolated(EVERYTHING, 'a');
    expect(['a', 'b'].map((name) => isDrawn(one, name))).toEqual([true, false]);
    expect(isolated(one, 'a')).toBe(EVERYTHING);
    const two = switched(one, 'b');
    expect(['a', 'b', 'c'].map((name) => isDrawn(two, name))).toEqual([true, true, false]);
    const hidden = switched(EVERYTHING, 'a');
    expect(isDrawn(hidden, 'a')).toBe(false);
    expect(switched(hidden, 'a')).toBe(EVERYTHING);
  });
});

describe('the history of queries', () => {
  const entry = (query: string, starred = false) => ({ query, atMs: 1, starred });

  it('has each once, the newest first, its star kept', () => {
    const history = remembered([entry('a'), entry('b', true)], ' b ', 7);
    expect(history).toEqual([{ query: 'b', atMs: 7, starred: true }, entry('a')]);
    expect(remembered(history, '  ', 8)).toBe(history);
  });

  it('has an end, and stars outlast it', () => {
    let history = starred(remembered([], 'first', 0), 'first');
    for (let i = 0; i < 3 * MOST_REMEMBERED; i++) history = remembered(history, `q${i}`, i);
    expect(history).toHaveLength(MOST_REMEMBERED + 1);
    expect(history.at(-1)).toMatchObject({ query: 'first', starred: true });
    expect(cleared(history).map(({ query }) => query)).toEqual(['first']);
    expect(forgotten(history, 'first')).toHaveLength(MOST_REMEMBERED);
  });

  it('is found by words in any order, and by stars', () => {
    const history = [entry('sum(rate(http_requests_total[1m]))'), entry('up', true)];
    expect(found(history, 'HTTP sum', false)).toEqual([history[0]]);
    expect(found(history, '', true)).toEqual([history[1]]);
  });

  it('is read as it was stored, also by older versions, and empty when it cannot be read', () => {
    expect([parseHistory(null), parseHistory('{'), parseHistory('{"a":1}')]).toEqual([[], [], []]);
    expect(parseHistory('["up", 3, {"query": 1}]')).toEqual([{ query: 'up', atMs: 0, starred: false }]);
    expect(parseHistory(JSON.stringify([entry('a', true)]))).toEqual([entry('a', true)]);
  });
});

describe('files', () => {
  const times = [0, 15_000, 30_000];
  const series: readonly ExportSeries[] = [
    { labels: { __name__: 'up', job: 'a,"b"' }, values: [1, Number.NaN, Number.POSITIVE_INFINITY] },
    { labels: { job: 'c' }, values: [0.1, Number.NaN, Number.NaN] },
  ];

  it('of a range have a row per time and a column per series, quoted after RFC 4180', () => {
    expect(rangeCsv(times, series).split('\r\n')).toEqual([
      'time,"up{job=""a,""b""""}","{job=""c""}"',
      '1970-01-01T00:00:00.000Z,1,0.1',
      '1970-01-01T00:00:30.000Z,+Inf,',
      '',
    ]);
  });

  it('of an instant have a column per label; what a spreadsheet would run is only text', () => {
    const samples = [sample({ __name__: 'up', job: '=1+1' }, -2)];
    expect(instantCsv(samples)).toBe("time,__name__,job,value\r\n1970-01-01T00:00:00.000Z,up,'=1+1,-2\r\n");
  });

  it('in JSON have the shape of the query API', () => {
    expect(JSON.parse(rangeJson('up', times, series))).toMatchObject({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            values: [
              [0, '1'],
              [30, '+Inf'],
            ],
          },
          { values: [[0, '0.1']] },
        ],
      },
    });
    expect(JSON.parse(instantJson('up', [sample({ a: 'b' }, 3)])).data.result).toEqual([
      { metric: { a: 'b' }, value: [0, '3'] },
    ]);
    expect(fileName('A', Date.UTC(2026, 0, 2, 3, 4, 5), 'csv')).toBe('watchroom-A-20260102T030405Z.csv');
  });
});

describe('lines of a chart', () => {
  const series = [3, 1, 2].map((value) => ({ labels: { n: String(value) }, values: [value, Number.NaN] }));

  it('are those with the highest newest values, in the order of their names', () => {
    const names = namesOf(
      series.map(({ labels }) => labels),
      '',
    );
    expect(chartLines(series, names, 2).map(({ name }) => name)).toEqual(['{n="2"}', '{n="3"}']);
    expect(chartLines(series, names, 2, 7).map(({ colour }) => colour)).toEqual([
      'var(--series-8)',
      'var(--series-1)',
    ]);
  });

  it('are named by the template, alike ones with a number', () => {
    expect(
      namesOf(
        [
          { a: 'x', b: '1' },
          { a: 'x', b: '2' },
        ],
        '{{ a }} {{nope}}',
      ),
    ).toEqual(['x ', 'x  (2)']);
  });

  it('have the unit that metric and functions promise', () => {
    const units = [
      ['http_request_duration_seconds_sum', 'seconds'],
      ['sum by (a) (rate(http_requests_total[1m]))', 'perSecond'],
      ['rate(net_bytes_total[1m])', 'bytesPerSecond'],
      ['histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))', 'seconds'],
      ['count(x_seconds)', 'short'],
      ['a_bytes / b_bytes', 'short'],
      ['max_over_time(a_bytes[5m]) + 1', 'bytes'],
      ['sum(', 'short'],
    ] as const;
    for (const [query, unit] of units) expect(unitOfQuery(query), query).toBe(unit);
  });

  it('are summed up without their gaps', () => {
    expect(summaryOf([Number.NaN, 2, 4, Number.NaN])).toEqual({
      last: 4,
      min: 2,
      mean: 3,
      max: 4,
      points: 2,
    });
    expect(summaryOf([]).mean).toBeNaN();
  });
});

describe('the metric browser', () => {
  const metadata = { lat_seconds: [{ type: 'histogram', help: 'How long it took.', unit: '' }] };
  const entries = metricEntries(['up', 'lat_seconds_bucket', 'b_total'], metadata);

  it('knows parts of a histogram by their family, and units by the name', () => {
    expect(entries[1]).toEqual({
      name: 'lat_seconds_bucket',
      type: 'histogram',
      help: 'How long it took.',
      unit: 'seconds',
    });
    expect(matchingMetrics(entries, 'LONG', '').map(({ name }) => name)).toEqual(['lat_seconds_bucket']);
    expect(matchingMetrics(entries, '', 'unknown').map(({ name }) => name)).toEqual(['b_total', 'up']);
  });

  it('counts series by value and narrows them by what was chosen', () => {
    const series: readonly Record<string, string>[] = [{ a: '1', b: 'x' }, { a: '1', b: 'y' }, { a: '2' }];
    expect(countLabels(series)[0]).toEqual({
      name: 'a',
      values: [
        { value: '1', series: 2 },
        { value: '2', series: 1 },
      ],
    });
    const choice = chosen(chosen(new Map(), 'a', '1'), 'b', 'y');
    expect(narrowed(series, choice)).toEqual([series[1]]);
    expect(chosen(choice, 'b', 'y').has('b')).toBe(false);
  });

  it('writes selectors that parse, whatever the names and values are', () => {
    let choice = chosen(new Map(), 'path', '/a.b"c');
    expect(selectorText('up', choice)).toBe('up{path="/a.b\\"c"}');
    choice = chosen(choice, 'path', 'x|y');
    for (const name of ['up', 'http.server.duration']) {
      const expr = parseExpr(
        recipeText('rate', selectorText(name, chosen(choice, 'my.label', '1')), entries[2]!),
      );
      expect(expr.type).toBe('call');
    }
  });

  it('offers what people ask of a type', () => {
    expect(recipesOf(entries[1]!)[0]).toBe('p99');
    expect(recipesOf(entries[2]!)[0]).toBe('rate');
    expect(recipeText('p99', 'x_bucket', entries[1]!)).toContain('histogram_quantile(0.99');
  });
});

describe('the explained tree', () => {
  const node = (name: string, totalMs: number, ownMs: number, children: ExplainNode[] = []): ExplainNode => ({
    ...{ expr: name, span: { start: 0, end: 1 }, type: 'call', name, valueType: 'vector' },
    ...{ series: 1, samples: 1, totalMs, ownMs, children },
  });

  it('is a list of rows with depth and share, without what is folded', () => {
    const tree = node('a', 10, 2, [node('b', 8, 8, []), node('c', 0, 0)]);
    const rows = explainRows(tree, new Set());
    expect(rows.map(({ path, depth, share }) => [path, depth, share])).toEqual([
      ['0', 0, 0.2],
      ['0.0', 1, 0.8],
      ['0.1', 1, 0],
    ]);
    expect(explainRows(tree, new Set(['0']))).toHaveLength(1);
    expect([0.123, 4.56, 234.5].map(millis)).toEqual(['0.12', '4.6', '235']);
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
    const at = (line: number, column: number) => ({ line, column, message: '' });
    expect(markOf('sum(\n  foo bar)', at(2, 7))).toEqual({ from: 11, to: 14 });
    expect(markOf('sum(up', at(1, 7))).toEqual({ from: 5, to: 6 });
    expect(markedLine('sum(\n  foo bar)', at(2, 7))).toBe('  foo bar)\n      ^^^');
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
