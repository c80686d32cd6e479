import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { testRulesCommand } from '../src/cli/test-rules.ts';
import { printedBy } from './rule-peer.ts';

interface Verdict {
  readonly file: string;
  readonly expect: 'pass' | 'fail';
}

/** One in eight of those that pass, for the time they take; `bin/watchroom test-rules` takes them all. */
const SHARE = 8;

describe('the corpus of rule tests', () => {
  const folder = corpusFolder('rule-tests');
  const verdicts: Verdict[] = folder ? JSON.parse(readFileSync(join(folder, 'EXPECT.json'), 'utf8')) : [];
  const chosen = verdicts.filter((verdict, i) => verdict.expect === 'fail' || i % SHARE === 0);
  it.each(chosen)('$file: $expect', async (verdict) => {
    const { status, stderr } = await printedBy(() => testRulesCommand([join(folder!, verdict.file)]));
    expect(verdict.expect === 'pass' ? stderr : status).toBe(verdict.expect === 'pass' ? '' : 1);
  });

  it('is read where it is present', () => {
    expect(folder === undefined || verdicts.length > 0).toBe(true);
  });
});
