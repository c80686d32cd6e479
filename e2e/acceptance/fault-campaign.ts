/**
 * Criterion 10 of the store: at every write of a run, a copy of the folder is torn, loses its power, gets flipped bits, zeroed
 * pages, cut and missing files, and is opened. It must open, serve no value that nobody wrote and nothing that was deleted, have
 * what is promised (docs/formats/store.md, "What is lost when"), report every loss, go on, stop or be killed in turns, and open
 * again with what it has.
 */
import { join } from 'node:path';
import { type FuzzReport, runFuzz } from './lib/fuzz-child.ts';
import { Options } from './lib/options.ts';
import { measure, ROOT } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/fault-campaign.ts [--run short|long] [--writes 10000] [--every 1] [--harms 3] [--seed 1] [--folder /dev/shm]
  [--keep DIR]
The short run is some minutes of many samples, the long one a week of few, with aggregates and deletions.
Of each boundary that is looked at (one in --every): a torn write, a flipped bit, and --harms - 2 harms by lot. The short form:
--writes 500 --every 5. A --folder in memory is several times as fast as one on a disk. Of each case that is against the promise
the harmed folder is put into DIR.
`;

interface Tally {
  readonly cases: number;
  readonly withLoss: number;
  readonly lostSamples: number;
  readonly faults: number;
}

interface Report extends FuzzReport {
  readonly writes: number;
  readonly cases: number;
  readonly byKind: Readonly<Record<string, Tally>>;
  readonly faults: readonly string[];
}

const options = Options.read(HELP, {
  run: 'short',
  writes: '10000',
  every: '1',
  harms: '3',
  seed: '1',
  folder: '/dev/shm',
  keep: '',
});
const args = ['writes', 'every', 'harms', 'seed'].map((name) => String(options.number(name)));

await measure(async () => {
  const reports = await runFuzz<Report>({
    command: [
      join(ROOT, 'packages/tsdb/bench/faults.ts'),
      ...args,
      ...['folder', 'keep', 'run'].map((name) => options.text(name)),
    ],
    done: ({ writes }) => writes,
    count: options.number('writes'),
    what: 'writes',
  });
  const { writes, cases, byKind, faults } = reports.at(-1)!;
  printTable(
    ['harm', 'cases', 'with loss', 'samples lost', 'against the promise'],
    Object.entries(byKind).map(([kind, { cases, withLoss, lostSamples, faults }]) => [
      kind,
      cases,
      withLoss,
      lostSamples,
      faults,
    ]),
  );
  for (const fault of faults) console.log(fault);
  console.log(`${writes} writes, ${cases} folders opened`);
  return faults.length === 0;
});
