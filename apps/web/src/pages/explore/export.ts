/**
 * Results as files. CSV after RFC 4180, times in ISO 8601 and UTC; a range has one column for each series, an instant
 * one for each label. JSON has the shape of Prometheus' API, so that tools for that read it.
 */
import type { InstantSample, Labels } from '../../api/index.ts';
import { seriesName } from './series-names.ts';
import { labelColumns } from './table-rows.ts';

export interface ExportSeries {
  readonly labels: Labels;
  /** One per time; NaN for none. */
  readonly values: ArrayLike<number>;
}

const LINE = '\r\n';
/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const INFINITE = /^[+-]Inf$/;

function cell(text: string): string {
  const isNumber = INFINITE.test(text) || !Number.isNaN(Number(text));
  const safe = FORMULA.test(text) && !isNumber ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(cell).join(',') + LINE).join('');
}

/** The full name of each series is its column's; times at which none has a value are left out. */
export function rangeCsv(times: ArrayLike<number>, series: readonly ExportSeries[]): string {
  const head = ['time', ...series.map(({ labels }) => fullName(labels))];
  const rows = Array.from(times, (timeMs, i) => [
    new Date(timeMs).toISOString(),
    ...series.map(({ values }) => (Number.isNaN(values[i]) ? '' : valueText(values[i]!))),
  ]);
  return table([head, ...rows.filter((row) => row.some((text, i) => i > 0 && text !== ''))]);
}

export function instantCsv(samples: readonly InstantSample[]): string {
  const columns = labelColumns(samples);
  const rows = samples.map(({ labels, timeMs, text }) => [
    new Date(timeMs).toISOString(),
    ...columns.map((name) => labels[name] ?? ''),
    text,
  ]);
  return table([['time', ...columns, 'value'], ...rows]);
}

export function rangeJson(query: string, times: ArrayLike<number>, series: readonly ExportSeries[]): string {
  const result = series.map(({ labels, values }) => ({
    metric: labels,
    values: Array.from(times, (timeMs, i) => [timeMs / 1000, valueText(values[i]!)] as const).filter(
      ([, text]) => text !== 'NaN',
    ),
  }));
  return envelope(query, 'matrix', result);
}

export function instantJson(query: string, samples: readonly InstantSample[]): string {
  const result = samples.map(({ labels, timeMs, text }) => ({
    metric: labels,
    value: [timeMs / 1000, text],
  }));
  return envelope(query, 'vector', result);
}

function envelope(query: string, resultType: string, result: unknown): string {
  return `${JSON.stringify({ status: 'success', query, data: { resultType, result } }, undefined, 2)}\n`;
}

/** `name{a="b"}` with every label. */
export function fullName(labels: Labels): string {
  return seriesName(labels, Object.keys(labels).sort());
}

/** `watchroom-A-20261125T203000Z.csv` */
export function fileName(letter: string, atMs: number, ending: string): string {
  const stamp = new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `watchroom-${letter}-${stamp}.${ending}`;
}
