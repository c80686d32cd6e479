/**
 * A million mutated remote write bodies of both versions into a real store: no crash, no answer but those of the
 * specification, no body that takes long, memory flat. A process of its own takes them, so that a hang is seen from outside.
 */
import { join } from 'node:path';
import { type FuzzReport, isHeapFlat, runFuzz } from './lib/fuzz-child.ts';
import { Options } from './lib/options.ts';
import { measure, ROOT } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/fuzz-remote-write.ts [--count 1000000] [--seed 1] [--every 50000]
Mutates messages with samples, histograms, exemplars and metadata, and the blocks around them. Memory is told after a
collection each --every bodies, when the store is closed and a new one opened.
`;
const SLOWEST_MS = 2000;

const options = Options.read(HELP, { count: '1000000', seed: '1', every: '50000' });

interface Report extends FuzzReport {
  readonly bodies: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly broken: readonly { readonly body: string; readonly type: string; readonly what: string }[];
}

const args = ['seed', 'count', 'every'].map((name) => String(options.number(name)));

await measure(async () => {
  const reports = await runFuzz<Report>({
    command: [join(ROOT, 'apps/server/bench/fuzz-remote-write.ts'), ...args],
    done: ({ bodies }) => bodies,
    count: options.number('count'),
    what: 'bodies',
  });
  const last = reports.at(-1)!;
  const { bodies, byStatus, samples, histograms, exemplars, slowestMs, broken } = last;
  printTable(
    ['bodies', 'answers by status', 'samples', 'histograms', 'exemplars', 'slowest ms', 'broken'],
    [
      [
        bodies,
        JSON.stringify(byStatus),
        samples,
        histograms,
        exemplars,
        slowestMs.toFixed(0),
        broken.length,
      ].map(String),
    ],
  );
  for (const { body, type, what } of broken) console.log(`${type}\n  ${body}\n  ${what}`);
  return broken.length === 0 && slowestMs <= SLOWEST_MS && isHeapFlat(reports);
});
