/** Runs Prometheus' test scripts (load, clear, eval) against the engine, with a storage of their own. */
import { AnchoredPattern } from '@watchroom/model';
import { Engine } from '../engine.ts';
import type { QueryResult } from '../result.ts';
import { compareResult } from './compare.ts';
import { type EvalCommand, parseScript, ScriptError } from './script.ts';
import { ScriptStorage } from './storage.ts';

export interface ScriptFailure {
  readonly file: string;
  readonly line: number;
  readonly query: string;
  readonly message: string;
}

export interface ScriptResult {
  readonly evals: number;
  readonly passed: number;
  readonly failures: readonly ScriptFailure[];
}

/** A script that cannot be read fails as a whole, with the line. */
export async function runTestScript(text: string, file: string): Promise<ScriptResult> {
  const failures: ScriptFailure[] = [];
  let evals = 0;
  const storage = new ScriptStorage();
  const engine = new Engine({
    experimental: true,
    delayedNameRemoval: true,
    metadataLabels: true,
    startTimestamps: true,
  });
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
    failures.push({ file, line: error.line, query: '', message: error.message });
  }
  return { evals, passed: evals - failures.filter(({ query }) => query !== '').length, failures };
}

/** The first difference, or undefined. */
async function runEval(
  engine: Engine,
  querier: ScriptStorage,
  command: EvalCommand,
): Promise<string | undefined> {
  const { query, startMs, endMs, stepMs } = command;
  const failing = command.expectations.find(({ kind }) => kind === 'fail');
  let result: QueryResult;
  try {
    result =
      endMs === undefined
        ? await engine.instant({ query, timeMs: startMs, querier })
        : await engine.range({ query, startMs, endMs, stepMs, querier });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!failing) return `failed: ${message}`;
    return fits(failing, message) ? undefined : `failed with ${message}`;
  }
  if (failing) return 'expected a failure';
  return (
    compareAnnotations(command, result) ??
    compareResult(command, result) ??
    (await compareAsRange(engine, querier, command, result))
  );
}

const MINUTE_MS = 60_000;
/** Expressions whose answer depends on the query's own times. */
const TIMED = /\b(?:start|end|range|step)\s*\(/;

/** Each instant query is also run as a range query around its time; the point in the middle must be the same. */
async function compareAsRange(
  engine: Engine,
  querier: ScriptStorage,
  command: EvalCommand,
  result: QueryResult,
): Promise<string | undefined> {
  const { query, startMs: timeMs } = command;
  const vector = result.value.type === 'vector' || result.value.type === 'scalar';
  const ordered = command.expectations.some(({ kind }) => kind === 'ordered');
  if (command.endMs !== undefined || !vector || ordered || TIMED.test(query)) return undefined;
  const times = { startMs: timeMs - MINUTE_MS, endMs: timeMs + MINUTE_MS, stepMs: MINUTE_MS };
  const { value } = await engine.range({ query, ...times, querier });
  if (value.type !== 'matrix') return 'expected a matrix';
  const samples = value.series.flatMap(({ labels, timestamps, values, histograms }) => {
    const i = timestamps.indexOf(timeMs);
    return i < 0 ? [] : [{ labels, timeMs, value: values[i]!, histogram: histograms?.[i] }];
  });
  const single: QueryResult['value'] =
    command.scalar === undefined || command.series.length > 0
      ? { type: 'vector', samples }
      : { type: 'scalar', timeMs, value: samples[0]?.value ?? Number.NaN };
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
