import { seededRandom } from '@watchroom/testkit';
import { expect, it } from 'vitest';
import { tempFolder } from './helpers.ts';
import { killRound } from './kill-round.ts';

it('loses nothing older than 2 s when the process is killed, again and again on one folder', async () => {
  const random = seededRandom(11);
  const dir = tempFolder();
  for (let round = 1; round <= 3; round++) {
    const load = { targets: 5, series: 50, everyMs: 50, chunkRows: 20 };
    const result = await killRound(dir, load, 600 + random() * 1200);
    expect(result.committed).toBeGreaterThan(5);
    expect(result.oldestLostMs).toBeLessThanOrEqual(2000);
    expect(result.problems).toEqual([]);
  }
}, 60_000);
