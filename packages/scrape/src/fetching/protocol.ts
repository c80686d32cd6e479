/**
 * What the server and its fetching part say to each other. The fetching part knows when a target is due, gets its body and
 * reads it; what the samples mean (relabelling, limits, staleness) is decided where the store is. Everything here can be
 * copied to another thread. Times are ms.
 */
import type { ScrapeParserOptions } from '@watchroom/exposition';
import type { MetricMetadata, NativeHistogram } from '@watchroom/model';
import type { LimitKind } from '../observer.ts';
import type { PackedHttp } from './pack-http.ts';

/** How one target is scraped. */
export interface FetchSettings {
  /** The number of a connection that was announced. */
  readonly client: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  /** When in the interval, see `turnOf`. */
  readonly turnMs: number;
  readonly timeoutMs: number;
  /** Of the uncompressed body; 0 for the built-in bound. */
  readonly bodyLimitBytes: number;
  /** Set when nothing is to be fetched and every scrape must fail with it. */
  readonly forcedError: string | undefined;
  /** Another number means a parser that has seen nothing yet: handles begin at 1 again. */
  readonly parserId: number;
  readonly parser: ScrapeParserOptions;
}

export type FetchCommand =
  | { readonly kind: 'connect'; readonly client: number; readonly http: PackedHttp }
  | { readonly kind: 'disconnect'; readonly client: number }
  /** Starts a target, or changes it before its next scrape. Reports carry the generation of the settings they go by. */
  | {
      readonly kind: 'scrape';
      readonly target: number;
      readonly generation: number;
      readonly settings: FetchSettings;
    }
  | { readonly kind: 'stop'; readonly target: number };

export interface ScrapeFault {
  readonly message: string;
  readonly limit: LimitKind | undefined;
}

/** Names and values in turn, as in Labels: sorted, distinct, none empty. */
export type PackedLabels = readonly string[];

/** Series in numbers, by texts that stand once: between threads, a text costs more than all else that a series is. */
export interface BornSeries {
  readonly count: number;
  readonly texts: readonly string[];
  /** Of each series how many labels it has, and of each of those the name's place among the texts, and the value's. */
  readonly places: Int32Array;
}

export const NONE_BORN: BornSeries = { count: 0, texts: [], places: new Int32Array(0) };

/** What stands between samples, behind the first `at` of them. */
export type Extra =
  | {
      readonly kind: 'exemplar';
      readonly at: number;
      readonly handle: number;
      readonly labels: PackedLabels;
      readonly value: number;
      readonly timeMs: number | undefined;
    }
  | {
      readonly kind: 'histogram';
      readonly at: number;
      readonly handle: number;
      readonly histogram: NativeHistogram;
      readonly timeMs: number | undefined;
    };

/** What a body says. */
export interface Reading {
  /** Why Prometheus would refuse the body. */
  readonly fatal: string | undefined;
  /** As in ParseResult. */
  readonly samples: number;
  readonly duplicates: number;
  readonly errorCount: number;
  /** Undefined: as before. */
  readonly metadata: ReadonlyMap<string, MetricMetadata> | undefined;
  /** Series that were not seen before, with the next handles; as exposed. */
  readonly born: BornSeries;
  /** A body whose lines are those of the body before: one value for each of its handles. */
  readonly isRow: boolean;
  /** By sample. Undefined in a row: those of the row before. */
  readonly handles: Int32Array | undefined;
  readonly values: Float64Array;
  /** By sample, NaN where the target gave none. Undefined: nowhere. */
  readonly times: Float64Array | undefined;
  readonly extras: readonly Extra[];
}

/** One scrape that ended. */
export interface FetchReport {
  readonly target: number;
  readonly generation: number;
  readonly sampleTimeMs: number;
  /** From the planned to the real start. */
  readonly lateMs: number;
  /** Fetching and reading. */
  readonly durationMs: number;
  /** When the last byte had come, or the failure. */
  readonly endedAtMs: number;
  /** From the report to the next scrape's planned start; negative when that is past. */
  readonly nextInMs: number;
  /** Scrapes that were not made since the report before. */
  readonly missed: number;
  readonly bodyBytes: number;
  readonly fault: ScrapeFault | undefined;
  /** Undefined when there was no body. */
  readonly reading: Reading | undefined;
}

/** What a report takes while it waits to be stored, about. */
export function reportBytes({ reading }: FetchReport): number {
  if (!reading) return EMPTY_REPORT_BYTES;
  const born = reading.born.texts.length * TEXT_BYTES + reading.born.places.byteLength;
  const arrays =
    reading.values.byteLength + (reading.handles?.byteLength ?? 0) + (reading.times?.byteLength ?? 0);
  return EMPTY_REPORT_BYTES + born + arrays + reading.extras.length * EXTRA_BYTES;
}

const EMPTY_REPORT_BYTES = 512;
const TEXT_BYTES = 32;
const EXTRA_BYTES = 256;
