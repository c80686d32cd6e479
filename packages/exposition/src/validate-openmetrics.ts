/**
 * The strict reading of OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/): the syntax, as the scrape
 * parser has it, and all that concerns several lines: metadata once and before samples, families and label sets in one piece,
 * names that do not clash, suffixes, values and labels that the type allows, exemplars where they may stand, timestamps that
 * do not go back.
 */
import type { Labels, MetricType } from '@watchroom/model';
import { Entry, type EntryKind } from './entry-reader.ts';
import { HistogramCheck, isCanonical } from './histogram-check.ts';
import { LineErrors } from './line-errors.ts';
import { OpenMetricsReader } from './openmetrics-reader.ts';
import { exemplarLabels, LabelRule, seriesLabels } from './series-labels.ts';
import type { LineError } from './sink.ts';
import { decode, unescapeValue } from './unescape.ts';

/** Suffixes of the samples of a type; '' is the family's own name. */
const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [''],
  unknown: [''],
};
const MAX_EXEMPLAR_CHARACTERS = 128;
const MAX_ERRORS = 100;
const NEWLINE = 10;

interface Family {
  readonly name: string;
  type: MetricType;
  unit: string;
  readonly said: Set<EntryKind>;
  hasSamples: boolean;
  readonly groups: Set<string>;
  group: string | undefined;
  histogram: HistogramCheck | undefined;
  timed: boolean;
  seconds: number;
}

/** What the specification has against the body; empty when it is valid. */
export function validateOpenMetrics(body: Uint8Array): LineError[] {
  const validator = new Validator(body);
  return validator.run();
}

class Validator {
  readonly #body: Uint8Array;
  readonly #reader = new OpenMetricsReader();
  readonly #errors: LineErrors;
  readonly #names = new Set<string>();
  #family: Family | undefined;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#errors = new LineErrors(body, MAX_ERRORS);
  }

  run(): LineError[] {
    const reader = this.#reader;
    reader.open(this.#body);
    for (;;) {
      const from = reader.pos;
      const kind = reader.next();
      if (kind === Entry.end) break;
      if (kind === Entry.bad) {
        this.#errors.add(from, reader.message);
        const next = this.#body.indexOf(NEWLINE, Math.max(from, reader.tokenStart)) + 1;
        if (next === 0) break;
        reader.pos = next;
      } else if (kind === Entry.series) this.#sample();
      else this.#metadata(kind);
    }
    this.#finish(this.#body.length);
    return this.#errors.list;
  }

  #error(message: string): void {
    this.#errors.add(this.#reader.entryStart, message);
  }

  #metadata(kind: EntryKind): void {
    const reader = this.#reader;
    const name = unescapeValue(this.#body, reader.familyStart, reader.familyEnd);
    if (this.#family?.name !== name) this.#begin(name);
    const family = this.#family!;
    if (family.hasSamples) this.#error(`metadata of ${name} stands behind its samples`);
    if (family.said.has(kind)) this.#error(`metadata of ${name} is repeated`);
    family.said.add(kind);
    if (kind === Entry.type) family.type = reader.metricType;
    if (kind === Entry.unit) family.unit = decode(this.#body, reader.textStart, reader.textEnd);
    if (family.unit !== '' && (family.type === 'info' || family.type === 'stateset'))
      this.#error(`${name} is of type ${family.type}, which has no unit`);
  }

  #begin(name: string): void {
    this.#finish(this.#reader.entryStart);
    this.#family = {
      name,
      type: 'unknown',
      unit: '',
      said: new Set(),
      hasSamples: false,
      groups: new Set(),
      group: undefined,
      histogram: undefined,
      timed: false,
      seconds: 0,
    };
  }

  /** Ends the family: its names are taken from here on. */
  #finish(at: number): void {
    const family = this.#family;
    if (family === undefined) return;
    this.#family = undefined;
    const problem = family.histogram?.finish();
    if (problem !== undefined) this.#errors.add(at, `${family.name}: ${problem}`);
    const names = new Set(['', ...SUFFIXES[family.type]].map((suffix) => family.name + suffix));
    for (const name of names) {
      if (this.#names.has(name))
        this.#errors.add(at, `the name ${name} is taken by another family or came before`);
      this.#names.add(name);
    }
  }

  #sample(): void {
    const read = seriesLabels(this.#reader, LabelRule.none);
    if (typeof read === 'string') {
      this.#error(read);
      return;
    }
    if (this.#hasTrailingComma()) this.#error('a comma stands behind the last label');
    const { labels } = read;
    const name = labels.metricName;
    if (this.#suffix(name) === undefined) this.#begin(name);
    const family = this.#family!;
    const suffix = this.#suffix(name) ?? '';
    family.hasSamples = true;
    const { value } = this.#reader;
    const problem = valueProblem(family, suffix, labels, value) ?? this.#exemplarProblem(family, suffix);
    if (problem !== undefined) this.#error(problem);
    this.#order(family, labels);
    this.#histogram(family, suffix, labels, value);
  }

  /** The sample's suffix when it belongs to the family at hand. */
  #suffix(name: string): string | undefined {
    const family = this.#family;
    if (family === undefined) return undefined;
    return SUFFIXES[family.type].find((suffix) => name === family.name + suffix);
  }

  #hasTrailingComma(): boolean {
    const { seriesEnd } = this.#reader;
    return this.#body[seriesEnd - 1] === 125 && this.#body[seriesEnd - 2] === 44;
  }

  #exemplarProblem(family: Family, suffix: string): string | undefined {
    if (!this.#reader.hasExemplar) return undefined;
    const isHistogram = family.type === 'histogram' || family.type === 'gaugehistogram';
    const allowed =
      (family.type === 'counter' && suffix === '_total') || (isHistogram && suffix === '_bucket');
    if (!allowed) return `a ${family.type} has no exemplar at ${family.name}${suffix}`;
    let characters = 0;
    for (const pair of exemplarLabels(this.#reader).pairs())
      characters += Array.from(pair[0]).length + Array.from(pair[1]).length;
    if (characters <= MAX_EXEMPLAR_CHARACTERS) return undefined;
    return `the exemplar's labels have ${characters} characters; ${MAX_EXEMPLAR_CHARACTERS} are allowed`;
  }

  /** Label sets come in one piece, and time does not go back within one. */
  #order(family: Family, labels: Labels): void {
    const group = groupOf(family, labels);
    const { timeMs, timeSeconds } = this.#reader;
    const timed = timeMs !== undefined;
    if (group !== family.group) {
      this.#endHistogram(family);
      if (family.groups.has(group)) this.#error(`the samples of one label set of ${family.name} are apart`);
      family.groups.add(group);
      family.group = group;
    } else {
      if (timed !== family.timed) this.#error('samples with and without a timestamp are mixed');
      if (timed && family.timed && timeSeconds < family.seconds) this.#error('timestamps go back');
      if (timed && timeSeconds !== family.seconds) this.#endHistogram(family);
    }
    family.timed = timed;
    family.seconds = timeSeconds;
  }

  #endHistogram(family: Family): void {
    const problem = family.histogram?.finish();
    if (problem !== undefined) this.#error(`${family.name}: ${problem}`);
    family.histogram = undefined;
  }

  #histogram(family: Family, suffix: string, labels: Labels, value: number): void {
    if (family.type !== 'histogram' && family.type !== 'gaugehistogram') return;
    family.histogram ??= new HistogramCheck(family.type === 'gaugehistogram');
    const problem = family.histogram.add(suffix, labels.get('le'), value);
    if (problem !== undefined) this.#error(problem);
  }
}

/** What tells the metrics of a family apart: the labels less those that the type needs for itself. */
function groupOf(family: Family, labels: Labels): string {
  const own = new Set(['__name__']);
  if (family.type === 'histogram' || family.type === 'gaugehistogram') own.add('le');
  if (family.type === 'summary') own.add('quantile');
  if (family.type === 'stateset') own.add(family.name);
  return labels.without(own).key;
}

function valueProblem(family: Family, suffix: string, labels: Labels, value: number): string | undefined {
  const { type, name } = family;
  const isCounting =
    (type === 'counter' && suffix === '_total') ||
    (type === 'summary' && (suffix === '_count' || suffix === '_sum')) ||
    (type === 'histogram' && suffix !== '_created') ||
    (type === 'gaugehistogram' && suffix !== '_gsum');
  if (isCounting && !(value >= 0)) return `${name}${suffix} counts, and is ${value}`;
  if (suffix === '_gsum' && Number.isNaN(value)) return `${name}_gsum is NaN`;
  if (type === 'info' && value !== 1) return `the info metric ${name} is ${value}, not 1`;
  if (type === 'stateset') {
    if (!labels.has(name)) return `the stateset ${name} has no label of its name`;
    if (value !== 0 && value !== 1) return `the stateset ${name} is ${value}, not 0 or 1`;
  }
  if (type === 'summary' && suffix === '') {
    const text = labels.get('quantile');
    const quantile = /^[+-]?(?:\d|\.\d)/.test(text) ? Number(text) : Number.NaN;
    if (!(quantile >= 0 && quantile <= 1)) return `the summary ${name} has no quantile between 0 and 1`;
    if (value < 0) return `a quantile of the summary ${name} is negative`;
  }
  if (suffix === '_bucket' && !isCanonical(labels.get('le')))
    return `the bucket's le "${labels.get('le')}" is not a number in its canonical form`;
  return undefined;
}
