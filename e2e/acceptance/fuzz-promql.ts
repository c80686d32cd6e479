/**
 * A million mutated queries: no crash, no error that is not ours, no query past its deadline, memory flat. A process of its own
 * runs them against a small store, so that a hang is seen from outside.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '@watchroom/testkit';
import { type FuzzReport, isHeapFlat, runFuzz } from './lib/fuzz-child.ts';
import { Options } from './lib/options.ts';
import { measure, ROOT } from './lib/process.ts';
import { printTable } from './lib/table.ts';

const HELP = `
node e2e/acceptance/fuzz-promql.ts [--count 1000000] [--seed 1] [--every 50000]
Mutates queries (own ones, and those of the shared test scripts where they are present), parses and, when they parse,
evaluates each with a deadline of 250 ms and a budget of samples. Memory is told after a collection each --every queries.
`;
/** A query looks at its deadline now and then; on a busy machine it may be seen so much later. */
const SLOWEST_MS = 2000;

const options = Options.read(HELP, { count: '1000000', seed: '1', every: '50000' });

interface Report extends FuzzReport {
  readonly queries: number;
  readonly parsed: number;
  readonly answered: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly overBudget: number;
  readonly slowest: string;
  readonly broken: readonly { readonly query: string; readonly what: string }[];
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

const args = ['seed', 'count', 'every'].map((name) => String(options.number(name)));

await measure(async () => {
  const reports = await runFuzz<Report>({
    command: [join(ROOT, 'packages/promql/bench/fuzz.ts'), ...args],
    input: JSON.stringify(sharedQueries()),
    done: ({ queries }) => queries,
    count: options.number('count'),
    what: 'queries',
  });
  const last = reports.at(-1)!;
  const { broken, queries, parsed, answered, failed, timedOut, overBudget, slowestMs, slowest } = last;
  printTable(
    ['queries', 'parsed', 'answered', 'refused', 'past the deadline', 'over budget', 'broken'],
    [[queries, parsed, answered, failed, timedOut, overBudget, broken.length].map(String)],
  );
  console.log(`slowest ${slowestMs.toFixed(0)} ms: ${JSON.stringify(slowest)}`);
  for (const { query, what } of broken) console.log(`${JSON.stringify(query)}\n  ${what}`);
  return broken.length === 0 && slowestMs <= SLOWEST_MS && isHeapFlat(reports);
});
