import { describe, expect, it } from 'vitest';
import { AnchoredPattern, Matcher, PatternError } from '../src/index.ts';

const CASES: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] =
  [
    ['api', ['api'], ['apis', 'xapi', '']],
    ['', [''], ['a']],
    ['a|b|', ['a', 'b', ''], ['ab', 'c']],
    ['(a|b)', ['a', 'b'], ['(a', 'ab']],
    ['api.*', ['api', 'api-1'], ['xapi']],
    ['api.+', ['api-1'], ['api']],
    ['.*api', ['api', 'x api'], ['apis']],
    ['.+', ['a', 'line\nbreak'], ['']],
    ['.*', ['', 'a\nb'], []],
    ['.*a.*', ['a', 'xax'], ['b']],
    ['.+a.+', ['xax'], ['a', 'ax']],
    ['(?i)API', ['api', 'Api'], ['apis']],
    ['ab?c', ['ac', 'abc'], ['abbc']],
    ['5..', ['500', '5\n1'], ['50', '5000']],
    ['a.b', ['a\nb'], ['ab']],
    ['\\d{3}', ['123'], ['12', '1234']],
    ['a|b.c', ['a', 'bxc'], ['axc']],
  ];

describe('AnchoredPattern', () => {
  it.each(CASES)('%j', (pattern, matching, other) => {
    const compiled = new AnchoredPattern(pattern);
    for (const value of matching) expect(compiled.matches(value), value).toBe(true);
    for (const value of other) expect(compiled.matches(value), value).toBe(false);
  });

  it.each(['(', 'a)(b', '[', '*', '(?=a)', '(a)\\1'])('refuses %j, which RE2 refuses', (pattern) => {
    expect(() => new AnchoredPattern(pattern)).toThrow(PatternError);
  });

  it('takes linear time where a backtracking engine takes exponential time', () => {
    expect(new AnchoredPattern('(a+)+b').matches('a'.repeat(5000))).toBe(false);
  });

  it('gives groups by number and name', () => {
    const found = new AnchoredPattern('(?P<host>[^:]+):(\\d+)?').exec('web:');
    expect(found?.groups).toEqual(['web:', 'web', '']);
    expect(found?.named['host']).toBe(1);
  });
});

describe('Matcher', () => {
  it('treats an absent label as empty', () => {
    expect(new Matcher('a', '!=', 'x').matchesEmpty).toBe(true);
    expect(new Matcher('a', '=~', '.+').matchesEmpty).toBe(false);
    expect(new Matcher('a', '!~', '.+').matchesEmpty).toBe(true);
  });
});
