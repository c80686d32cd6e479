/**
 * The values of a series line, separated by blanks: `1 _ 2+3x4 stale {{schema:0 count:1}}x2`.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series.
 */
import { type NativeHistogram, parseValue } from '@watchroom/model';
import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts';
import { parseHistogram } from './histogram-notation.ts';

/** `undefined`: no sample. */
export type ScriptValue = number | NativeHistogram | 'stale' | undefined;

const NUMBER = String.raw`[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)`;
const PLAIN = new RegExp(`^${NUMBER}$`, 'i');
const REPEATED = new RegExp(`^(${NUMBER})x(\\d+)$`, 'i');
const STEPPED = new RegExp(String.raw`^(${NUMBER})([+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)x(\d+)$`, 'i');
const HISTOGRAMS = /^(\{\{.*?\}\})(?:([+-])(\{\{.*?\}\}))?(?:x(\d+))?$/s;
const LONGEST = 1_000_000;

/** Throws Error with what is wrong. */
export function parseValues(text: string): ScriptValue[] {
  const out: ScriptValue[] = [];
  for (const item of splitItems(text)) {
    for (const value of expandItem(item)) out.push(value);
    if (out.length > LONGEST) throw new Error('too many values');
  }
  return out;
}

function splitItems(text: string): string[] {
  return text.match(/(?:\{\{.*?\}\}|[^\s{}]+)+/gs) ?? [];
}

function expandItem(item: string): ScriptValue[] {
  if (item === '_') return [undefined];
  if (item === 'stale') return ['stale'];
  const gap = /^_x(\d+)$/.exec(item);
  if (gap) return new Array<ScriptValue>(Number(gap[1])).fill(undefined);
  if (item.startsWith('{{')) return expandHistograms(item);
  if (PLAIN.test(item)) return [numberFrom(item)];
  const repeated = REPEATED.exec(item);
  if (repeated) return new Array<ScriptValue>(Number(repeated[2]) + 1).fill(numberFrom(repeated[1]!));
  const stepped = STEPPED.exec(item);
  if (!stepped) throw new Error(`bad value ${JSON.stringify(item)}`);
  let value = numberFrom(stepped[1]!);
  const step = Number(stepped[2]);
  const values: ScriptValue[] = [value];
  for (let i = 0; i < Number(stepped[3]); i++) {
    value += step;
    values.push(value);
  }
  return values;
}

function numberFrom(text: string): number {
  const value = parseValue(text);
  if (value === undefined) throw new Error(`bad number ${JSON.stringify(text)}`);
  return value;
}

function expandHistograms(item: string): ScriptValue[] {
  const match = HISTOGRAMS.exec(item);
  if (!match) throw new Error(`bad histogram ${JSON.stringify(item)}`);
  let value = parseHistogram(match[1]!);
  const times = Number(match[4] ?? 0);
  if (match[3] === undefined) return new Array<ScriptValue>(times + 1).fill(value);
  const step = parseHistogram(match[3]);
  const combine = match[2] === '+' ? addHistograms : subtractHistograms;
  const values: ScriptValue[] = [value];
  for (let i = 0; i < times; i++) {
    value = combine(value, step).histogram;
    values.push(value);
  }
  return values;
}
