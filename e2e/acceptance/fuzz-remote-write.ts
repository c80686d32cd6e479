/**
 * A million mutated remote write bodies of both versions into a real store: no crash, no answer but those of the
 * specification, no body that takes long, memory flat. A process of its own takes them, so that a hang is seen from outside.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Options } from './lib/options.ts';
import { measure, ROOT, start } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/fuzz-remote-write.ts [--count 1000000] [--seed 1] [--every 50000]
Mutates messages with samples, histograms, exemplars and metadata, and the blocks around them. Memory is told after a
collection each --every bodies, when the store is closed and a new one opened.
`;
const SLOWEST_MS = 2000;
/** Without a line for so long the process hangs. */
const SILENCE_MS = 180_000;
const MIB = 1024 ** 2;
/** What the heap may grow by between the first report and the last. */
const GROWTH_BYTES = 16 * MIB;

const options = Options.read(HELP, { count: '1000000', seed: '1', every: '50000' });

interface Report {
  readonly bodies: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly slowestMs: number;
  readonly broken: readonly { readonly body: string; readonly type: string; readonly what: string }[];
  readonly heapUsed: number;
  readonly rss: number;
}

async function run(): Promise<Report[]> {
  const args = ['seed', 'count', 'every'].map((name) => String(options.number(name)));
  const script = join(ROOT, 'apps/server/bench/fuzz-remote-write.ts');
  const one = start(process.execPath, ['--expose-gc', script, ...args]);
  const reports: Report[] = [];
  let guard: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(guard);
    guard = setTimeout(() => one.child.kill('SIGKILL'), SILENCE_MS);
  };
  watch();
  for await (const line of createInterface({ input: one.child.stdout! })) {
    watch();
    const report = JSON.parse(line) as Report;
    reports.push(report);
    const memory = `heap ${(report.heapUsed / MIB).toFixed(1)} MiB, RSS ${(report.rss / MIB).toFixed(0)} MiB`;
    console.log(`${report.bodies} bodies: ${memory}; slowest ${report.slowestMs.toFixed(0)} ms`);
  }
  clearTimeout(guard);
  if (reports.at(-1)?.bodies !== options.number('count'))
    throw new Error(`ended early or hung:\n${one.output()}`);
  return reports;
}

await measure(async () => {
  const reports = await run();
  const [first, last] = [reports[0]!, reports.at(-1)!];
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
  const growth = last.heapUsed - first.heapUsed;
  console.log(`heap ${(growth / MIB).toFixed(1)} MiB more at the end than after the first report`);
  return broken.length === 0 && slowestMs <= SLOWEST_MS && growth <= GROWTH_BYTES;
});
