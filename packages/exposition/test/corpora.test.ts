/** Every file of the parser corpora, with the verdicts of Prometheus 3.5.3 (EXPECT.json) and of its parsers' own tests. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatValue } from '@watchroom/model';
import { corpusFolder } from '@watchroom/testkit';
import { describe, expect, test } from 'vitest';
import { ScrapeParser, validateOpenMetrics } from '../src/index.ts';
import { RowSink, record } from './recording-sink.ts';

const TEXT = 'text/plain; version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

interface Expected {
  readonly accepted?: boolean;
  readonly prometheus_accepts?: boolean;
  readonly openmetrics_spec_should_parse?: boolean;
  readonly error?: string;
  readonly samples?: number;
  readonly series_stored?: number;
  readonly series?: readonly StoredSeries[];
  readonly sampled_series?: readonly StoredSeries[];
  readonly series_per_metric?: Readonly<Record<string, number>>;
  readonly metadata?: readonly { metric: string; type: string; help: string; unit: string }[];
  readonly metadata_families?: number;
}
interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}
interface ParserCase {
  readonly input?: string;
  readonly input_base64?: string;
  readonly error: string;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** What differs between a verdict and our parse, or undefined. */
function difference(body: Uint8Array, contentType: string, expected: Expected): string | undefined {
  const { result, series } = record(new ScrapeParser(), body, contentType);
  const accepted = expected.accepted ?? expected.prometheus_accepts ?? true;
  if (!accepted) return differs('error', result.fatal?.message, expected.error);
  if (result.fatal !== undefined) return `refused: ${result.fatal.line}: ${result.fatal.message}`;
  const samples = differs('samples', result.samples, expected.samples);
  if (samples !== undefined) return samples;
  for (const stored of expected.series ?? expected.sampled_series ?? []) {
    const name = JSON.stringify(Object.entries(stored.labels).sort());
    const value = series.get(name);
    const unlike = differs(name, value === undefined ? undefined : formatValue(value), stored.value);
    if (unlike !== undefined) return unlike;
  }
  if (expected.series_per_metric !== undefined) {
    const counts: Record<string, number> = {};
    for (const key of series.keys()) {
      const metric = (JSON.parse(key) as [string, string][]).find(([n]) => n === '__name__')![1];
      counts[metric] = (counts[metric] ?? 0) + 1;
    }
    const isPart = expected.samples !== expected.series_stored;
    for (const [metric, count] of Object.entries(expected.series_per_metric)) {
      const unlike = differs(metric, counts[metric], count);
      if (unlike !== undefined && !isPart) return unlike;
    }
  }
  if (expected.metadata_families !== undefined)
    return differs('families', result.metadata.size, expected.metadata_families);
  const own = [...result.metadata].map(([metric, of]) => ({ metric, ...of })).sort(byMetric);
  const theirs = [...(expected.metadata ?? own)].sort(byMetric);
  return differs('metadata', JSON.stringify(own), JSON.stringify(theirs));
}

/** Read again and again, with and without vectors, a body says the same. */
function expectRowsAlike(body: Uint8Array, contentType: string): void {
  const [parser, plain] = [new ScrapeParser(), new ScrapeParser({ vectors: false })];
  const [sink, plainSink] = [new RowSink(), new RowSink()];
  for (let scrape = 0; scrape < 4; scrape++) {
    const { calls, result } = record(parser, body, contentType, sink);
    expect(record(plain, body, contentType, plainSink).calls).toEqual(calls);
    const cold = record(new ScrapeParser(), body, contentType);
    expect([...calls].sort()).toEqual([...cold.calls].sort());
    expect(result.samples).toBe(cold.result.samples);
  }
  expect(plainSink.rows).toBe(sink.rows);
}

function byMetric(a: { metric: string }, b: { metric: string }): number {
  return a.metric < b.metric ? -1 : 1;
}

function differs(what: string, ours: unknown, theirs: unknown): string | undefined {
  return ours === theirs ? undefined : `${what}: ours ${String(ours)}, theirs ${String(theirs)}`;
}

function report(name: string, total: number, failures: readonly string[]): void {
  console.log(`${name}: ${total - failures.length} passed of ${total}`);
  expect(failures).toEqual([]);
}

describe('corpora', () => {
  for (const name of ['scrape', 'textparse']) {
    test(`${name}: verdicts, samples, values and metadata`, () => {
      const folder = corpusFolder(name);
      if (folder === undefined) return;
      const failures: string[] = [];
      const expected = Object.entries(readJson<Record<string, Expected>>(join(folder, 'EXPECT.json')));
      for (const [file, verdict] of expected) {
        const contentType = file.includes('.om.') ? OPENMETRICS : TEXT;
        const body = readFileSync(join(folder, file));
        expectRowsAlike(body, contentType);
        const unlike = difference(body, contentType, verdict);
        if (unlike !== undefined) failures.push(`${file}: ${unlike}`);
      }
      report(name, expected.length, failures);
    });
  }

  test('textparse: inputs and messages of the parsers of Prometheus', () => {
    const folder = corpusFolder('textparse');
    if (folder === undefined) return;
    let total = 0;
    const failures: string[] = [];
    for (const [file, contentType] of [
      ['openmetrics-errors.json', OPENMETRICS],
      ['openmetrics-bare-identifier.json', OPENMETRICS],
      ['prom-text-errors.json', TEXT],
      ['prom-text-bare-identifier.json', TEXT],
    ] as const) {
      for (const { input, input_base64, error } of readJson<ParserCase[]>(join(folder, file))) {
        total++;
        const body = Buffer.from(input_base64 ?? input ?? '', input_base64 === undefined ? 'utf8' : 'base64');
        const { result } = record(new ScrapeParser(), body, contentType);
        const wanted = error === 'EOF' || error === '' ? undefined : error;
        const unlike = differs(JSON.stringify(input), result.fatal?.message, wanted);
        if (unlike !== undefined) failures.push(`${file}: ${unlike}`);
      }
    }
    report('textparse messages', total, failures);
  });

  test('openmetrics: what Prometheus makes of each', () => {
    const folder = corpusFolder('openmetrics');
    if (folder === undefined) return;
    const failures: string[] = [];
    const expected = Object.entries(readJson<Record<string, Expected>>(join(folder, 'EXPECT.json')));
    for (const [file, verdict] of expected) {
      const body = readFileSync(join(folder, file, 'metrics'));
      expectRowsAlike(body, OPENMETRICS);
      const unlike = difference(body, OPENMETRICS, verdict);
      if (unlike !== undefined) failures.push(`${file}: ${unlike}`);
    }
    report('openmetrics as Prometheus', expected.length, failures);
  });

  test('openmetrics: the verdict of the specification', () => {
    const folder = corpusFolder('openmetrics');
    if (folder === undefined) return;
    const failures: string[] = [];
    const cases = Object.keys(readJson<Record<string, Expected>>(join(folder, 'EXPECT.json')));
    for (const name of cases) {
      const path = join(folder, name, 'test.json');
      const wanted = existsSync(path) ? readJson<{ shouldParse: boolean }>(path).shouldParse : true;
      const errors = validateOpenMetrics(readFileSync(join(folder, name, 'metrics')));
      if ((errors.length === 0) !== wanted) failures.push(`${name}: ${errors[0]?.message ?? 'no error'}`);
    }
    report('openmetrics strict', cases.length, failures);
  });
});
