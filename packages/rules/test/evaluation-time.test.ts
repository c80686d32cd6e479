import { describe, expect, it } from 'vitest';
import { evaluationOffset, evaluationTime } from '../src/index.ts';
import { xxhash64 } from '../src/xxhash64.ts';

describe('evaluationOffset', () => {
  // Times at which a Prometheus 3.5.3 evaluated groups of a rule file that it knew as rules/slo.yml.
  it.each([
    ['watchroom-slo', 2000, 1_795_449_077_236],
    ['g2', 7000, 1_795_449_083_710],
    ['third group', 5000, 1_795_449_078_894],
  ])('puts %s where Prometheus does', (name, intervalMs, timeMs) => {
    const offsetMs = evaluationOffset('rules/slo.yml', name, intervalMs);
    expect(evaluationTime(timeMs, intervalMs, offsetMs)).toBe(timeMs);
    expect(evaluationTime(timeMs - 1, intervalMs, offsetMs)).toBe(timeMs - intervalMs);
  });

  it('takes names longer than a byte counts', () => {
    const offsetMs = evaluationOffset(`/${'long/'.repeat(100)}`, 'g', 60_000);
    expect(offsetMs).toBeGreaterThanOrEqual(0);
    expect(offsetMs).toBeLessThan(60_000);
  });
});

describe('xxhash64', () => {
  // From the reference implementation.
  it.each([
    ['', 'ef46db3751d8e999'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
  ])('hashes %j', (text, hash) => {
    expect(xxhash64(new TextEncoder().encode(text)).toString(16)).toBe(hash);
  });
});
