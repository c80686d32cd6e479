/** A line of a load or of an expected result: a metric and its values. */
import { Labels, METRIC_NAME } from '@watchroom/model';
import { unquote } from '../parser/go-strings.ts';
import { tokenize } from '../parser/lexer.ts';
import { parseValues, type ScriptValue } from './values.ts';

export interface SeriesLine {
  readonly labels: Labels;
  /** What stands after the metric. */
  readonly rest: string;
  /** `metric{…}@st`: start timestamps for the next line. */
  readonly startTimestamps: boolean;
}

/** Throws Error with what is wrong. */
export function parseSeries(line: string): { labels: Labels; values: ScriptValue[] } {
  const { labels, rest } = splitSeries(line);
  return { labels, values: parseValues(rest) };
}

export function splitSeries(line: string): SeriesLine {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const pairs: [string, string][] = name === '' ? [] : [[METRIC_NAME, name]];
  let rest = line.slice(name.length);
  const braces = /^\s*\{(?!\{)/.exec(rest);
  if (braces) {
    const end = closingBrace(rest, braces[0].length);
    pairs.push(...parseLabels(rest.slice(0, end + 1)));
    rest = rest.slice(end + 1);
  } else if (name === '') throw new Error(`expected a metric in ${JSON.stringify(line)}`);
  const startTimestamps = rest.startsWith('@st');
  if (startTimestamps) rest = rest.slice(3);
  return { labels: Labels.fromPairs(pairs), rest: rest.trim(), startTimestamps };
}

function closingBrace(text: string, from: number): number {
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === '\\' && quote !== '`') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'" || c === '`') quote = c;
    else if (c === '}') return i;
  }
  throw new Error(`missing } in ${JSON.stringify(text)}`);
}

function parseLabels(text: string): [string, string][] {
  const tokens = tokenize(text.trim()).filter(({ kind }) => kind !== 'eof');
  const bad = (): Error => new Error(`bad labels ${JSON.stringify(text)}`);
  const pairs: [string, string][] = [];
  let i = 1;
  while (tokens[i]?.value !== '}') {
    const label = tokens[i];
    if (label?.kind !== 'identifier' && label?.kind !== 'string') throw bad();
    const name = label.kind === 'string' ? unquote(label.text) : label.text;
    if (tokens[i + 1]?.value === '=') {
      const value = tokens[i + 2];
      if (value?.kind !== 'string') throw bad();
      pairs.push([name, unquote(value.text)]);
      i += 3;
    } else {
      if (label.kind !== 'string') throw bad();
      pairs.push([METRIC_NAME, name]);
      i++;
    }
    if (tokens[i]?.value === ',') i++;
    else if (tokens[i]?.value !== '}') throw bad();
  }
  return pairs;
}
