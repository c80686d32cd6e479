/** Whether a result is what a script expects; the tolerances are those of Prometheus' own runner. */
import { formatValue, isStale, type Labels, type NativeHistogram } from '@watchroom/model';
import { sameBounds } from '../histogram/arithmetic.ts';
import { isCustom, partsOf } from '../histogram/buckets.ts';
import type { QueryResult } from '../result.ts';
import type { NotedHistogram } from './histogram-notation.ts';
import type { EvalCommand } from './script.ts';
import type { ScriptValue } from './values.ts';

const EPSILON = 1e-6;
const SMALLEST_NORMAL = 2.2250738585072014e-308;

export function almostEqual(a: number, b: number): boolean {
  if (isStale(a) || isStale(b)) return isStale(a) && isStale(b);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  const difference = Math.abs(a - b);
  const size = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || size < SMALLEST_NORMAL) return difference < EPSILON * SMALLEST_NORMAL;
  return difference / Math.min(size, Number.MAX_VALUE) < EPSILON;
}

function almostEqualHistograms(expected: NotedHistogram, actual: NativeHistogram): boolean {
  if (expected.schema !== actual.schema) return false;
  if (expected.hintNamed && expected.resetHint !== actual.resetHint) return false;
  if (!almostEqual(expected.count, actual.count) || !almostEqual(expected.sum, actual.sum)) return false;
  if (isCustom(expected)) {
    if (!sameBounds(expected.customBounds, actual.customBounds)) return false;
  } else {
    if (expected.zeroThreshold !== actual.zeroThreshold) return false;
    if (!almostEqual(expected.zeroCount, actual.zeroCount)) return false;
  }
  const [want, got] = [partsOf(expected), partsOf(actual)];
  return sameBuckets(want.positive, got.positive) && sameBuckets(want.negative, got.negative);
}

type BucketList = readonly (readonly [number, number])[];

function sameBuckets(a: BucketList, b: BucketList): boolean {
  const [x, y] = [a.filter(([, count]) => count !== 0), b.filter(([, count]) => count !== 0)];
  return (
    x.length === y.length &&
    x.every(([index, count], i) => index === y[i]![0] && almostEqual(count, y[i]![1]))
  );
}

/** The first difference, or undefined. */
export function compareResult(command: EvalCommand, result: QueryResult): string | undefined {
  const { value } = result;
  if (command.text !== undefined) {
    if (value.type !== 'string') return `expected a string, got a ${value.type}`;
    return value.value === command.text ? undefined : `expected ${command.text}, got ${value.value}`;
  }
  if (value.type === 'string') return `expected no string, got ${JSON.stringify(value.value)}`;
  if (command.scalar !== undefined) {
    if (value.type !== 'scalar') return `expected a scalar, got a ${value.type}`;
    return almostEqual(command.scalar, value.value)
      ? undefined
      : `expected ${command.scalar}, got ${value.value}`;
  }
  if (value.type === 'scalar') return 'expected a vector, got a scalar';
  if (value.type === 'vector') return compareVector(command, value.samples);
  if (command.expectations.some(({ kind }) => kind === 'ordered')) return 'a matrix has no order to expect';
  const start = command.rangeVector ?? { startMs: command.startMs, stepMs: command.stepMs };
  return compareMatrix(command, value.series, start);
}

type Vector = Extract<QueryResult['value'], { type: 'vector' }>['samples'];
type Matrix = Extract<QueryResult['value'], { type: 'matrix' }>['series'];

function compareVector(command: EvalCommand, samples: Vector): string | undefined {
  const wanted = new Map(
    command.series.map(({ labels, values }, i) => [labels.key, { labels, value: values[0], i }]),
  );
  const ordered = command.expectations.some(({ kind }) => kind === 'ordered');
  const seen = new Set<string>();
  for (const [i, { labels, value, histogram }] of samples.entries()) {
    const expected = wanted.get(labels.key);
    if (!expected) return `unexpected ${labels} ${shown(histogram ?? value)}`;
    if (seen.has(labels.key)) return `${labels} twice`;
    seen.add(labels.key);
    if (ordered && expected.i !== i) return `${labels} at place ${i + 1}, expected at ${expected.i + 1}`;
    if (!samePoint(expected.value, histogram ?? value)) {
      return `${labels}: expected ${shown(expected.value)}, got ${shown(histogram ?? value)}`;
    }
  }
  for (const [key, { labels }] of wanted) if (!seen.has(key)) return `missing ${labels}`;
  return undefined;
}

function compareMatrix(
  command: EvalCommand,
  series: Matrix,
  at: { startMs: number; stepMs: number },
): string | undefined {
  const wanted = new Map<string, { labels: Labels; values: readonly ScriptValue[] }>();
  for (const one of command.series) wanted.set(one.labels.key, one);
  let previous: Labels | undefined;
  for (const one of series) {
    if (previous && previous.compare(one.labels) >= 0) return `${one.labels} is out of order`;
    previous = one.labels;
    const expected = wanted.get(one.labels.key);
    if (!expected) return `unexpected ${one.labels}`;
    wanted.delete(one.labels.key);
    const difference = comparePoints(expected.values, one, at);
    if (difference) return `${one.labels}: ${difference}`;
  }
  for (const { labels } of wanted.values()) return `missing ${labels}`;
  return undefined;
}

function comparePoints(
  values: readonly ScriptValue[],
  one: Matrix[number],
  { startMs, stepMs }: { startMs: number; stepMs: number },
): string | undefined {
  const expected = values
    .map((value, i) => ({ timeMs: startMs + i * stepMs, value }))
    .filter(({ value }) => value !== undefined);
  const points = [...one.timestamps].map((timeMs, i) => ({
    timeMs,
    value: one.histograms?.[i] ?? one.values[i]!,
  }));
  const list = (all: readonly { timeMs: number; value: ScriptValue }[]): string =>
    all.map(({ timeMs, value }) => `${shown(value)}@${timeMs}`).join(' ');
  const same =
    expected.length === points.length &&
    expected.every(
      ({ timeMs, value }, i) => timeMs === points[i]!.timeMs && samePoint(value, points[i]!.value),
    );
  return same ? undefined : `expected ${list(expected)}, got ${list(points)}`;
}

function samePoint(expected: ScriptValue, actual: ScriptValue): boolean {
  if (expected === undefined || actual === undefined) return false;
  if (expected === 'stale' || actual === 'stale') return typeof actual === 'number' && isStale(actual);
  if (typeof expected === 'number') return typeof actual === 'number' && almostEqual(expected, actual);
  return typeof actual !== 'number' && almostEqualHistograms(expected, actual);
}

function shown(value: ScriptValue): string {
  if (value === 'stale') return value;
  if (typeof value === 'number') return isStale(value) ? 'stale' : formatValue(value);
  return value === undefined ? '_' : JSON.stringify(value);
}
