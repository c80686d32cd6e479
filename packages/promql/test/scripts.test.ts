import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { runTestScript } from '../src/test-script/index.ts';
import { parseSeries } from '../src/test-script/series-line.ts';

const OWN = join(import.meta.dirname, '../testdata');

function scripts(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.test'));
}

describe('own scripts', () => {
  test.each(scripts(OWN))('%s', async (name) => {
    const result = await runTestScript(readFileSync(join(OWN, name), 'utf8'), name);
    expect(result.failures).toEqual([]);
    expect(result.malformed).toBeUndefined();
    expect(result.evals).toBeGreaterThan(5);
    expect(result.passed).toBe(result.statements);
  });

  test('a wrong expectation fails', async () => {
    const wrong =
      'load 1m\n  a 1\n\neval instant at 0 a\n  a 2\n\neval instant at 0 a\n  b 1\n\neval instant at 0 a\n  expect warn\n  a 1\n';
    const result = await runTestScript(wrong, 'wrong');
    expect(result).toMatchObject({ evals: 3, passed: 0 });
    expect(result.failures.map(({ line }) => line)).toEqual([4, 7, 10]);
  });

  test('a scalar and an expected message end a block', async () => {
    const text = `load 1m
  a 1
  b 1
  eval_seconds 0

eval instant at 0 1
  1
eval instant at 0 2
  1
eval_fail instant at 0 abs({__name__=~"a|b"})
  expected_fail_message vector cannot contain metrics with the same labelset
eval instant at 0 a
  a 1
`;
    const result = await runTestScript(text, 'ends');
    expect(result).toMatchObject({ statements: 4, evals: 4, passed: 3, failures: [{ line: 8 }] });
  });

  test('a line that is not of the language is told', async () => {
    const result = await runTestScript('load 1m\n  a 1 x\n', 'bad');
    expect(result).toMatchObject({ evals: 0, malformed: { line: 2, message: 'bad value "x"' } });
  });
});

const folder = corpusFolder('promql');

describe.skipIf(!folder)('shared scripts', () => {
  test.each(folder ? scripts(folder) : ['none'])('%s', async (name) => {
    const text = readFileSync(join(folder!, name), 'utf8');
    const { statements, evals, failures, malformed } = await runTestScript(text, name);
    expect({ evals, failures, malformed }).toEqual({ evals: statements, failures: [], malformed: undefined });
  });
});

test('the notation of series', () => {
  const notes = corpusFolder('promql-parse');
  if (!notes) return;
  const cases: readonly { input: string; fail?: boolean; labels?: object; values?: unknown[] }[] = JSON.parse(
    readFileSync(join(notes, 'series-description.json'), 'utf8'),
  );
  for (const { input, fail, labels, values } of cases) {
    if (fail) {
      expect(() => parseSeries(input), input).toThrow();
      continue;
    }
    const series = parseSeries(input);
    const shown = series.values.map((value) => value ?? '_');
    expect({ input, labels: series.labels.toObject(), values: shown }).toEqual({ input, labels, values });
  }
});
