/** Kills an ingesting process again and again. Usage: node bench/kill.ts [rounds=20] [targets=50] [series=500] */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@watchroom/testkit';
import { killRound } from '../test/kill-round.ts';

const [rounds = 20, targets = 50, series = 500] = process.argv.slice(2).map(Number);
const random = seededRandom(42);
const dir = mkdtempSync(join(tmpdir(), 'watchroom-kill-'));
let worstLostMs = 0;
let worstOpenMs = 0;
for (let round = 1; round <= rounds; round++) {
  const killAfterMs = 500 + random() * 2500;
  const result = await killRound(dir, { targets, series, everyMs: 1000, chunkRows: 120 }, killAfterMs);
  worstLostMs = Math.max(worstLostMs, result.oldestLostMs);
  worstOpenMs = Math.max(worstOpenMs, result.openMs);
  console.log(
    `${String(round).padStart(3)} committed ${result.committed}, lost ${result.lost} ` +
      `(oldest ${result.oldestLostMs} ms before the kill), open ${result.openMs.toFixed(0)} ms, ` +
      `problems ${result.problems}`,
  );
}
console.log(`worst: loss of the last ${worstLostMs} ms, open ${worstOpenMs.toFixed(0)} ms`);
rmSync(dir, { recursive: true });
