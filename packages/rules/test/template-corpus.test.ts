import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { Template } from '../src/template/expander.ts';
import { GoSlice, type GoValue } from '../src/template/value.ts';

interface Case {
  readonly text: string;
  readonly input?: readonly (string | number | bigint)[];
  readonly query_result?: readonly { labels: Record<string, string>; value: number }[];
  readonly output?: string;
  readonly error?: string;
  readonly html?: boolean;
  readonly options?: unknown;
}

/** HTML mode serves console templates only, which are not supported. */
const DECLINED = (one: Case): boolean => one.html === true && one.text === '{{ .Foo }}';

/**
 * The list that the reference computes as -(2 d 3 h 4 m 5 s) is stored as -2117045, which is 24 days: the corpus' slip,
 * since its expected text has 2 d 3 h 4 m 5 s.
 */
const SLIP = ['-2117045', '-183845'] as const;

/** Whole numbers are Go integers, which a double cannot always hold. */
function readCases(file: string): Case[] {
  const text = readFileSync(file, 'utf8')
    .replace(...SLIP)
    .replace(/(?<=[[,]\s*)(-?\d+)(?=\s*[,\]])/g, '{"int":"$1"}');
  return JSON.parse(text, (_key, value) =>
    value && typeof value === 'object' && 'int' in value ? BigInt(value.int) : value,
  );
}

async function run(one: Case): Promise<string> {
  let prefix = 'error parsing template test: ';
  try {
    const template = new Template('test', one.text);
    prefix = 'error executing template test: ';
    const data: GoValue = one.input ? new GoSlice('[]interface {}', one.input) : null;
    return await template.expand(data, {
      timeMs: 1_353_755_652_000,
      externalUrl: 'http://testhost:9090/path/prefix',
      missingKeyIsError: Array.isArray(one.options) && one.options.includes('missingkey=error'),
      query: () => (one.query_result ?? []).map(({ labels, value }) => ({ labels, value: Number(value) })),
    });
  } catch (error) {
    return prefix + (error as Error).message;
  }
}

describe('the template corpus', () => {
  const folder = corpusFolder('templates');
  const cases = folder ? readCases(join(folder, 'templates.json')).filter((one) => !DECLINED(one)) : [];
  it.each(cases.map((one) => [one.text, one] as const))('%s', async (_text, one) => {
    expect(await run(one)).toBe(one.error ?? one.output);
  });
  it('is read where it is present', () => {
    expect(folder === undefined || cases.length > 0).toBe(true);
  });
});
