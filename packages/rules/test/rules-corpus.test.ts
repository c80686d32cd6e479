import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, it } from 'vitest';
import { parseRuleFile } from '../src/index.ts';

interface Verdict {
  readonly 'promtool_3.5.3': 'ok' | 'refused';
  readonly rules?: number;
}

describe('the rule file corpus', () => {
  const folder = corpusFolder('rules-parse');
  const verdicts: [string, Verdict][] = folder
    ? Object.entries(JSON.parse(readFileSync(join(folder, 'EXPECT.json'), 'utf8')))
    : [];
  it.each(verdicts)('%s', (file, verdict) => {
    const { groups, problems } = parseRuleFile(readFileSync(join(folder!, file), 'utf8'), file);
    const errors = problems
      .filter((problem) => problem.severity === 'error')
      .map((problem) => `${problem.line}: ${problem.message}`);
    if (verdict['promtool_3.5.3'] === 'refused') {
      expect(errors.length).toBeGreaterThan(0);
      expect(groups).toEqual([]);
    } else {
      expect(errors).toEqual([]);
      if (verdict.rules !== undefined)
        expect(groups.flatMap((group) => group.rules).length).toBe(verdict.rules);
    }
  });
  it('is read where it is present', () => {
    expect(folder === undefined || verdicts.length > 0).toBe(true);
  });
});
