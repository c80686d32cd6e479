import { expect, test } from 'vitest';
import { QueryFuzz } from './query-fuzz.ts';

test('mutated queries fail with our own errors only', async () => {
  const fuzz = new QueryFuzz(20_261_126);
  await fuzz.run(6000);
  expect(fuzz.tally.broken).toEqual([]);
  expect(fuzz.tally.answered).toBeGreaterThan(500);
  expect(fuzz.tally.failed).toBeGreaterThan(500);
});
