/** The expression cases of a test: the result of a query, sample by sample. */
import { formatDuration, type Labels, type NativeHistogram, type Querier } from '@watchroom/model';
import type { Engine, QueryValue } from '@watchroom/promql';
import { parseHistogram, splitSeries, writeHistogram } from '@watchroom/promql/test-script';
import { quote } from '../template/printf.ts';
import { comparePairs, pairsOf, type ShownSample, samplesText } from './report.ts';
import type { ExpectedSample, ExprCase } from './test-file.ts';

/** What differs, as text, or undefined. */
export async function checkExpr(
  one: ExprCase,
  engine: Engine,
  querier: Querier,
  startMs: number,
  fuzzy: boolean,
): Promise<string | undefined> {
  const head = `    expr: ${quote(one.expr)}, time: ${formatDuration(one.evalTimeMs)},`;
  let found: ShownSample[];
  let expected: ShownSample[];
  try {
    const timeMs = startMs + one.evalTimeMs;
    found = samplesOf((await engine.instant({ query: one.expr, timeMs, querier })).value);
    expected = one.expected.map(expectedSample);
  } catch (error) {
    return `${head} err: ${error instanceof Error ? error.message : String(error)}`;
  }
  for (const list of [found, expected]) list.sort((a, b) => comparePairs(a.labels, b.labels));
  const equal =
    found.length === expected.length && expected.every((sample, i) => same(sample, found[i]!, fuzzy));
  if (equal) return undefined;
  return `${head}\n        exp: ${samplesText(expected)}\n        got: ${samplesText(found)}`;
}

function samplesOf(value: QueryValue): ShownSample[] {
  if (value.type === 'scalar') return [{ labels: [], value: value.value, histogram: undefined }];
  if (value.type !== 'vector') throw new Error('rule result is not a vector or scalar');
  return value.samples.map(({ labels, value: number, histogram }) => ({
    labels: pairsOf(labels),
    value: number,
    histogram,
  }));
}

function expectedSample({ labels, value, histogram }: ExpectedSample): ShownSample {
  try {
    return {
      labels: pairsOf(labelsOf(labels)),
      value,
      histogram: histogram === '' ? undefined : histogramOf(histogram.trim()),
    };
  } catch (error) {
    throw new Error(`labels ${quote(labels)}: ${(error as Error).message}`);
  }
}

/** `name{label="value"}`; nothing is the empty set. */
function labelsOf(text: string): Labels {
  const { labels, rest } = splitSeries(text.trim() === '' ? '{}' : text.trim());
  if (rest !== '') throw new Error(`unexpected ${quote(rest)} behind the labels`);
  return labels;
}

function histogramOf(text: string): NativeHistogram {
  if (/^\{\{.*\}\}$/s.test(text)) return parseHistogram(text);
  throw new Error(`expected histogram, got ${text}`);
}

/** No number equals NaN, as in promtool. */
function same(expected: ShownSample, found: ShownSample, fuzzy: boolean): boolean {
  if (comparePairs(expected.labels, found.labels) !== 0) return false;
  if (expected.histogram || found.histogram) {
    if (!expected.histogram || !found.histogram) return false;
    return writeHistogram(expected.histogram) === writeHistogram(found.histogram);
  }
  return expected.value === found.value || (fuzzy && areNeighbours(expected.value, found.value));
}

/** Whether no other double lies between the two. */
function areNeighbours(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const distance = rank(a) - rank(b);
  return distance === 1n || distance === -1n;
}

/** The number's place among all doubles; both zeros have one. */
function rank(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const size = view.getBigUint64(0);
  return value < 0 ? -size : size;
}
