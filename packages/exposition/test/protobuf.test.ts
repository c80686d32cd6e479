/** The protobuf format: what comes out of each metric type, what is refused, and that nothing throws. */

import {
  bucket,
  delimited,
  exemplar,
  type Field,
  family,
  join,
  label,
  message,
  seededRandom,
  span,
  time,
  varint,
} from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { acceptHeader, ScrapeParser, type ScrapeParserOptions } from '../src/index.ts';
import { RecordingSink, record } from './recording-sink.ts';

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

const parse = (families: readonly (readonly Field[])[], options: ScrapeParserOptions = {}) =>
  record(new ScrapeParser(options), delimited(families), PROTOBUF);

const CLASSIC: readonly Field[] = [
  label('path', '/'),
  [
    7,
    'message',
    [
      [1, 'uint', 5],
      [2, 'double', 2.5],
      bucket(0.1, 1, exemplar(3, 'a', 0.05)),
      bucket(1, 4, exemplar(3, 'b', 0.5, 7)),
    ],
  ],
];

const NATIVE: readonly Field[] = [
  [
    7,
    'message',
    [
      [1, 'uint', 12],
      [2, 'double', 3],
      bucket(1, 12, exemplar(3, 'c', 0.5, 9), exemplar(3, 'untimed', 0.5)),
      [5, 'sint', -1],
      [6, 'double', 1e-3],
      [7, 'uint', 2],
      span(9, 0, 1),
      [10, 'sint', 1],
      span(12, -3, 2),
      span(12, 1, 1),
      [13, 'packed sint', [3, 0, 0]],
      time(15, 1),
    ],
  ],
];

describe('metric types', () => {
  test('counters, gauges and untyped metrics are one series each', () => {
    const { result, calls } = parse([
      family('c_total', 0, [
        [
          label('b', '2'),
          label('a', '1'),
          [3, 'message', [[1, 'double', 3], exemplar(2, 'x', 1, 4), time(3, 1)]],
        ],
      ]),
      family('g', 1, [
        [
          [2, 'message', [[1, 'double', -0.5]]],
          [6, 'uint', 1234],
        ],
      ]),
      family('u', 3, [[[5, 'message', [[1, 'double', Number.NaN]]]]]),
    ]);
    expect(calls).toEqual([
      '[["__name__","c_total"],["a","1"],["b","2"]] undefined 3',
      'exemplar [["__name__","c_total"],["a","1"],["b","2"]] {trace_id="x"} 1 4500',
      '[["__name__","g"]] 1234 -0.5',
      '[["__name__","u"]] undefined NaN',
    ]);
    expect([result.format, result.samples, result.fatal]).toEqual(['protobuf', 3, undefined]);
    expect(result.metadata.get('u')).toEqual({ type: 'unknown', help: 'Help of u.', unit: '' });
  });

  test('a summary has count, sum and quantiles', () => {
    const quantile = (q: number, v: number): Field => [
      3,
      'message',
      [
        [1, 'double', q],
        [2, 'double', v],
      ],
    ];
    const summary: Field = [
      4,
      'message',
      [[1, 'uint', 2 ** 40], [2, 'double', 9], quantile(0.5, 1), quantile(1, 2)],
    ];
    expect(parse([family('s', 2, [[summary]])]).calls).toEqual([
      `[["__name__","s_count"]] undefined ${2 ** 40}`,
      '[["__name__","s_sum"]] undefined 9',
      '[["__name__","s"],["quantile","0.5"]] undefined 1',
      '[["__name__","s"],["quantile","1.0"]] undefined 2',
    ]);
  });

  test('a classic histogram gets its +Inf bucket; exemplars stand at their buckets', () => {
    expect(parse([family('h', 4, [CLASSIC])]).calls).toEqual([
      '[["__name__","h_count"],["path","/"]] undefined 5',
      '[["__name__","h_sum"],["path","/"]] undefined 2.5',
      '[["__name__","h_bucket"],["le","0.1"],["path","/"]] undefined 1',
      'exemplar [["__name__","h_bucket"],["le","0.1"],["path","/"]] {trace_id="a"} 0.05 undefined',
      '[["__name__","h_bucket"],["le","1.0"],["path","/"]] undefined 4',
      'exemplar [["__name__","h_bucket"],["le","1.0"],["path","/"]] {trace_id="b"} 0.5 7500',
      '[["__name__","h_bucket"],["le","+Inf"],["path","/"]] undefined 5',
    ]);
  });

  test('a native histogram: deltas added up, spans kept, exemplars without a time left out', () => {
    const { calls, result } = parse([family('n', 4, [NATIVE])], { nativeHistograms: true });
    expect(JSON.parse(calls[0]!.slice(calls[0]!.indexOf(' {')))).toEqual({
      schema: -1,
      zeroThreshold: 1e-3,
      zeroCount: 2,
      count: 12,
      sum: 3,
      positiveSpans: [
        { offset: -3, length: 2 },
        { offset: 1, length: 1 },
      ],
      positiveBuckets: [3, 3, 3],
      negativeSpans: [{ offset: 0, length: 1 }],
      negativeBuckets: [1],
      customBounds: [],
      resetHint: 'unknown',
    });
    expect(calls.slice(1)).toEqual([]);
    expect(result.samples).toBe(1);
  });

  test('exemplars of a native histogram come in order of time', () => {
    const own = [exemplar(16, 'late', 1, 9), exemplar(16, 'none', 1), exemplar(16, 'early', 2, 3)];
    const histogram: Field = [7, 'message', [span(12, 0, 0), ...own]];
    const { calls } = parse([family('n', 4, [[histogram]])], { nativeHistograms: true });
    expect(calls.slice(1)).toEqual([
      'exemplar [["__name__","n"]] {trace_id="early"} 2 3500',
      'exemplar [["__name__","n"]] {trace_id="late"} 1 9500',
    ]);
  });

  test('a float histogram, a gauge histogram', () => {
    const float: Field = [
      7,
      'message',
      [[4, 'double', 1.5], [8, 'double', 0.5], span(12, 4, 3), [14, 'packed double', [0.5, 0, 0.5]]],
    ];
    const { calls } = parse([family('f', 5, [[float]])], { nativeHistograms: true });
    expect(calls[0]).toContain('"positiveSpans":[{"offset":4,"length":1},{"offset":1,"length":1}]');
    expect(calls[0]).toContain('"positiveBuckets":[0.5,0.5]');
    expect(calls[0]).toContain('"resetHint":"gauge"');
  });

  test('native histograms are classic ones where they are off, and both where both are asked for', () => {
    const names = (options: ScrapeParserOptions): string[] =>
      parse([family('n', 4, [NATIVE])], options)
        .calls.filter((call) => !call.startsWith('exemplar'))
        .map((call) => call.split('"')[3]!);
    expect(names({})).toEqual(['n_count', 'n_sum', 'n_bucket', 'n_bucket']);
    expect(names({ nativeHistograms: true, classicHistograms: true })).toEqual([
      'n',
      'n_count',
      'n_sum',
      'n_bucket',
      'n_bucket',
    ]);
  });
});

describe('refusals', () => {
  const gauge = (...labels: readonly Field[]): readonly Field[] => [
    ...labels,
    [2, 'message', [[1, 'double', 1]]],
  ];
  test.each<[string, readonly Field[], string]>([
    ['no name', family('', 1, [gauge()]), 'invalid metric name'],
    ['an unknown type', family('a', 9, [gauge()]), 'unknown metric type 9'],
    ['a nameless label', family('a', 1, [gauge(label('', 'x'))]), 'invalid label name'],
    [
      'a label twice',
      family('a', 1, [gauge(label('b', 'x'), label('b', 'y'))]),
      'label name "b" is not unique: invalid sample',
    ],
    [
      'bytes that are no text',
      family('a', 1, [
        gauge([
          1,
          'message',
          [
            [1, 'text', 'b'],
            [2, 'bytes', Uint8Array.of(255)],
          ],
        ]),
      ]),
      'invalid label value',
    ],
    [
      'a foreign unit',
      family('a_s', 1, [gauge()], [[5, 'text', 'm']]),
      'unit "m" not a suffix of metric "a_s"',
    ],
    ['a wrong wire type', [...family('a', 1, []), [4, 'uint', 1]], 'wrong wireType = 0 for field 4'],
    ['a value that is cut', family('a', 1, [[[2, 'bytes', Uint8Array.of(9, 0)]]]), 'unexpected EOF'],
    [
      'spans that promise more',
      family('a', 4, [[[7, 'message', [span(12, 0, 4_000_000_000)]]]]),
      'spans need 4000000000 buckets, have 0 buckets',
    ],
    [
      'counts that do not add up',
      family('a', 4, [[[7, 'message', [[1, 'uint', 3], span(12, 0, 1), [13, 'sint', 1]]]]]),
      '1 observations found in buckets, but the Count field is 3',
    ],
  ])('%s', (_what, bad, problem) => {
    const { result, calls } = parse([bad, family('good', 1, [gauge()])], { nativeHistograms: true });
    expect(result.errors).toHaveLength(1);
    expect(result.fatal?.message).toContain(problem);
    expect(calls).toEqual(['[["__name__","good"]] undefined 1']);
  });

  test('a length beyond the body ends the reading', () => {
    const whole = delimited([family('a', 1, [gauge()])]);
    const { result } = record(new ScrapeParser(), join([whole, varint(99), Uint8Array.of(1)]), PROTOBUF);
    expect([result.samples, result.fatal?.message]).toEqual([
      1,
      'message 2: insufficient length of buffer, expected at least 99 bytes, got 1 bytes',
    ]);
  });

  test('groups within groups end at a depth', () => {
    const nested = Uint8Array.from({ length: 100_000 }, () => 0x0b);
    const { result } = record(new ScrapeParser(), join([varint(nested.length), nested]), PROTOBUF);
    expect(result.errorCount).toBe(1);
  });
});

describe('from scrape to scrape', () => {
  const FAMILIES = [
    family('c_total', 0, [
      [label('a', '1'), [3, 'message', [[1, 'double', 3]]]],
      [label('a', '2'), [3, 'message', [[1, 'double', 4]]]],
    ]),
    family('h', 4, [CLASSIC]),
    family('n', 4, [NATIVE]),
  ];

  test('a series is resolved once; the layout may change', () => {
    const parser = new ScrapeParser();
    const sink = new RecordingSink();
    const first = record(parser, delimited(FAMILIES), PROTOBUF, sink);
    const resolved = sink.labels.length;
    const again = record(parser, delimited(FAMILIES), PROTOBUF, sink);
    expect([again.result.sameSeries, again.calls, sink.labels.length]).toEqual([true, first.calls, resolved]);
    expect(again.result.metadata).toBe(first.result.metadata);
    const turned = record(parser, delimited(FAMILIES.toReversed()), PROTOBUF, sink);
    expect([turned.calls.toSorted(), sink.labels.length]).toEqual([first.calls.toSorted(), resolved]);
    const fewer = record(parser, delimited(FAMILIES.slice(1)), PROTOBUF, sink);
    expect([fewer.result.sameSeries, fewer.result.metadata.size]).toEqual([false, 2]);
  });

  test('a repeated series counts as a duplicate', () => {
    const { result, calls } = parse([FAMILIES[0]!, FAMILIES[0]!]);
    expect([result.samples, result.duplicates, calls.length]).toEqual([4, 2, 2]);
  });

  test('a warm parser equals a cold one on mutated bodies, and never throws', () => {
    const random = seededRandom(11);
    const original = delimited(FAMILIES);
    const options = { nativeHistograms: true, classicHistograms: true };
    const sink = new RecordingSink();
    const warm = new ScrapeParser(options);
    for (let i = 0; i < 1500; i++) {
      const body = mutated(original, random);
      const cold = record(new ScrapeParser(options), body, PROTOBUF);
      const { result, calls } = record(warm, body, PROTOBUF, sink);
      expect([calls, result.samples, result.errors]).toEqual([
        cold.calls,
        cold.result.samples,
        cold.result.errors,
      ]);
    }
  });
});

function mutated(original: Uint8Array, random: () => number): Uint8Array {
  const body = Uint8Array.from(original);
  const at = (): number => Math.floor(random() * body.length);
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) body[at()] = Math.floor(random() * 256);
  if (random() < 0.2) return body.slice(0, at());
  if (random() < 0.1) return join([body, body.slice(at())]);
  return body;
}

describe('classic histograms to custom buckets', () => {
  const TEXT = `# TYPE h histogram
h_bucket{le="1"} 2
h_bucket{le="2.5"} 2
h_bucket{le="+Inf"} 3
h_sum 4
h_count 3
# TYPE other gauge
other 1
`;
  const convert = (text: string, options: ScrapeParserOptions = {}) =>
    record(
      new ScrapeParser({ classicToCustomBuckets: true, ...options }),
      new TextEncoder().encode(text),
      'text/plain',
    );

  test('the lines of a histogram become one sample', () => {
    const { calls, result } = convert(TEXT);
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatch(/^histogram \[\["__name__","h"\]\] undefined/);
    expect(calls[0]).toContain('"customBounds":[1,2.5]');
    expect(calls[0]).toContain('"positiveBuckets":[2,1]');
    expect(calls[1]).toBe('[["__name__","other"]] undefined 1');
    expect(result.samples).toBe(2);
  });

  test('the classic series stay where they are asked for', () => {
    expect(convert(TEXT, { classicHistograms: true }).result.samples).toBe(7);
  });

  test('what does not add up is left out; series of another type stay', () => {
    expect(convert(TEXT.replace('h_count 3', 'h_count 9')).calls).toHaveLength(1);
    expect(convert(TEXT.replace('h histogram', 'h gauge')).calls).toHaveLength(6);
  });

  test('protobuf too, with the exemplars that have a time; native ones stay as they are', () => {
    const { calls } = parse([family('h', 4, [CLASSIC]), family('n', 4, [NATIVE])], {
      classicToCustomBuckets: true,
      nativeHistograms: true,
      classicHistograms: true,
    });
    const converted = calls.findIndex((call) => call.includes('"customBounds":[0.1,1]'));
    expect(calls[converted]).toContain('"positiveBuckets":[1,3,1]');
    expect(calls[converted + 1]).toBe('exemplar [["__name__","h"],["path","/"]] {trace_id="b"} 0.5 7500');
    expect(calls.filter((call) => call.startsWith('histogram'))).toHaveLength(2);
  });
});

test('protobuf is asked for with the weights of Prometheus', () => {
  expect(acceptHeader(['PrometheusText1.0.0', 'PrometheusProto'], 'underscores')).toBe(
    'text/plain;version=1.0.0;escaping=underscores;q=0.6,' +
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,*/*;q=0.4',
  );
  expect(message([])).toHaveLength(0);
});
