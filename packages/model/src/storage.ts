/** The ports of the store. The engine, the rules and the scraper know these, never the store itself. */
import type { Exemplar, ExemplarOutcome } from './exemplar.ts';
import type { NativeHistogram } from './histogram.ts';
import type { Labels } from './labels.ts';
import type { Matcher } from './matcher.ts';

/** Names a series within one running store; positive, never reused while the process lives. */
export type SeriesRef = number;

/**
 * What became of a sample. `duplicate`: same time, same value, harmless. `conflict`: same time, another value. All but `ok`
 * are not stored. A sample before its series' newest is `out_of_order`, unless the store has a window for those: then it is
 * taken inside of it and `too_old` before it.
 */
export type AppendOutcome =
  | 'ok'
  | 'duplicate'
  | 'conflict'
  | 'out_of_order'
  | 'too_old'
  | 'too_far_ahead'
  | 'too_many_series';

/** In place of a ref: the store has as many series as it may have and takes no other; what is appended is `too_many_series`. */
export const NO_SERIES: SeriesRef = 0;

/** Collects the samples of one scrape, one rule evaluation or one write request; invisible to queries until `commit`. */
export interface Appender {
  /**
   * The series' ref; creates the series when it is new; NO_SERIES when it may not. The ref stays valid until the store is closed, for as long as its
   * holder keeps the labels object: a store may forget a series without samples and needs them to take it up again.
   */
  series(labels: Labels): SeriesRef;
  /** `timeMs` is an integer. Use STALE for a staleness marker. */
  append(ref: SeriesRef, timeMs: number, value: number): AppendOutcome;
  /**
   * As `append` for each ref with the value at its place, all or none: false, and nothing is done, unless each would be `ok`.
   * For distinct refs; a store without it takes them one by one.
   */
  appendRow?(refs: Uint32Array, timeMs: number, values: Float64Array): boolean;
  /**
   * As `append`; a series may mix both. Samples of one time are compared by content. A histogram whose sum is the staleness
   * marker is one. The histogram is read here and now; nothing of it is checked.
   */
  appendHistogram(ref: SeriesRef, timeMs: number, histogram: NativeHistogram): AppendOutcome;
  /** Exemplars are judged one by one, as samples are, and seen by others after `commit`. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): ExemplarOutcome;
  /** Makes everything appended visible at once and queues it for the disk. The appender is spent after it. */
  commit(): void;
  /** Forgets everything appended. The appender is spent after it. */
  rollback(): void;
}

export interface Appendable {
  appender(): Appender;
}

/** A closed range of time in ms. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** What the reader will do with the samples; a store may use it to read less, and must not answer wrongly without it. */
export interface SelectHints extends TimeRange {
  /** Distance of evaluation times; 0 for an instant query. */
  readonly stepMs: number;
  /** The window of a range selector; 0 for an instant selector. */
  readonly rangeMs: number;
  /** The innermost function or aggregation around the selector, '' for none. */
  readonly func: string;
}

/**
 * One series' samples: two columns of one length, times ascending without repeats, staleness markers included.
 * The columns may be views of the store's memory: read only, valid until the next await of the reader.
 */
export interface SeriesData {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Set when the series has native histograms: one entry per sample; where it is set, the value counts for nothing. */
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
  /** When each sample's counter began, ms, 0 where that is not known; absent when it is known of none. */
  readonly startTimestamps?: Float64Array | undefined;
  /**
   * Set when samples stand for others that the store does not have any more: of how many each is the mean; there are no
   * staleness markers then. Given for `avg_over_time` and `count_over_time` only.
   */
  readonly weights?: Float64Array | undefined;
  /** Set when no value is NaN: there is no staleness marker among them. */
  readonly plain?: boolean | undefined;
  /** The series' name in the store, from one that never gives it to another series. */
  readonly ref?: SeriesRef | undefined;
}

/**
 * Series in a range in which they are counters without resets: floats without staleness markers or start timestamps, a value
 * at each of the timestamps, none lower than the one before it. Arrays by series may be longer than there are series.
 */
export interface SeriesEnds {
  /** How many series; at least one. */
  readonly count: number;
  readonly refs: ArrayLike<SeriesRef>;
  /** Of the k-th series. */
  labelsOf(k: number): Labels;
  /** All of them, at least two. One object for series with the same times. */
  readonly timestamps: Float64Array;
  /** The first and the last value of each series. */
  readonly first: Float64Array;
  readonly last: Float64Array;
}

/** A series that has exemplars, and those in the range asked for, ascending in time. */
export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface ExemplarQuerier {
  /** Exemplars in the closed range, of series that satisfy all matchers of one of the sets; by labels. */
  exemplars(matcherSets: readonly (readonly Matcher[])[], range: TimeRange): readonly SeriesExemplars[];
}

/** What a store holds at one moment; made by `Querier.cut`, of no use to others. */
export interface StoreCut {
  readonly kind: 'cut';
  /** To be called once by who has asked for it, when no set is read any more that holds it. */
  release(): void;
}

/** The series that a selector has found; each is read when it is asked for. */
export interface SeriesSet {
  readonly size: number;
  /**
   * The samples of the i-th series; undefined when it has none in the range. Timestamps last, and are one object for series
   * with the same times; values last until the next `read` of this store, and end with an await.
   */
  read(i: number): SeriesData | undefined;
  /**
   * The ends of the i-th series and of some that follow it and have the same times, where the store knows that nothing falls
   * between them; undefined when it does not of the i-th. The object is used again.
   */
  ends?(i: number): SeriesEnds | undefined;
  /**
   * To be called before each await: from then on `read` answers as at the cut, whatever is stored meanwhile. Undefined from
   * queriers that make none.
   */
  hold(cut: StoreCut | undefined): void;
}

export type Awaitable<T> = T | Promise<T>;

/** Reads one consistent cut of the store. */
export interface Querier {
  /** Every series that satisfies all matchers and has a sample in [startMs, endMs], in any order, none twice. */
  select(
    matchers: readonly Matcher[],
    hints: SelectHints,
    signal?: AbortSignal,
  ): Awaitable<readonly SeriesData[]>;
  /**
   * As `select`, for a store that can read one series after the other. With stepMs and rangeMs 0 the newest sample of each
   * series may be all that is given. With a cut, what was stored later is not seen, but for samples out of order.
   */
  open?(matchers: readonly Matcher[], hints: SelectHints, cut?: StoreCut): SeriesSet;
  /** What is stored now. A store that has `open` has this too. */
  cut?(): StoreCut;
  /** True when it has no series of that metric, of any time. One that would have to search for it does not tell. */
  lacks?(metricName: string): boolean;
  /** Label sets only. */
  series(matchers: readonly Matcher[], range: TimeRange): Awaitable<readonly Labels[]>;
  /** Names in byte order, of the series that match. */
  labelNames(matchers: readonly Matcher[], range: TimeRange): Awaitable<readonly string[]>;
  /** Values in byte order, of the series that match. */
  labelValues(name: string, matchers: readonly Matcher[], range: TimeRange): Awaitable<readonly string[]>;
}

/** Told after each commit by whoever made it, so that live queries are evaluated when what feeds them has landed. */
export interface FeedEvent {
  /** Metric names among the samples. One shared set per target layout: compare by identity before by content. */
  readonly metricNames: ReadonlySet<string>;
  /** Labels that every sample carries (a target's), to rule out selectors that cannot match. */
  readonly labels: Labels;
  /** The samples' time. */
  readonly sampleTimeMs: number;
  /** Time of the oldest sample where samples carry times of their own; otherwise that is sampleTimeMs. */
  readonly oldestTimeMs?: number | undefined;
  /** Server wall time when the scrape or evaluation had ended (before parsing and storing). */
  readonly endedAtMs: number;
  readonly source: 'scrape' | 'rule' | 'write';
}

export type FeedListener = (event: FeedEvent) => void;
