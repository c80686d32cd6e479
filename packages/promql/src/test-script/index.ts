/** Runs Prometheus' test scripts (load, clear, eval) against the engine, with a storage of their own. */
import { AnchoredPattern } from '@watchroom/model';
import { Engine } from '../engine.ts';
import type { QueryResult } from '../result.ts';
import { type AtCase, atCases } from './at-cases.ts';
import { compareResult } from './compare.ts';
import { type EvalCommand, parseScript, ScriptError } from './script.ts';
import { ScriptStorage } from './storage.ts';

export { parseHistogram, writeHistogram } from './histogram-notation.ts';
export { type LoadCommand, parseScript, ScriptError } from './script.ts';
export { splitSeries } from './series-line.ts';
export { ScriptStorage } from './storage.ts';
export type { ScriptValue } from './values.ts';

export interface ScriptFailure {
  readonly file: string;
  readonly line: number;
  readonly query: string;
  readonly message: string;
}

export interface ScriptResult {
  /** Eval statements in the text, counted line by line, apart from the script's parser. */
  readonly statements: number;
  /** Eval statements run. Where they are fewer than `statements`, that is a failure too. */
  readonly evals: number;
  readonly passed: number;
  readonly failures: readonly ScriptFailure[];
  /** The line that is not of the language; nothing of such a script is run. */
  readonly malformed: ScriptFailure | undefined;
}

export async function runTestScript(text: string, file: string): Promise<ScriptResult> {
  const failures: ScriptFailure[] = [];
  const statements = countStatements(text);
  const storage = new ScriptStorage();
  const engine = new Engine({
    experimental: true,
    delayedNameRemoval: true,
    metadataLabels: true,
    startTimestamps: true,
  });
  let evals = 0;
  try {
    for (const command of parseScript(text)) {
      if (command.type === 'clear') storage.clear();
      else if (command.type === 'load') storage.load(command);
      else {
        evals++;
        const message = await runEval(engine, storage, command);
        if (message !== undefined) failures.push({ file, line: command.line, query: command.query, message });
      }
    }
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const malformed = { file, line: error.line, query: '', message: error.message };
    return { statements, evals, passed: evals - failures.length, failures, malformed };
  }
  const passed = evals - failures.length;
  if (evals !== statements) {
    const message = `${statements} eval statements in the text, ${evals} run`;
    failures.push({ file, line: 1, query: '', message });
  }
  return { statements, evals, passed, failures, malformed: undefined };
}

function countStatements(text: string): number {
  return text.split('\n').filter((line) => /^\s*eval(?:_\w+)?\s+(?:instant|range)\s/i.test(line)).length;
}

/** The first difference, or undefined. */
async function runEval(
  engine: Engine,
  querier: ScriptStorage,
  command: EvalCommand,
): Promise<string | undefined> {
  const { query, startMs, endMs, stepMs } = command;
  if (endMs !== undefined) {
    return judge(command, query, () => engine.range({ query, startMs, endMs, stepMs, querier }));
  }
  const difference = await runInstant(engine, querier, command, { query, timeMs: startMs });
  if (difference !== undefined) return difference;
  for (const one of atCases(query, startMs)) {
    const other = await runInstant(engine, querier, command, one);
    if (other !== undefined) return `as ${one.query} at ${one.timeMs} ms: ${other}`;
  }
  return undefined;
}

async function judge(
  command: EvalCommand,
  query: string,
  run: () => Promise<QueryResult>,
  also?: (result: QueryResult) => Promise<string | undefined>,
): Promise<string | undefined> {
  const failing = command.expectations.find(({ kind }) => kind === 'fail');
  let result: QueryResult;
  try {
    result = await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!failing) return `failed: ${message}`;
    return fits(failing, message) ? undefined : `failed with ${message}`;
  }
  if (failing) return `expected ${query} to fail`;
  return compareAnnotations(command, result) ?? compareResult(command, result) ?? also?.(result);
}

function runInstant(
  engine: Engine,
  querier: ScriptStorage,
  command: EvalCommand,
  { query, timeMs }: AtCase,
): Promise<string | undefined> {
  return judge(
    command,
    query,
    () => engine.instant({ query, timeMs, querier }),
    (result) => compareAsRange(engine, querier, command, { query, timeMs }, result),
  );
}

const MINUTE_MS = 60_000;
/** Expressions whose answer depends on the query's own times. */
const TIMED = /(?:start|end|range|step)\(\)/;

/** Each instant query is also run as a range query around its time; the point in the middle must be the same. */
async function compareAsRange(
  engine: Engine,
  querier: ScriptStorage,
  command: EvalCommand,
  { query, timeMs }: AtCase,
  result: QueryResult,
): Promise<string | undefined> {
  const { type } = result.value;
  const ordered = command.expectations.some(({ kind }) => kind === 'ordered');
  if (command.rangeVector || command.text !== undefined || ordered || TIMED.test(query)) return undefined;
  const times = { startMs: timeMs - MINUTE_MS, endMs: timeMs + MINUTE_MS, stepMs: MINUTE_MS };
  let value: QueryResult['value'];
  try {
    value = (await engine.range({ query, ...times, querier })).value;
  } catch (error) {
    return `as a range query: failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (value.type !== 'matrix') return 'as a range query: expected a matrix';
  const samples = value.series.flatMap(({ labels, timestamps, values, histograms }) => {
    const i = timestamps.indexOf(timeMs);
    return i < 0 ? [] : [{ labels, timeMs, value: values[i]!, histogram: histograms?.[i] }];
  });
  const single: QueryResult['value'] =
    type === 'scalar'
      ? { type, timeMs, value: samples[0]?.value ?? Number.NaN }
      : { type: 'vector', samples };
  const difference = compareResult(command, { ...result, value: single });
  return difference && `as a range query: ${difference}`;
}

type Wanted = EvalCommand['expectations'][number];

function fits({ message, regex }: Wanted, text: string): boolean {
  if (message !== undefined) return text === message;
  return regex === undefined || new AnchoredPattern(`.*(?:${regex}).*`).matches(text);
}

function compareAnnotations(command: EvalCommand, result: QueryResult): string | undefined {
  return (
    compareKind(command, 'warn', 'no_warn', result.warnings) ??
    compareKind(command, 'info', 'no_info', result.infos)
  );
}

function compareKind(
  command: EvalCommand,
  kind: 'warn' | 'info',
  none: 'no_warn' | 'no_info',
  found: readonly string[],
): string | undefined {
  const wanted = command.expectations.filter((one) => one.kind === kind);
  if (command.expectations.some((one) => one.kind === none)) {
    return found.length === 0 ? undefined : `expected no ${kind}, got ${found.join('; ')}`;
  }
  if (wanted.length === 0) return undefined;
  if (found.length === 0) return `expected a ${kind}`;
  for (const one of wanted) {
    if (!found.some((text) => fits(one, text)))
      return `expected ${kind} ${one.message ?? one.regex}, got ${found.join('; ')}`;
  }
  const extra = found.find((text) => !wanted.some((one) => fits(one, text)));
  return extra === undefined ? undefined : `unexpected ${kind} ${extra}`;
}
