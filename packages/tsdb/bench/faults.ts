/** The fault campaign; see e2e/acceptance/fault-campaign.ts. Usage: node bench/faults.ts writes every harms seed [folder [keep [short|long [from]]]] */
import { type CampaignReport, runCampaign } from '../test/faults/campaign.ts';
import { REGIMES } from '../test/faults/recording.ts';

const [writes = 10_000, every = 1, harms = 3, seed = 1] = process.argv.slice(2, 6).map(Number);

function tell(report: CampaignReport): void {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  console.log(JSON.stringify({ ...report, heapUsed, rss }));
}

const [folder, keep, run = 'short', from = '0'] = process.argv.slice(6);
if (run !== 'short' && run !== 'long') throw new Error(`a run is short or long, not ${run}`);
const regime = REGIMES[run];
tell(
  await runCampaign({ seed, regime, writes, from: Number(from), every, harms, folder, keep, progress: tell }),
);
