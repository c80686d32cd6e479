/** Cuts and joins of matrices. What a view shows never changes: parts of old answers may be in some that are being sent. */
import type { MatrixSeries } from '@watchroom/promql';
import { lowerBound } from '@watchroom/tsdb';
import { appended } from './columns.ts';
import { textBytesOf } from './point-texts.ts';

const NONE = new Float64Array(0);

/** The points in the closed range; series without any are left out. The columns are views; times that series share stay shared. */
export function cut(series: readonly MatrixSeries[], fromMs: number, toMs: number): MatrixSeries[] {
  const kept: MatrixSeries[] = [];
  let times: Float64Array | undefined;
  let shown: Float64Array = NONE;
  let [from, to] = [0, 0];
  for (const one of series) {
    if (one.timestamps !== times) {
      times = one.timestamps;
      from = lowerBound(times, times.length, fromMs);
      to = lowerBound(times, times.length, toMs, true);
      shown = times.subarray(from, to);
    }
    if (from === 0 && to === one.timestamps.length) kept.push(one);
    else if (from < to) {
      kept.push({
        labels: one.labels,
        timestamps: shown,
        values: one.values.subarray(from, to),
        histograms: one.histograms?.slice(from, to),
      });
    }
  }
  return kept;
}

/** Both in order of labels, all times of `before` earlier than those of `after`; so is the result. */
export function join(before: readonly MatrixSeries[], after: readonly MatrixSeries[]): MatrixSeries[] {
  const joined: MatrixSeries[] = [];
  const times = new JoinedTimes();
  let [i, k] = [0, 0];
  while (i < before.length && k < after.length) {
    const [a, b] = [before[i]!, after[k]!];
    const order = a.labels.equals(b.labels) ? 0 : a.labels.compare(b.labels);
    if (order <= 0) i++;
    if (order >= 0) k++;
    joined.push(order < 0 ? own(a) : order > 0 ? b : concatenated(a, b, times));
  }
  for (; i < before.length; i++) joined.push(own(before[i]!));
  for (; k < after.length; k++) joined.push(after[k]!);
  return joined;
}

/** Columns of times that two answers share are shared in what is made of both. */
class JoinedTimes {
  #before: Float64Array | undefined;
  #after: Float64Array | undefined;
  #joined: Float64Array = NONE;

  of(before: Float64Array, after: Float64Array): Float64Array {
    if (before === this.#before && after === this.#after) return this.#joined;
    this.#before = before;
    this.#after = after;
    this.#joined = appended(before, after);
    return this.#joined;
  }
}

/** Arrays that are hardly used but for these series are let go: the views in them become copies. */
export function kept(series: readonly MatrixSeries[]): readonly MatrixSeries[] {
  const used = new Map<ArrayBufferLike, number>();
  for (const { values } of series)
    used.set(values.buffer, (used.get(values.buffer) ?? 0) + values.byteLength);
  return series.map((one) => {
    const { buffer } = one.values;
    return used.get(buffer)! * 2 >= buffer.byteLength ? one : { ...one, values: one.values.slice() };
  });
}

/** Not a view: the larger arrays of an older answer can go. */
function own(series: MatrixSeries): MatrixSeries {
  if (series.timestamps.byteLength === series.timestamps.buffer.byteLength) return series;
  return { ...series, timestamps: series.timestamps.slice(), values: series.values.slice() };
}

function concatenated(a: MatrixSeries, b: MatrixSeries, times: JoinedTimes): MatrixSeries {
  const none = (series: MatrixSeries) => new Array<undefined>(series.timestamps.length).fill(undefined);
  const histograms =
    a.histograms || b.histograms ? [...(a.histograms ?? none(a)), ...(b.histograms ?? none(b))] : undefined;
  return {
    labels: b.labels,
    timestamps: times.of(a.timestamps, b.timestamps),
    values: appended(a.values, b.values),
    histograms,
  };
}

const SERIES_BYTES = 200;
/** With half as much room again. */
const POINT_BYTES = 24;
const HISTOGRAM_BYTES = 200;

/** About how much memory the series take, with the texts of their points that have been written by now. */
export function bytesOf(series: readonly MatrixSeries[]): number {
  let bytes = 0;
  for (const { timestamps, values, histograms } of series) {
    bytes += SERIES_BYTES + POINT_BYTES * timestamps.length + textBytesOf(values);
    for (const histogram of histograms ?? [])
      if (histogram)
        bytes += HISTOGRAM_BYTES + 8 * (histogram.positiveBuckets.length + histogram.negativeBuckets.length);
  }
  return bytes;
}
