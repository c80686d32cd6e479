/** What a query answers. */
import type { Labels, NativeHistogram } from '@watchroom/model';
import type { ExplainNode } from './explain.ts';

export interface VectorSample {
  readonly labels: Labels;
  readonly timeMs: number;
  /** Counts for nothing when `histogram` is set. */
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
}

/**
 * One series of a matrix: columns of one length, times ascending. Columns may be views of larger arrays, and shared between
 * series: they are not to be changed, and to be copied where they are kept for long.
 */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Set when there are histograms: one entry per point; where it is set, the value counts for nothing. */
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
}

export type QueryValue =
  | { readonly type: 'vector'; readonly samples: readonly VectorSample[] }
  /** In order of labels. */
  | { readonly type: 'matrix'; readonly series: readonly MatrixSeries[] }
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string };

export interface QueryStats {
  /** Samples read from the store. */
  readonly samples: number;
  readonly series: number;
  /** Time in the queue, ms. */
  readonly queueMs: number;
  readonly evalMs: number;
}

export interface QueryResult {
  readonly value: QueryValue;
  /** As the API prints them: `PromQL warning: … (1:5)`. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
  /** When the request asked for it. */
  readonly explain?: ExplainNode;
}
