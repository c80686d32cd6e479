/**
 * The script's text as commands. Lines are trimmed, `#` starts a comment line, a blank or comment line ends a block.
 * Source: https://github.com/prometheus/prometheus/blob/main/promql/promqltest/README.md.
 */
import { type Labels, parseDuration } from '@watchroom/model';
import { unquote } from '../parser/go-strings.ts';
import { parseExpr } from '../parser/parse.ts';
import { parseSeries, splitSeries } from './series-line.ts';
import { parseValues, type ScriptValue } from './values.ts';

export interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly ScriptValue[];
  /** Ms, one per value; undefined: none known. */
  readonly startTimes: readonly (number | undefined)[] | undefined;
}

export interface LoadCommand {
  readonly type: 'load';
  readonly line: number;
  readonly stepMs: number;
  readonly withCustomBuckets: boolean;
  readonly series: readonly LoadedSeries[];
}

export type ExpectationKind = 'ordered' | 'fail' | 'warn' | 'no_warn' | 'info' | 'no_info';

export interface Expectation {
  readonly kind: ExpectationKind;
  readonly message: string | undefined;
  readonly regex: string | undefined;
}

export interface EvalCommand {
  readonly type: 'eval';
  readonly line: number;
  readonly query: string;
  readonly startMs: number;
  /** For range queries. */
  readonly endMs: number | undefined;
  readonly stepMs: number;
  readonly expectations: readonly Expectation[];
  readonly series: readonly { readonly labels: Labels; readonly values: readonly ScriptValue[] }[];
  readonly scalar: number | undefined;
  readonly text: string | undefined;
  /** `expect range vector`: the times of the values of an instant query's matrix. */
  readonly rangeVector:
    | { readonly startMs: number; readonly endMs: number; readonly stepMs: number }
    | undefined;
}

export type Command = { readonly type: 'clear'; readonly line: number } | LoadCommand | EvalCommand;

export class ScriptError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const LOAD = /^load(?:_(with_nhcb))?\s+(.+?)$/;
const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(msg|regex):\s*(.*))?$/;
const RANGE_VECTOR = /^expect\s+range\s+vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/;

const FAILURE = /^expected_fail_(message|regexp)\s*(.*)$/;

/** Throws ScriptError at a line that is not of the language. */
export function parseScript(text: string): Command[] {
  const lines = text.split('\n').map((line) => {
    const trimmed = line.trim();
    return trimmed.startsWith('#') ? '' : trimmed;
  });
  const commands: Command[] = [];
  for (let i = 0; i < lines.length; ) {
    const line = i + 1;
    const first = lines[i++]!;
    if (first === '') continue;
    const block: string[] = [];
    const word = first.split(/\s/)[0]!.toLowerCase();
    if (word === 'clear') {
      commands.push({ type: 'clear', line });
      continue;
    }
    if (!word.startsWith('load') && !word.startsWith('eval'))
      throw new ScriptError(line, `invalid command ${word}`);
    while (i < lines.length && lines[i] !== '') {
      block.push(lines[i++]!);
      if (word.startsWith('eval') && endsBlock(block.at(-1)!, word)) break;
    }
    const command = word.startsWith('load') ? parseLoad(first, block, line) : parseEval(first, block, line);
    commands.push(command);
  }
  return commands;
}

/** A scalar and the old form of an expected failure end the block of an eval; what follows is the next command. */
function endsBlock(line: string, word: string): boolean {
  return scalarOf(line) !== undefined || (word === 'eval_fail' && FAILURE.test(line));
}

function durationAt(text: string, line: number): number {
  const ms = parseDuration(text.trim());
  if (ms === undefined) throw new ScriptError(line, `invalid duration ${JSON.stringify(text)}`);
  return ms;
}

function located<T>(line: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ScriptError) throw error;
    throw new ScriptError(line, error instanceof Error ? error.message : String(error));
  }
}

function parseLoad(head: string, block: readonly string[], line: number): LoadCommand {
  const match = LOAD.exec(head);
  if (!match) throw new ScriptError(line, 'invalid load command');
  const stepMs = durationAt(match[2]!, line);
  const byKey = new Map<string, LoadedSeries>();
  let starts: Starts | undefined;
  let usual: readonly (number | undefined)[] = [];
  const unused = ({ line: at }: Starts): ScriptError =>
    new ScriptError(at, 'no line of the same metric with as many values follows these start timestamps');
  block.forEach((text, i) => {
    const at = line + 1 + i;
    located(at, () => {
      if (/^@st\s/.test(text)) {
        usual = parseOffsets(text.slice(3));
        return;
      }
      const { labels, rest, startTimestamps } = splitSeries(text);
      if (startTimestamps) {
        if (starts) throw unused(starts);
        starts = { line: at, key: labels.key, offsets: parseOffsets(rest) };
        return;
      }
      const values = parseValues(rest);
      if (starts && (starts.key !== labels.key || starts.offsets.length !== values.length))
        throw unused(starts);
      const own = starts?.offsets ?? (usual.length > 0 ? values.map((_, n) => usual[n % usual.length]) : []);
      const times = own.map((offset, n) => (offset === undefined ? undefined : n * stepMs + offset));
      byKey.set(labels.key, { labels, values, startTimes: times.length > 0 ? times : undefined });
      starts = undefined;
    });
  });
  if (starts) throw unused(starts);
  return {
    type: 'load',
    line,
    stepMs,
    withCustomBuckets: match[1] !== undefined,
    series: [...byKey.values()],
  };
}

/** Offsets that wait for the line of values they belong to. */
interface Starts {
  readonly line: number;
  readonly key: string;
  readonly offsets: readonly (number | undefined)[];
}

/** Offsets to the sample's time: `_`, `_xN`, `d`, `dxN`, `d+exN`, `d-exN`; `*`, `*xN`: the one before again. */
function parseOffsets(text: string): (number | undefined)[] {
  const out: (number | undefined)[] = [];
  for (const item of text.split(/\s+/).filter((one) => one !== '')) {
    const gap = /^_(?:x(\d+))?$/.exec(item);
    if (gap) {
      for (let i = 0; i < Number(gap[1] ?? 1); i++) out.push(undefined);
      continue;
    }
    const again = /^\*(?:x(\d+))?$/.exec(item);
    if (again) {
      const before = out.findLast((offset) => offset !== undefined) ?? 0;
      for (let i = 0; i <= Number(again[1] ?? 0); i++) out.push(before);
      continue;
    }
    const match = /^([+-]?[0-9a-z]+?)(?:([+-])([0-9a-wyz]+))?(?:x(\d+))?$/.exec(item);
    if (!match) throw new Error(`bad start timestamp ${JSON.stringify(item)}`);
    let offset = signedDuration(match[1]!);
    const step = match[3] === undefined ? 0 : signedDuration(match[2]! + match[3]);
    for (let i = 0; i <= Number(match[4] ?? 0); i++) {
      out.push(offset);
      offset += step;
    }
  }
  return out;
}

function signedDuration(text: string): number {
  const ms = parseDuration(text.replace(/^[+-]/, ''));
  if (ms === undefined) throw new Error(`bad duration ${JSON.stringify(text)}`);
  return text.startsWith('-') ? -ms : ms;
}

function parseEval(head: string, block: readonly string[], line: number): EvalCommand {
  const range = RANGE.exec(head);
  const instant = range ? undefined : INSTANT.exec(head);
  if (!range && !instant?.[2]) throw new ScriptError(line, 'invalid eval command');
  const startMs = durationAt(range ? range[2]! : instant![2]!, line);
  const endMs = range ? durationAt(range[3]!, line) : undefined;
  const stepMs = range ? durationAt(range[4]!, line) : 0;
  const suffix = range ? range[1] : instant![1];
  const query = range ? range[5]! : instant![3]!;
  located(line, () => parseExpr(query, { experimental: true }));
  if (endMs !== undefined && (endMs < startMs || stepMs <= 0))
    throw new ScriptError(line, 'a range needs an end at or after its start and a step');
  const body = parseBlock(block, line + 1, suffix);
  const grid = range ? { startMs, endMs: endMs!, stepMs } : body.rangeVector;
  const most = grid ? Math.floor((grid.endMs - grid.startMs) / (grid.stepMs || 1)) + 1 : 1;
  const long = body.series.find(({ values }) => values.length > most);
  if (long)
    throw new ScriptError(line, `${long.labels} has ${long.values.length} values where ${most} are possible`);
  // A range vector is asked for at its end, whatever the line says.
  const askedMs = body.rangeVector?.endMs ?? startMs;
  return { type: 'eval', line, query, startMs: askedMs, endMs, stepMs, ...body };
}

type Body = Pick<EvalCommand, 'expectations' | 'series' | 'scalar' | 'text' | 'rangeVector'>;

function parseBlock(block: readonly string[], firstLine: number, suffix: string | undefined): Body {
  const body = {
    expectations: [] as Expectation[],
    series: [] as { labels: Labels; values: readonly ScriptValue[] }[],
    scalar: undefined as number | undefined,
    text: undefined as string | undefined,
    rangeVector: undefined as EvalCommand['rangeVector'],
  };
  const expect = (kind: ExpectationKind, message?: string, regex?: string): void => {
    body.expectations.push({ kind, message, regex });
  };
  const failure = suffix === 'fail' ? block.find((line) => FAILURE.test(line)) : undefined;
  if (suffix === 'fail') {
    const [, form, what] = FAILURE.exec(failure ?? '') ?? [];
    expect('fail', form === 'message' ? what : undefined, form === 'regexp' ? what : undefined);
  } else if (suffix !== undefined) expect(suffix as ExpectationKind);
  for (const [i, line] of block.entries()) {
    if (line === failure) break;
    if (/^expect(?:\s|$)/.test(line)) {
      parseExpect(line, firstLine + i, body, expect);
      ensureTogether(body.expectations, firstLine + i);
      continue;
    }
    const scalar = scalarOf(line);
    if (scalar !== undefined) {
      body.scalar = scalar;
      break;
    }
    body.series.push(located(firstLine + i, () => parseSeries(line)));
  }
  return body;
}

function ensureTogether(expectations: readonly Expectation[], line: number): void {
  const count = (kind: ExpectationKind): number => expectations.filter((one) => one.kind === kind).length;
  for (const kind of ['warn', 'info'] as const) {
    if (count(kind) > 0 && count(`no_${kind}`) > 0)
      throw new ScriptError(line, `${kind} and no_${kind} cannot be expected together`);
  }
  if (count('fail') > 1) throw new ScriptError(line, 'a failure can be expected once');
}

function parseExpect(
  line: string,
  at: number,
  body: { text: string | undefined; rangeVector: EvalCommand['rangeVector'] },
  expect: (kind: ExpectationKind, message?: string, regex?: string) => void,
): void {
  const range = RANGE_VECTOR.exec(line);
  if (range) {
    const [startMs, endMs, stepMs] = [1, 2, 3].map((i) => durationAt(range[i]!, at)) as [
      number,
      number,
      number,
    ];
    if (endMs < startMs) throw new ScriptError(at, 'the range ends before it starts');
    body.rangeVector = { startMs, endMs, stepMs };
    return;
  }
  const text = /^expect\s+string\s+(.+)$/.exec(line);
  if (text) {
    body.text = located(at, () => unquote(text[1]!));
    return;
  }
  if (/^expect\s+string\b/.test(line)) throw new ScriptError(at, 'expect string needs a quoted string');
  const match = EXPECT.exec(line);
  if (!match) throw new ScriptError(at, `invalid expect line ${JSON.stringify(line)}`);
  const what = match[3]?.trim();
  expect(
    match[1] as ExpectationKind,
    match[2] === 'msg' ? what : undefined,
    match[2] === 'regex' ? what : undefined,
  );
}

/** Go's integers (0x, 0b, 0o) and floats. */
function scalarOf(line: string): number | undefined {
  const text = line.replaceAll('_', '');
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const plain = text.slice(sign.length);
  if (/^inf(?:inity)?$/i.test(plain))
    return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(plain)) return Number.NaN;
  if (!/^[0-9.]/.test(plain)) return undefined;
  const value = Number(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  if (Number.isNaN(value)) return undefined;
  return sign === '-' ? -value : value;
}
