import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runCampaign } from './faults/campaign.ts';
import { REGIMES } from './faults/recording.ts';

const folder = existsSync('/dev/shm') ? '/dev/shm' : undefined;

/** The long forms: e2e/acceptance/fault-campaign.ts. */
it('opens whatever a kill, a loss of power or damage leaves, serves no wrong value and reports each loss', async () => {
  const report = await runCampaign({
    seed: 7,
    regime: REGIMES.short,
    writes: 300,
    every: 15,
    harms: 4,
    folder,
  });
  expect(report.faults).toEqual([]);
  expect(report.cases).toBeGreaterThan(40);
  // The harms do harm; of each kind there are too few here to say that some of them did.
  const withLoss = Object.values(report.byKind).reduce((sum, tally) => sum + tally.withLoss, 0);
  expect(withLoss).toBeGreaterThan(4);
});

it('keeps its promises of aggregates and deletions, too', async () => {
  const report = await runCampaign({
    seed: 7,
    regime: REGIMES.long,
    writes: 1_000,
    from: 800,
    every: 12,
    harms: 3,
    folder,
  });
  expect(report.faults).toEqual([]);
  expect(report.cases).toBeGreaterThan(40);
});
