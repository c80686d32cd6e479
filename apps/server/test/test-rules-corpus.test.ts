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

/** Half of the corpus' time, and of no other kind than the rest; `bin/watchroom test-rules` runs them too. */
const LONG = new Set([
  'blackbox-mixin/tests.yaml',
  'wikimedia/team-sre/gitlab_test.yaml',
  'wikimedia/team-wmcs/cloudvirt_test.yaml',
  'konflux/pipeline_deadlock_crashloop_test.yaml',
  'wikimedia/team-search-platform/cirrussearch_k8s_test.yaml',
  'kubernetes-mixin/tests/kube_scheduler-test.yaml',
  'wikimedia/team-o11y/sloth_test.yaml',
  'wikimedia/team-data-persistence/sessionstore-resources_test.yaml',
]);

describe('the corpus of rule tests', () => {
  const folder = corpusFolder('rule-tests');
  const verdicts: Verdict[] = folder ? JSON.parse(readFileSync(join(folder, 'EXPECT.json'), 'utf8')) : [];
  it.each(verdicts.filter(({ file }) => !LONG.has(file)))('$file: $expect', async (verdict) => {
    const { status, stderr } = await printedBy(() => testRulesCommand([join(folder!, verdict.file)]));
    expect(verdict.expect === 'pass' ? stderr : status).toBe(verdict.expect === 'pass' ? '' : 1);
  });

  it('is read where it is present', () => {
    expect(folder === undefined || verdicts.length > 0).toBe(true);
  });
});
