/**
 * A series' text to its label set.
 * The `le` of histograms and the `quantile` of summaries are brought to one spelling ("1" and "1.00" are "1.0"), as
 * Prometheus 3 does (https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values), going by the last
 * TYPE line above the sample.
 */
import { compareBytes, Labels, METRIC_NAME } from '@watchroom/model';
import { ByteMemo } from '@watchroom/model/byte-memo';
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

/** Texts of names and values: a body has few, many times. */
const texts = new ByteMemo(unescapeValue);
/** Undefined: not UTF-8. */
const validNames = new ByteMemo((body, from, to) =>
  isUtf8(body, from, to) ? unescapeValue(body, from, to) : undefined,
);

/** The label set of the reader's entry, or why Prometheus refuses it. */
export function seriesLabels(reader: EntryReader, rule: LabelRule): SeriesLabels | string {
  const { view, labels } = reader;
  const metric = validNames.of(view, reader.nameStart, reader.nameEnd);
  if (!metric) return refusal(reader, rule);
  const names: string[] = [METRIC_NAME];
  const values: string[] = [metric];
  let sensitive = false;
  for (let i = 0; i < labels.length; i += 4) {
    const name = validNames.of(view, labels[i]!, labels[i + 1]!);
    if (!name) return refusal(reader, rule);
    const value = texts.of(view, labels[i + 2]!, labels[i + 3]!);
    const own = ruleFor(name);
    if (own !== LabelRule.none) sensitive = true;
    if (!insert(names, values, name, own !== LabelRule.none && own === rule ? normalFloat(value) : value))
      return refusal(reader, rule);
  }
  return { labels: withoutEmpty(names, values), rule: sensitive ? rule : LabelRule.any };
}

function ruleFor(name: string): LabelRule {
  return name === 'le' ? LabelRule.le : name === 'quantile' ? LabelRule.quantile : LabelRule.none;
}

/** Puts a label in its place among sorted ones; false when the name is there already. */
function insert(names: string[], values: string[], name: string, value: string): boolean {
  let at = names.length;
  for (; at > 0; at--) {
    const order = compareBytes(names[at - 1]!, name);
    if (order === 0) return false;
    if (order < 0) break;
    names[at] = names[at - 1]!;
    values[at] = values[at - 1]!;
  }
  names[at] = name;
  values[at] = value;
  return true;
}

function withoutEmpty(names: readonly string[], values: readonly string[]): Labels {
  if (!values.includes('')) return Labels.fromSorted(names, values);
  return Labels.fromSorted(
    names.filter((_, i) => values[i] !== ''),
    values.filter((value) => value !== ''),
  );
}

/** What is wrong with the names. */
function refusal({ body, nameStart, nameEnd, labels }: EntryReader, rule: LabelRule): string {
  const pairs: [string, string][] = [[METRIC_NAME, unescapeValue(body, nameStart, nameEnd)]];
  let bad = nameStart === nameEnd || !isUtf8(body, nameStart, nameEnd);
  for (let i = 0; i < labels.length; i += 4) {
    const [from, to, valueFrom, valueTo] = labels.slice(i, i + 4) as [number, number, number, number];
    const name = unescapeValue(body, from, to);
    const value = unescapeValue(body, valueFrom, valueTo);
    if (name === '' || !isUtf8(body, from, to)) bad = true;
    const own = ruleFor(name);
    pairs.push([name, own !== LabelRule.none && own === rule ? normalFloat(value) : value]);
  }
  if (bad) {
    const shown = pairs.map(([name, value]) => `${name}=${quoteText(value)}`).join(', ');
    return `invalid metric name or label names: {${shown}}`;
  }
  pairs.sort((a, b) => compareBytes(a[0], b[0]));
  const twice = pairs.findIndex(([name], i) => i > 0 && name === pairs[i - 1]![0]);
  return `label name ${quoteText(pairs[twice]![0])} is not unique: invalid sample`;
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
