/** What a parser hands its samples to. One sink per target; the parser remembers handles between scrapes of that target. */
import type { Labels, MetricType, NativeHistogram } from '@watchroom/model';

/** A sink's own number for a series. 0: the series is not wanted (dropped by relabelling, say); its samples are skipped. */
export type SeriesHandle = number;

export interface SampleSink {
  /**
   * Asked once for each distinct series text of a target (and again after `ScrapeParser.reset`), never for a line whose
   * series was seen before. `labels` include the metric's name, as exposed, before any relabelling.
   */
  resolve(labels: Labels): SeriesHandle;
  /** `timeMs` is the target's own timestamp, or undefined when the line has none. Called in the order of the lines. */
  sample(handle: SeriesHandle, timeMs: number | undefined, value: number): void;
  /**
   * A whole body of samples without times of their own, in place of a `sample` for each; exemplars come after it. `handles` is
   * the same object as long as the target's lines are the same; `values` is used again.
   */
  row?(handles: Int32Array, values: Float64Array): void;
  /** A native histogram, valid and without empty buckets. */
  histogram?(handle: SeriesHandle, timeMs: number | undefined, histogram: NativeHistogram): void;
  /**
   * An exemplar of the sample just reported; without a time of its own it has the sample's. Those of one native histogram come
   * sorted by time, value and labels, all with a time.
   */
  exemplar?(handle: SeriesHandle, labels: Labels, value: number, timeMs: number | undefined): void;
  /** What the samples that follow belong to, where the target says it. */
  family?(name: string, type: MetricType): void;
}

/** A line, or a protobuf family, that could not be read. `line` counts from 1; it is 0 where there are no lines. */
export interface LineError {
  readonly line: number;
  readonly message: string;
  /** The line's text, cut at 200 characters; the family's name. */
  readonly text: string;
}

/** Of a body that is refused as a whole: how far it was good. */
export interface BeforeFatal {
  /** Lines with a value; one whose labels are at fault counts. */
  readonly samples: number;
  readonly duplicates: number;
  /** Samples that the sink was handed by then. */
  readonly handed: number;
}
