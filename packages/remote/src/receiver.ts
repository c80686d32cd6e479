/** Takes remote write requests: decompress, decode, find the series, append, tell the live side. */
import {
  type Appendable,
  type Appender,
  type AppendOutcome,
  type Clock,
  type FeedListener,
  histogramFault,
  isStale,
  Labels,
  type MetricMetadata,
  NO_SERIES,
  type SeriesRef,
} from '@watchroom/model';
import { ByteTable } from '@watchroom/model/byte-table';
import { exhaust, inTurns } from '@watchroom/model/turns';
import { messageOf } from './content.ts';
import type { Counter } from './counter.ts';
import { DecoderV1 } from './decode-v1.ts';
import { DecoderV2, type RequestSymbol } from './decode-v2.ts';
import { MalformedError, RequestTooLargeError } from './errors.ts';
import { Families } from './families.ts';
import { FeedLayouts } from './feed-layouts.ts';
import { Rejections } from './rejections.ts';
import { MetricNames, type SeriesEntry, shown } from './series-entry.ts';
import { announcedLength, SnappyDecoder } from './snappy.ts';
import { Wire } from './wire.ts';
import { SERIES_PER_STEP, WriteBatch } from './write-batch.ts';

export interface ReceiverOptions {
  readonly appendable: Appendable;
  /** Times the turns of long requests. */
  readonly clock: Clock;
  readonly onFeed?: FeedListener | undefined;
  readonly limits?: Partial<ReceiverLimits> | undefined;
}

export interface ReceiverLimits {
  /** Of a request, decompressed. */
  readonly decodedBytes: number;
  readonly samplesPerRequest: number;
  readonly seriesPerRequest: number;
  /** Series remembered by their bytes, and the bytes; twice as much at most. */
  readonly cachedSeries: number;
  readonly cachedBytes: number;
}

const LIMITS: ReceiverLimits = {
  decodedBytes: 128 << 20,
  samplesPerRequest: 4 << 20,
  seriesPerRequest: 1 << 20,
  cachedSeries: 1 << 20,
  cachedBytes: 256 << 20,
};
/** Decoded: Prometheus sends some hundred kilobytes at a time. */
const LONG_BYTES = 1 << 20;
const MOST_NAMES = 100_000;
const MOST_FAMILIES = 20_000;

export interface WriteRequest {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** When the request had arrived. */
  readonly receivedAtMs: number;
}

export interface WriteAnswer {
  /** 204 all written; 400 malformed, or part of it refused; 413 too much at once; 415 another message or encoding. */
  readonly status: 204 | 400 | 413 | 415;
  /** Empty with 204. */
  readonly message: string;
  /** What is in the store now, repeated samples included. */
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

export interface ReceiverStats {
  readonly cachedSeries: number;
  readonly forgottenSeries: number;
  readonly refusedFamilies: number;
  /** What all answers together have said, and what of valid messages was refused. */
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly refused: number;
}

export class RemoteWriteReceiver {
  readonly #options: ReceiverOptions;
  readonly #snappy: SnappyDecoder;
  readonly #batch: WriteBatch;
  /** Series of the request at hand that the store does not take. */
  readonly #refused = new Set<SeriesEntry>();
  readonly #v1: DecoderV1;
  readonly #v2: DecoderV2;
  readonly #bySymbols: ByteTable<SeriesEntry>;
  readonly #families: Families;
  readonly #refusedFamilies: Counter = { count: 0 };
  readonly #byLabelBytes: ByteTable<SeriesEntry>;
  readonly #layouts = new FeedLayouts();
  readonly #forgotten: Counter = { count: 0 };
  readonly #totals = { samples: 0, histograms: 0, exemplars: 0, refused: 0 };
  #requests = 0;
  /** Requests that wait for a long one, itself included. */
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const limits = { ...LIMITS, ...options.limits };
    const bounds = { entries: limits.cachedSeries, keyBytes: limits.cachedBytes };
    this.#byLabelBytes = new ByteTable(bounds, this.#forgotten);
    this.#snappy = new SnappyDecoder(limits.decodedBytes);
    this.#batch = new WriteBatch(limits.samplesPerRequest, limits.seriesPerRequest);
    const names = new MetricNames(MOST_NAMES);
    this.#v1 = new DecoderV1(new Wire(), this.#batch, this.#byLabelBytes, names);
    this.#bySymbols = new ByteTable(bounds, this.#forgotten);
    const symbols = new ByteTable<RequestSymbol>(bounds);
    this.#v2 = new DecoderV2(new Wire(), this.#batch, { symbols, series: this.#bySymbols, names });
    this.#families = new Families(MOST_FAMILIES, this.#refusedFamilies);
  }

  /** What senders have said about metric families, the newest word of each. */
  metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#families.all;
  }

  /** Series remembered by their bytes, how many the bound has cost, families of metadata beyond theirs; totals. */
  stats(): ReceiverStats {
    return {
      cachedSeries: this.#byLabelBytes.size + this.#bySymbols.size,
      forgottenSeries: this.#forgotten.count,
      refusedFamilies: this.#refusedFamilies.count,
      ...this.#totals,
    };
  }

  /** Writes what is valid of a request, at once. Throws only for faults of the store. */
  receive(request: WriteRequest): WriteAnswer {
    return exhaust(this.#steps(request, false));
  }

  /** The same, one request after the other; a long one lets others have the thread between its turns. */
  async take(request: WriteRequest): Promise<WriteAnswer> {
    const isLong = announcedLength(request.body) > LONG_BYTES;
    if (!isLong && this.#waiting === 0) return this.receive(request);
    this.#waiting++;
    const before = this.#last;
    const turn = async (): Promise<WriteAnswer> => {
      await before.catch(() => {});
      return isLong ? await this.#inTurns(request) : this.receive(request);
    };
    const answer = turn().finally(() => {
      this.#waiting--;
    });
    this.#last = answer;
    return await answer;
  }

  #inTurns(request: WriteRequest): Promise<WriteAnswer> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const done = (answer: WriteAnswer | undefined) => resolve(answer!);
      inTurns(this.#steps(request, true), {
        clock,
        atOnce: false,
        isWanted: () => true,
        done,
        failed: reject,
      });
    });
  }

  /** `announces`: the series are made before the write, which is one step. */
  *#steps(request: WriteRequest, announces: boolean): Generator<void, WriteAnswer, void> {
    const message = messageOf(request.contentType, request.contentEncoding);
    if (typeof message === 'object') return refusal(415, message.unsupported);
    this.#batch.clear();
    try {
      const decoder = message === 'prometheus.WriteRequest' ? this.#v1 : this.#v2;
      yield* decoder.steps(this.#snappy.decode(request.body));
    } catch (error) {
      if (error instanceof MalformedError) return refusal(400, error.message);
      if (error instanceof RequestTooLargeError) return refusal(413, error.message);
      throw error;
    }
    if (announces) yield* this.#announce();
    return this.#write(request.receivedAtMs, message !== 'prometheus.WriteRequest');
  }

  /** Has the store know the series, so that the write itself is a short one. */
  *#announce(): Generator<void, void, void> {
    const { entries, seriesCount } = this.#batch;
    const appender = this.#options.appendable.appender();
    for (let series = 0; series < seriesCount; series++) {
      const entry = entries[series]!;
      if (entry.fault === undefined && entry.ref === NO_SERIES) {
        entry.ref = appender.series(entry.labels);
        if (entry.ref === NO_SERIES) break;
      }
      if (series % SERIES_PER_STEP === 0) yield;
    }
    appender.rollback();
  }

  /** `strict`: as 2.0 wants it, exemplars that are not written and series without samples are faults, too. */
  #write(receivedAtMs: number, strict: boolean): WriteAnswer {
    this.#requests++;
    const appender = this.#options.appendable.appender();
    const rejections = new Rejections();
    const feed = this.#layouts.begin(this.#requests);
    const written = { samples: 0, histograms: 0, exemplars: 0 };
    this.#refused.clear();
    try {
      written.samples = this.#appendSamples(appender, rejections, feed);
      written.histograms = this.#appendHistograms(appender, rejections, feed);
      written.exemplars = this.#appendExemplars(appender, rejections, strict);
      if (strict) this.#refuseEmpty(rejections);
      appender.commit();
    } catch (error) {
      appender.rollback();
      throw error;
    }
    this.#totals.samples += written.samples;
    this.#totals.histograms += written.histograms;
    this.#totals.exemplars += written.exemplars;
    this.#totals.refused += rejections.count;
    for (const [family, metadata] of this.#batch.metadata) this.#families.set(family, metadata);
    if (feed.newestMs > Number.NEGATIVE_INFINITY) {
      this.#options.onFeed?.({
        metricNames: feed.metricNames(),
        labels: Labels.EMPTY,
        sampleTimeMs: feed.newestMs,
        oldestTimeMs: feed.oldestMs,
        endedAtMs: receivedAtMs,
        source: 'write',
      });
    }
    const message = rejections.message();
    return { status: message === '' ? 204 : 400, message, ...written };
  }

  #appendSamples(appender: Appender, rejections: Rejections, feed: FeedLayouts): number {
    const { entries, sampleEnds, times, values, seriesCount } = this.#batch;
    let written = 0;
    let at = 0;
    for (let series = 0; series < seriesCount; series++) {
      const entry = entries[series]!;
      const end = sampleEnds[series]!;
      if (entry.fault !== undefined) {
        rejections.add(entry.fault, end - at);
        at = end;
        continue;
      }
      if (at === end) continue;
      const ref = this.#refOf(entry, appender);
      const before = written;
      for (; at < end; at++) {
        const outcome: AppendOutcome = appender.append(ref, times[at]!, values[at]!);
        if (outcome === 'ok') feed.time(times[at]!);
        else if (outcome !== 'duplicate') {
          rejections.sample(outcome, entry.labels, times[at]!);
          continue;
        }
        written++;
      }
      if (written > before) feed.name(entry.name);
    }
    return written;
  }

  #appendHistograms(appender: Appender, rejections: Rejections, feed: FeedLayouts): number {
    let written = 0;
    for (const { series, timeMs, histogram, integers } of this.#batch.histograms) {
      const entry = this.#batch.entries[series]!;
      // A series' own fault has been told.
      if (entry.fault !== undefined) continue;
      const fault = isStale(histogram.sum) ? undefined : histogramFault(histogram, integers);
      if (fault !== undefined) {
        rejections.add(`${fault} for series ${shown(entry.labels)}`, 1);
        continue;
      }
      const outcome = appender.appendHistogram(this.#refOf(entry, appender), timeMs, histogram);
      if (outcome === 'ok') {
        feed.time(timeMs);
        feed.name(entry.name);
      } else if (outcome !== 'duplicate') {
        rejections.sample(outcome, entry.labels, timeMs);
        continue;
      }
      written++;
    }
    return written;
  }

  #refOf(entry: SeriesEntry, appender: Appender): SeriesRef {
    if (entry.ref === NO_SERIES) entry.ref = appender.series(entry.labels);
    if (entry.ref === NO_SERIES) this.#refused.add(entry);
    return entry.ref;
  }

  /** In 1.0 an exemplar that is not taken is no fault of the request. Source: Prometheus storage/remote/write_handler.go. */
  #appendExemplars(appender: Appender, rejections: Rejections, strict: boolean): number {
    let written = 0;
    for (const { series, exemplar, fault } of this.#batch.exemplars) {
      const entry = this.#batch.entries[series]!;
      // A series' own fault has been told.
      if (entry.fault !== undefined) continue;
      if (entry.ref === NO_SERIES) {
        if (strict && this.#refused.has(entry))
          rejections.sample('too_many_series', entry.labels, exemplar.timeMs);
        else if (strict)
          rejections.add(`exemplar of a series without samples for series ${shown(entry.labels)}`, 1);
        continue;
      }
      const outcome = fault === undefined ? appender.appendExemplar(entry.ref, exemplar) : undefined;
      if (outcome === 'ok' || outcome === 'duplicate') written++;
      else if (strict && outcome !== 'disabled')
        rejections.add(`${fault ?? EXEMPLAR_WORDS[outcome!]} for series ${shown(entry.labels)}`, 1);
    }
    return written;
  }

  #refuseEmpty(rejections: Rejections): void {
    const { entries, sampleEnds, seriesCount, histograms, exemplars } = this.#batch;
    // Prometheus sends each exemplar as a series of its own.
    const withOthers = new Set([...histograms, ...exemplars].map(({ series }) => series));
    for (let series = 0; series < seriesCount; series++) {
      const samples = sampleEnds[series]! - (series === 0 ? 0 : sampleEnds[series - 1]!);
      const { fault, labels } = entries[series]!;
      if (samples > 0 || withOthers.has(series) || fault !== undefined) continue;
      rejections.add(
        `TimeSeries must contain at least one sample or histogram for series ${shown(labels)}`,
        1,
      );
    }
  }
}

/** Source: Prometheus storage/interface.go. */
const EXEMPLAR_WORDS = {
  out_of_order: 'out of order exemplar',
  too_long: 'label length for exemplar exceeds maximum of 128 UTF-8 characters',
} as const;

function refusal(status: 400 | 413 | 415, message: string): WriteAnswer {
  return { status, message, samples: 0, histograms: 0, exemplars: 0 };
}
