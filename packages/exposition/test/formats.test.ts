/** The formats line by line: what is accepted, what is refused, and with which words. */

import { seededRandom } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { DecimalReader } from '../src/decimal.ts';
import { ACCEPT, negotiate, ScrapeParser, validateOpenMetrics } from '../src/index.ts';
import { normalFloat } from '../src/series-labels.ts';
import { record } from './recording-sink.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parseText = (text: string) => record(new ScrapeParser(), encode(text), 'text/plain');
const parseOpenMetrics = (text: string) =>
  record(new ScrapeParser(), encode(text), 'application/openmetrics-text');

describe('text format', () => {
  test.each([
    ['a 1', '[["__name__","a"]] undefined 1'],
    ['a{b="c",} 2 3\n', '[["__name__","a"],["b","c"]] 3 2'],
    ['a { b = "c" } \t2\n', '[["__name__","a"],["b","c"]] undefined 2'],
    ['a{b="x\\\\\\"\\n"} 1\n', '[["__name__","a"],["b","x\\\\\\"\\n"]] undefined 1'],
    ['{"my.metric", "l.1"="v"} 1\n', '[["__name__","my.metric"],["l.1","v"]] undefined 1'],
    ['a{b=""} -0\n', '[["__name__","a"]] undefined -0'],
    ['a nAn\n', '[["__name__","a"]] undefined NaN'],
    ['a -iNfinity\n', '[["__name__","a"]] undefined -Infinity'],
    [
      '# TYPE a histogram\na_bucket{le="1000000"} 1\n',
      '[["__name__","a_bucket"],["le","1e+06"]] undefined 1',
    ],
    ['# TYPE a summary\na{quantile="0"} 1\n', '[["__name__","a"],["quantile","0.0"]] undefined 1'],
  ])('%j', (body, call) => {
    const { result, calls } = parseText(body);
    expect(result.fatal).toBeUndefined();
    expect(calls).toEqual([call]);
  });

  test('a bad line is reported with its number, and the others are read', () => {
    const { result, calls } = parseText('a 1\nb one\n\nc{ 1\nd 4\n');
    expect(calls).toHaveLength(2);
    expect(result.errors.map((error) => [error.line, error.text])).toEqual([
      [2, 'b one'],
      [4, 'c{ 1'],
    ]);
    expect(result.fatal).toBe(result.errors[0]);
  });

  test('errors are counted beyond those listed', () => {
    const { result } = parseText('!\n'.repeat(100));
    expect([result.errors.length, result.errorCount]).toEqual([10, 100]);
  });

  test('a repeated series counts once, unless it has a time of its own', () => {
    const { result, calls } = parseText('a 1\na 2\na 3 7\n');
    expect([result.samples, result.duplicates, calls.length]).toEqual([3, 1, 2]);
  });

  test('a repeated label name is refused', () => {
    expect(parseText('a{b="1",b="2"} 1\n').result.fatal?.message).toBe(
      'label name "b" is not unique: invalid sample',
    );
  });
});

describe('OpenMetrics', () => {
  test('exemplars, timestamps in seconds, units', () => {
    const { result, calls } = parseOpenMetrics(
      '# TYPE a_s counter\n# UNIT a_s s\na_s_total 1 12.3456 # {id="x"} 2 3.5\na_s_created 5\n# EOF\n',
    );
    expect(calls).toEqual([
      '[["__name__","a_s_total"]] 12345 1',
      'exemplar [["__name__","a_s_total"]] {id="x"} 2 3500',
      '[["__name__","a_s_created"]] undefined 5',
    ]);
    expect(result.metadata.get('a_s')).toEqual({ type: 'counter', help: '', unit: 's' });
  });

  test('the end must be marked', () => {
    expect(parseOpenMetrics('a 1\n').result.fatal?.message).toBe('data does not end with # EOF');
    expect(parseOpenMetrics('a 1\n# EOF').result.fatal).toBeUndefined();
  });

  test('the strict reading names the line', () => {
    const body = '# TYPE a counter\na_total 1\na_total{b="c"} -1\n# EOF\n';
    expect(validateOpenMetrics(encode(body)).map(({ line, message }) => [line, message])).toEqual([
      [3, 'a_total counts, and is -1'],
    ]);
  });
});

describe('negotiation', () => {
  test('asks for OpenMetrics first', () => {
    expect(ACCEPT.startsWith('application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,')).toBe(
      true,
    );
  });

  test.each([
    ['text/plain; version=0.0.4; charset=utf-8', undefined, 'text'],
    ['application/openmetrics-text; version=0.0.1', undefined, 'openmetrics'],
    ['text/html', undefined, undefined],
    [undefined, undefined, undefined],
    [undefined, 'PrometheusText0.0.4', 'text'],
    ['text/html', 'OpenMetricsText1.0.0', 'openmetrics'],
  ] as const)('%s with fallback %s is %s', (contentType, fallback, format) => {
    expect(negotiate(contentType, fallback).format).toBe(format);
  });

  test('an answer of no known type fails with a reason', () => {
    const { result } = record(new ScrapeParser(), encode('<html>'), 'text/html');
    expect(result.fatal?.message).toContain('unsupported Content-Type "text/html"');
  });
});

describe('numbers', () => {
  test('decimals are those of Number, to the bit', () => {
    const random = seededRandom(7);
    const reader = new DecimalReader();
    const digits = (n: number): string => Array.from({ length: n }, () => Math.floor(random() * 10)).join('');
    for (let i = 0; i < 20_000; i++) {
      const point = random() < 0.7 ? `.${digits(Math.floor(random() * 20))}` : '';
      const exponent =
        random() < 0.4 ? `e${random() < 0.5 ? '-' : '+'}${digits(1 + Math.floor(random() * 2))}` : '';
      const text = `${random() < 0.2 ? '-' : ''}${digits(1 + Math.floor(random() * 20))}${point}${exponent}`;
      const bytes = encode(`${text}\n`);
      const value = reader.read(bytes, 0, bytes.length);
      expect([reader.end, value, text]).toEqual([text.length, Number(text), text]);
    }
  });

  test.each([
    ['1', '1.0'],
    ['0.50', '0.5'],
    ['999999', '999999.0'],
    ['4194304', '4.194304e+06'],
    ['0.00001', '1e-05'],
    ['-0', '-0.0'],
    ['inf', '+Inf'],
    ['abc', 'abc'],
  ])('%s in le becomes %s', (text, normal) => {
    expect(normalFloat(text)).toBe(normal);
  });
});
