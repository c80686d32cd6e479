/**
 * OpenMetrics text of any length, read piece by piece, each sample with its line. For files of stored samples, where a series
 * has many lines one after the other; a target's answers are read by ScrapeParser. A raw newline within a quoted name is
 * not taken here.
 */
import type { Labels } from '@watchroom/model';
import { Entry } from './entry-reader.ts';
import { OpenMetricsReader } from './openmetrics-reader.ts';
import { exemplarLabels, LabelRule, seriesLabels } from './series-labels.ts';
import { decode } from './unescape.ts';

const NEWLINE = 10;
/** A longer line is not one of samples. */
const MAX_LINE_BYTES = 1 << 20;
const MAX_TEXT = 200;

export interface StreamedSample {
  /** The same object as for the line before where the series is the same. */
  readonly labels: Labels;
  readonly value: number;
  /** Rounded to whole ms, so that a time that was written with three digits is that time; undefined when the line has none. */
  readonly timeMs: number | undefined;
  /** Of the line's exemplar. */
  readonly exemplar: Labels | undefined;
}

/** A line that cannot be read, with Prometheus' reason. */
export class OpenMetricsError extends Error {
  /** From 1. */
  readonly line: number;
  /** The line, cut at 200 characters. */
  readonly text: string;

  constructor(line: number, message: string, text: string) {
    super(message);
    this.name = 'OpenMetricsError';
    this.line = line;
    this.text = text;
  }
}

export class OpenMetricsStream {
  readonly #reader = new OpenMetricsReader();
  readonly #sample: (sample: StreamedSample, line: number) => void;
  #rest: Uint8Array = new Uint8Array(0);
  #line = 1;
  #ended = false;
  #rule: LabelRule = LabelRule.none;
  /** The series of the line before. */
  #text: Uint8Array = new Uint8Array(0);
  #labels: Labels | undefined;

  /** `sample` is called in the order of the lines; what it throws passes through. */
  constructor(sample: (sample: StreamedSample, line: number) => void) {
    this.#sample = sample;
  }

  /** The number of the line that is read next. */
  get line(): number {
    return this.#line;
  }

  /** Takes the next bytes. Throws OpenMetricsError at the first line that cannot be read; nothing may follow then. */
  push(bytes: Uint8Array): void {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#rest = joined(this.#rest, bytes);
      if (this.#rest.length > MAX_LINE_BYTES)
        throw this.#error(`the line is longer than ${MAX_LINE_BYTES} bytes`, 0);
      return;
    }
    const whole = this.#rest.length > 0 ? joined(this.#rest, bytes.subarray(0, end)) : bytes.subarray(0, end);
    this.#rest = bytes.slice(end);
    this.#lines(whole);
  }

  /** The text is over. Throws OpenMetricsError when it is not whole. */
  end(): void {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    if (rest.length > 0) this.#lines(rest);
    if (!this.#ended) throw new OpenMetricsError(this.#line, 'data does not end with # EOF', '');
  }

  #lines(body: Uint8Array): void {
    const reader = this.#reader;
    reader.open(body);
    while (reader.pos < body.length) {
      if (this.#ended) throw this.#error('unexpected data after # EOF', reader.pos);
      const from = reader.pos;
      const kind = reader.next();
      if (kind === Entry.bad) throw this.#error(reader.message, from);
      if (kind === Entry.end) this.#ended = true;
      else if (kind === Entry.type) this.#rule = ruleOf(reader.metricType);
      else if (kind === Entry.series) this.#series(from);
      this.#line++;
    }
  }

  #series(from: number): void {
    const reader = this.#reader;
    const text = reader.body.subarray(from, reader.seriesEnd);
    if (!this.#labels || !same(text, this.#text)) {
      const read = seriesLabels(reader, this.#rule);
      if (typeof read === 'string') throw this.#error(read, from);
      this.#labels = read.labels;
      this.#text = text.slice();
    }
    const timeMs = reader.timeMs === undefined ? undefined : Math.round(reader.timeSeconds * 1000);
    const exemplar = reader.hasExemplar ? exemplarLabels(reader) : undefined;
    this.#sample({ labels: this.#labels, value: reader.value, timeMs, exemplar }, this.#line);
  }

  #error(message: string, from: number): OpenMetricsError {
    const { body } = this.#reader;
    const newline = body.indexOf(NEWLINE, from);
    const end = newline < 0 ? body.length : newline;
    const text = decode(body, from, Math.min(end, from + MAX_TEXT * 4)).slice(0, MAX_TEXT);
    return new OpenMetricsError(this.#line, message, text);
  }
}

function ruleOf(type: string): LabelRule {
  if (type === 'histogram') return LabelRule.le;
  return type === 'summary' ? LabelRule.quantile : LabelRule.none;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
