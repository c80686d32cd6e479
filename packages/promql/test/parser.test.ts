import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser as editorGrammar } from '@prometheus-io/lezer-promql';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import {
  formatExpr,
  formatPretty,
  ParseError,
  parseExpr,
  selectorsOf,
  valueTypeOf,
} from '../src/parser/index.ts';

function problemOf(text: string, experimental = true): ParseError | undefined {
  try {
    parseExpr(text, { experimental });
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

describe('errors', () => {
  test.each([
    ['', 'unknown position: parse error: no expression found in input'],
    ['sum(', '1:5: parse error: unclosed left parenthesis'],
    ['a + ', '1:5: parse error: unexpected end of input'],
    ['a{b=1}', "1:5: parse error: unexpected character inside braces: '1'"],
    [
      'rate(a)',
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['nope(a)', '1:1: parse error: unknown function with name "nope"'],
    [
      'sum by (x a) (b)',
      '1:11: parse error: unexpected identifier "a" in grouping opts, expected "," or ")"',
    ],
    ['a[9999999y]', '1:3: parse error: duration out of range'],
    ['a * on (x) group_left on b', '1:23: parse error: unexpected <on> in grouping opts, expected "("'],
    ['é + 1', "1:1: parse error: unexpected character: 'é'"],
    ['"é" +\n  foo bar', '2:7: parse error: unexpected identifier "bar"'],
  ])('%j', (text, message) => {
    expect(problemOf(text)?.message).toBe(message);
  });

  test('experimental syntax is refused when it is off', () => {
    expect(problemOf('mad_over_time(a[5m])', false)?.reason).toBe('function "mad_over_time" is not enabled');
    const disabled = 'parse error: experimental duration expression is not enabled';
    expect(problemOf('a[5m+1m]', false)?.message).toBe(`1:3: ${disabled}`);
    expect(problemOf('a[(5m)]', false)?.message).toBe(`1:4: ${disabled}`);
    expect(problemOf('a offset ((5m)+1m)', false)?.message).toBe(`1:12: ${disabled}`);
    expect(problemOf('a[-5m] offset -5m', false)?.message).not.toContain('experimental');
    expect(problemOf('a[5m+1m]')).toBeUndefined();
  });

  test('deep nesting is an error, not a crash', () => {
    expect(problemOf('('.repeat(50_000))).toBeDefined();
    expect(problemOf(`${'-'.repeat(50_000)}1`)?.reason ?? 'fine').toMatch(/nested|fine/);
  });
});

describe('trees', () => {
  test.each([
    ['2^3^2', '2 ^ 3 ^ 2'],
    ['-1^2', '-1 ^ 2'],
    ['sum(a)by(b)', 'sum by (b) (a)'],
    ['a{x!="1",c=\'d\'}[5m]offset 1h@5', 'a{c="d",x!="1"}[5m] @ 5.000 offset 1h'],
    ['{"my.name", "b c"="1"}', '{"b c"="1","my.name"}'],
    ['a*on(b)group_left c', 'a * on (b) group_left () c'],
    ['rate(a[1h:30s])', 'rate(a[1h:30s])'],
  ])('%s is printed as %s', (text, printed) => {
    expect(formatExpr(parseExpr(text))).toBe(printed);
    expect(formatExpr(parseExpr(printed))).toBe(printed);
  });

  test('precedence', () => {
    const expr = parseExpr('1 + 2 * 3 == bool 7');
    expect(expr).toMatchObject({ op: '==', lhs: { op: '+', rhs: { op: '*' } } });
    expect(valueTypeOf(expr)).toBe('scalar');
    expect(parseExpr('-1 ^ 2')).toMatchObject({ type: 'unary', expr: { op: '^' } });
  });

  test('selectors tell what a query reads', () => {
    const expr = parseExpr(
      'sum(rate(a{x="1"}[5m] offset 1m)) / max_over_time({__name__=~"b.*"}[1h:] offset 2m)',
    );
    expect(selectorsOf(expr)).toMatchObject([
      { metricName: 'a', rangeMs: 300_000, offsetMs: 60_000, func: 'rate' },
      {
        metricName: undefined,
        rangeMs: 0,
        offsetMs: 120_000,
        subqueryRangeMs: 3_600_000,
        func: 'max_over_time',
      },
    ]);
  });

  test('long expressions are split', () => {
    const label = 'x'.repeat(50);
    const printed = formatPretty(
      parseExpr(`sum(rate(a{l="${label}"}[5m])) / sum(rate(b{l="${label}"}[5m]))`),
    );
    expect(printed).toBe(`  sum(rate(a{l="${label}"}[5m]))\n/\n  sum(rate(b{l="${label}"}[5m]))`);
  });
});

interface ParseCase {
  readonly input?: string;
  readonly ok: boolean;
  readonly errors?: readonly { readonly message: string; readonly start: number; readonly end: number }[];
}

/** The editor's grammar does not know what Prometheus' parser takes here. */
const EDITOR_REFUSES: ReadonlySet<string> = new Set(['5.', 'offset{step="1s"}[5m]', 'foo @ 3.']);

describe('shared cases', () => {
  const folder = corpusFolder('promql-parse');
  const read = <T>(name: string): T[] => (folder ? JSON.parse(readFileSync(join(folder, name), 'utf8')) : []);

  test('verdicts, texts and positions of parse.json', () => {
    for (const { input, ok, errors } of read<ParseCase>('parse.json')) {
      if (input === undefined) continue;
      const problem = problemOf(input);
      const first = errors?.[0];
      const got = problem && { message: problem.reason, start: problem.startOffset, end: problem.endOffset };
      expect({ input, got }).toEqual({ input, got: ok ? undefined : first });
    }
  });

  test("the editor's grammar takes what is valid", () => {
    for (const { input, ok } of read<ParseCase>('parse.json')) {
      if (input === undefined || !ok || EDITOR_REFUSES.has(input)) continue;
      let refused = false;
      editorGrammar.parse(input).iterate({
        enter: (node) => {
          if (node.type.isError) refused = true;
        },
      });
      expect({ input, refused }).toEqual({ input, refused: false });
    }
  });

  test('format.json', () => {
    const cases = read<{ expr: string; formatted: string }>('format.json');
    const wrong = cases.filter(
      ({ expr, formatted }) => formatPretty(parseExpr(expr, { experimental: true })) !== formatted,
    );
    expect(wrong.map(({ expr }) => expr)).toEqual([]);
  });
});
