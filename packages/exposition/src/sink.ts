/** What a parser hands its samples to. One sink per target; the parser remembers handles between scrapes of that target. */
import type { Labels } from '@watchroom/model';

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
  /** An exemplar of the sample just reported. */
  exemplar?(handle: SeriesHandle, labels: Labels, value: number, timeMs: number | undefined): void;
}

/** A line that could not be read. `line` counts from 1. */
export interface LineError {
  readonly line: number;
  readonly message: string;
  /** The line's text, cut at 200 characters. */
  readonly text: string;
}
