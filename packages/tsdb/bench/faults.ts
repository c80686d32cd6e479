/** The fault campaign; see e2e/acceptance/fault-campaign.ts. Usage: node bench/faults.ts writes every harms seed [folder [keep]] */
import { type CampaignReport, runCampaign } from '../test/faults/campaign.ts';

const [writes = 10_000, every = 1, harms = 3, seed = 1] = process.argv.slice(2, 6).map(Number);

function tell(report: CampaignReport): void {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  console.log(JSON.stringify({ ...report, heapUsed, rss }));
}

const [folder, keep] = process.argv.slice(6);
tell(await runCampaign({ writes, every, harms, seed, folder, keep, progress: tell }));
