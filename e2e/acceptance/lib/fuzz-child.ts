/** A process that takes mutated input, watched from outside: it tells a line of JSON now and then, and must not go silent. */
import { createInterface } from 'node:readline';
import { start } from './process.ts';

/** Without a line for so long the process hangs. */
const SILENCE_MS = 180_000;
export const MIB = 1024 ** 2;
/** What the heap may grow by between the first report and the last. */
const GROWTH_BYTES = 16 * MIB;

export interface FuzzReport {
  readonly slowestMs: number;
  readonly heapUsed: number;
  readonly rss: number;
}

export interface FuzzOptions<Report> {
  /** Script and arguments, for a Node that can collect garbage on request. */
  readonly command: readonly string[];
  readonly input?: string;
  /** How much a report says is done, and what it has to say beside memory and time. */
  readonly done: (report: Report) => number;
  readonly count: number;
  readonly what: string;
}

/** All reports, each printed; throws when the process ends early or hangs. */
export async function runFuzz<Report extends FuzzReport>(options: FuzzOptions<Report>): Promise<Report[]> {
  const one = start(process.execPath, ['--expose-gc', ...options.command]);
  if (options.input !== undefined) one.child.stdin!.end(options.input);
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
    const { heapUsed, rss, slowestMs } = report;
    const memory = `heap ${(heapUsed / MIB).toFixed(1)} MiB, RSS ${(rss / MIB).toFixed(0)} MiB`;
    console.log(`${options.done(report)} ${options.what}: ${memory}; slowest ${slowestMs.toFixed(0)} ms`);
  }
  clearTimeout(guard);
  const last = reports.at(-1);
  if (!last || options.done(last) !== options.count) {
    const how = `exit code ${one.child.exitCode}, signal ${one.child.signalCode}`;
    throw new Error(`ended early or hung (${how}):\n${one.output()}`);
  }
  return reports;
}

/** Says how much the heap has grown, and whether that may be. */
export function isHeapFlat(reports: readonly FuzzReport[]): boolean {
  const growth = reports.at(-1)!.heapUsed - reports[0]!.heapUsed;
  console.log(`heap ${(growth / MIB).toFixed(1)} MiB more at the end than after the first report`);
  return growth <= GROWTH_BYTES;
}
