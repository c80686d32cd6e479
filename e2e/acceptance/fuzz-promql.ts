/**
 * A million mutated queries: no crash, no error that is not ours, no query past its deadline, memory flat. A process of its own
 * runs them against a small store, so that a hang is seen from outside.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { corpusFolder } from '@watchroom/testkit';
import { Options } from './lib/options.ts';
import { measure, ROOT, start } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/fuzz-promql.ts [--count 1000000] [--seed 1] [--every 50000]
Mutates queries (own ones, and those of the shared test scripts where they are present), parses and, when they parse,
evaluates each with a deadline of 250 ms and a budget of samples. Memory is told after a collection each --every queries.
`;
/** A query looks at its deadline now and then; on a busy machine it may be seen so much later. */
const SLOWEST_MS = 2000;
/** Without a line for so long the process hangs. */
const SILENCE_MS = 120_000;
const MIB = 1024 ** 2;
/** What the heap may grow by between the first report and the last. */
const GROWTH_BYTES = 16 * MIB;

const options = Options.read(HELP, { count: '1000000', seed: '1', every: '50000' });

interface Report {
  readonly queries: number;
  readonly parsed: number;
  readonly answered: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly overBudget: number;
  readonly slowestMs: number;
  readonly slowest: string;
  readonly broken: readonly { readonly query: string; readonly what: string }[];
  readonly heapUsed: number;
  readonly rss: number;
}

/** The expressions of the shared test scripts and of the parser's cases. */
function sharedQueries(): string[] {
  const scripts = corpusFolder('promql');
  const cases = corpusFolder('promql-parse');
  const out: string[] = [];
  for (const name of scripts ? readdirSync(scripts).filter((one) => one.endsWith('.test')) : []) {
    const text = readFileSync(join(scripts!, name), 'utf8');
    for (const match of text.matchAll(
      /^\s*eval\w*\s+(?:instant at \S+|range from \S+ to \S+ step \S+)\s+(.+)$/gm,
    ))
      out.push(match[1]!);
  }
  const parse = cases
    ? (JSON.parse(readFileSync(join(cases, 'parse.json'), 'utf8')) as { input?: string }[])
    : [];
  for (const { input } of parse) if (input !== undefined && input.length < 400) out.push(input);
  return out;
}

async function run(): Promise<Report[]> {
  const args = ['seed', 'count', 'every'].map((name) => String(options.number(name)));
  const one = start(process.execPath, ['--expose-gc', join(ROOT, 'packages/promql/bench/fuzz.ts'), ...args]);
  one.child.stdin!.end(JSON.stringify(sharedQueries()));
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
    const { queries, heapUsed, rss, timedOut, slowestMs } = report;
    const memory = `heap ${(heapUsed / MIB).toFixed(1)} MiB, RSS ${(rss / MIB).toFixed(0)} MiB`;
    console.log(
      `${queries} queries: ${memory}; ${timedOut} past the deadline, slowest ${slowestMs.toFixed(0)} ms`,
    );
  }
  clearTimeout(guard);
  if (reports.at(-1)?.queries !== options.number('count'))
    throw new Error(`ended early or hung:\n${one.output()}`);
  return reports;
}

await measure(async () => {
  const reports = await run();
  const [first, last] = [reports[0]!, reports.at(-1)!];
  const { broken, queries, parsed, answered, failed, timedOut, overBudget, slowestMs, slowest } = last;
  printTable(
    ['queries', 'parsed', 'answered', 'refused', 'past the deadline', 'over budget', 'broken'],
    [[queries, parsed, answered, failed, timedOut, overBudget, broken.length].map(String)],
  );
  console.log(`slowest ${slowestMs.toFixed(0)} ms: ${JSON.stringify(slowest)}`);
  for (const { query, what } of broken) console.log(`${JSON.stringify(query)}\n  ${what}`);
  const growth = last.heapUsed - first.heapUsed;
  console.log(`heap ${(growth / MIB).toFixed(1)} MiB more at the end than after the first report`);
  return broken.length === 0 && slowestMs <= SLOWEST_MS && growth <= GROWTH_BYTES;
});
