/**
 * A series' text to its label set.
 * The `le` of histograms and the `quantile` of summaries are brought to one spelling ("1" and "1.00" are "1.0"), as
 * Prometheus 3 does (https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values), going by the last
 * TYPE line above the sample.
 */
import { compareBytes, Labels, METRIC_NAME } from '@watchroom/model';
import { parseToken } from './decimal.ts';
import type { EntryReader } from './entry-reader.ts';
import { isUtf8, quoteText } from './go-quote.ts';
import { unescapeValue } from './unescape.ts';

/** Which label the last TYPE line asks to normalise. */
export const LabelRule = { none: 0, le: 1, quantile: 2, any: 3 } as const;
export type LabelRule = (typeof LabelRule)[keyof typeof LabelRule];

export interface SeriesLabels {
  readonly labels: Labels;
  /** `any` when the labels do not depend on the TYPE line. */
  readonly rule: LabelRule;
}

/** The label set of the reader's entry, or why Prometheus refuses it. */
export function seriesLabels(reader: EntryReader, rule: LabelRule): SeriesLabels | string {
  const { body } = reader;
  const quoted = [reader.nameStart, reader.nameEnd];
  const pairs: [string, string][] = [[METRIC_NAME, unescapeValue(body, reader.nameStart, reader.nameEnd)]];
  let sensitive = false;
  for (let i = 0; i < reader.labels.length; i += 4) {
    const [from, to, valueFrom, valueTo] = reader.labels.slice(i, i + 4) as [number, number, number, number];
    const name = unescapeValue(body, from, to);
    const value = unescapeValue(body, valueFrom, valueTo);
    quoted.push(from, to);
    const own = name === 'le' ? LabelRule.le : name === 'quantile' ? LabelRule.quantile : LabelRule.none;
    if (own !== LabelRule.none) sensitive = true;
    pairs.push([name, own !== LabelRule.none && own === rule ? normalFloat(value) : value]);
  }
  const problem = invalidNames(pairs, body, quoted);
  if (problem !== undefined) return problem;
  return { labels: sorted(pairs), rule: sensitive ? rule : LabelRule.any };
}

/** The label set of the reader's exemplar; a repeated name keeps its last value. */
export function exemplarLabels(reader: EntryReader): Labels {
  const pairs: [string, string][] = [];
  const at = reader.exemplarLabels;
  for (let i = 0; i < at.length; i += 4)
    pairs.push([
      unescapeValue(reader.body, at[i]!, at[i + 1]!),
      unescapeValue(reader.body, at[i + 2]!, at[i + 3]!),
    ]);
  return Labels.fromPairs(pairs);
}

function sorted(pairs: readonly [string, string][]): Labels {
  const kept = pairs.filter(([, value]) => value !== '');
  return Labels.fromSorted(
    kept.map(([name]) => name),
    kept.map(([, value]) => value),
  );
}

/** Sorts the pairs by name; says what is wrong with the names. */
function invalidNames(
  pairs: [string, string][],
  body: Uint8Array,
  positions: readonly number[],
): string | undefined {
  let bad = pairs[0]![1] === '' || pairs.some(([name]) => name === '');
  for (let i = 0; i < positions.length && !bad; i += 2) bad = !isUtf8(body, positions[i]!, positions[i + 1]!);
  if (bad) {
    const shown = pairs.map(([name, value]) => `${name}=${quoteText(value)}`).join(', ');
    return `invalid metric name or label names: {${shown}}`;
  }
  pairs.sort((a, b) => compareBytes(a[0], b[0]));
  for (let i = 1; i < pairs.length; i++)
    if (pairs[i]![0] === pairs[i - 1]![0])
      return `label name ${quoteText(pairs[i]![0])} is not unique: invalid sample`;
  return undefined;
}

/** Go writes floats from 1e6 on with an exponent (strconv.FormatFloat, 'g', -1). */
const GO_SHORTEST_PRECISION = 6;

/** A float as OpenMetrics writes it in labels: always with a point or an exponent. Other text stays as it is. */
export function normalFloat(text: string): string {
  const value = parseToken(text);
  return typeof value === 'number' ? formatFloat(value) : text;
}

/** A float in a label, as OpenMetrics writes it. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < GO_SHORTEST_PRECISION) {
    const plain = Object.is(value, -0) ? '-0' : String(value);
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
