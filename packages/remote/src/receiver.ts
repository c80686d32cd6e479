/** Takes remote write requests: decompress, decode, find the series, append, tell the live side. */
import {
  type Appendable,
  type Appender,
  type AppendOutcome,
  type FeedListener,
  Labels,
} from '@watchroom/model';
import { BytesTable } from './bytes-table.ts';
import { messageOf } from './content.ts';
import type { Counter } from './counter.ts';
import { DecoderV1 } from './decode-v1.ts';
import { MalformedError, RequestTooLargeError } from './errors.ts';
import { FeedLayouts } from './feed-layouts.ts';
import { Rejections } from './rejections.ts';
import { MetricNames, type SeriesEntry } from './series-entry.ts';
import { SnappyDecoder } from './snappy.ts';
import { Wire } from './wire.ts';
import { WriteBatch } from './write-batch.ts';

export interface ReceiverOptions {
  readonly appendable: Appendable;
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
const MOST_NAMES = 100_000;

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

export class RemoteWriteReceiver {
  readonly #options: ReceiverOptions;
  readonly #snappy: SnappyDecoder;
  readonly #batch: WriteBatch;
  readonly #v1: DecoderV1;
  readonly #byLabelBytes: BytesTable<SeriesEntry>;
  readonly #layouts = new FeedLayouts();
  readonly #forgotten: Counter = { count: 0 };
  #requests = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const limits = { ...LIMITS, ...options.limits };
    const bounds = { entries: limits.cachedSeries, keyBytes: limits.cachedBytes };
    this.#byLabelBytes = new BytesTable(bounds, this.#forgotten);
    this.#snappy = new SnappyDecoder(limits.decodedBytes);
    this.#batch = new WriteBatch(limits.samplesPerRequest, limits.seriesPerRequest);
    const names = new MetricNames(MOST_NAMES);
    this.#v1 = new DecoderV1(new Wire(), this.#batch, this.#byLabelBytes, names);
  }

  /** Series remembered by their bytes, and how many the bound has cost. */
  stats(): { readonly cachedSeries: number; readonly forgottenSeries: number } {
    return { cachedSeries: this.#byLabelBytes.size, forgottenSeries: this.#forgotten.count };
  }

  /** Writes what is valid of a request. Throws only for faults of the store. */
  receive(request: WriteRequest): WriteAnswer {
    const message = messageOf(request.contentType, request.contentEncoding);
    if (typeof message === 'object') return refusal(415, message.unsupported);
    if (message !== 'prometheus.WriteRequest') return refusal(415, `${message} is not supported`);
    this.#batch.clear();
    try {
      this.#v1.decode(this.#snappy.decode(request.body));
    } catch (error) {
      if (error instanceof MalformedError) return refusal(400, error.message);
      if (error instanceof RequestTooLargeError) return refusal(413, error.message);
      throw error;
    }
    return this.#write(request.receivedAtMs);
  }

  #write(receivedAtMs: number): WriteAnswer {
    this.#requests++;
    const appender = this.#options.appendable.appender();
    const rejections = new Rejections();
    const feed = this.#layouts.begin(this.#requests);
    let samples = 0;
    try {
      samples = this.#appendSamples(appender, rejections, feed);
      appender.commit();
    } catch (error) {
      appender.rollback();
      throw error;
    }
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
    return { status: message === '' ? 204 : 400, message, samples, histograms: 0, exemplars: 0 };
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
      if (entry.ref === 0) entry.ref = appender.series(entry.labels);
      const { ref } = entry;
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
}

function refusal(status: 400 | 413 | 415, message: string): WriteAnswer {
  return { status, message, samples: 0, histograms: 0, exemplars: 0 };
}
