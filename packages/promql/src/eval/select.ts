/**
 * Selectors → columns and windows.
 * An instant selector takes the newest sample in (t − lookback, t]; a range selector those in (t − range, t]; a
 * staleness marker ends a series at once. Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness.
 */
import {
  isStale,
  type Labels,
  type NativeHistogram,
  type SeriesData,
  type SeriesEnds,
  type SeriesRef,
} from '@watchroom/model';
import { detectReset, withHint } from '../histogram/arithmetic.ts';
import type { VectorSelector } from '../parser/ast.ts';
import {
  type Column,
  FLOAT,
  type Grid,
  HISTOGRAM,
  isEmpty,
  newColumn,
  setFloat,
  setHistogram,
  timeAt,
} from './column.ts';
import type { EvalContext } from './context.ts';
import { smoothedAt } from './extended.ts';
import { InstantSteps } from './instant-steps.ts';
import { copyOf, eachSeries, type SeriesRead } from './series-source.ts';
import { shiftFor } from './shift.ts';

/** The samples of one series that a range function looks at, without staleness markers; floats and histograms apart. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: Float64Array | undefined;
  readonly histograms: readonly NativeHistogram[] | undefined;
  /** Start timestamps of the floats, ms; 0: not known. */
  readonly startTimes?: Float64Array | undefined;
  readonly histogramStartTimes?: Float64Array | undefined;
  /** How many samples each float stands for; undefined: itself. */
  readonly weights?: Float64Array | undefined;
  readonly ref?: SeriesRef | undefined;
}

/** Gives the column that a series goes into. */
export type NextColumn = (labels: Labels, ref: SeriesRef | undefined, dropName: boolean) => Column;

/** What an instant selector gives: the sample's value, its time or its start timestamp, both in seconds. */
export type Reading = 'value' | 'time' | 'start';

/** Evaluates an instant selector. */
export async function selectVector(
  context: EvalContext,
  selector: VectorSelector,
  grid: Grid,
  func: string,
  reading: Reading = 'value',
): Promise<Column[]> {
  const { offsetMs, grid: at } = shiftFor(context, selector, grid);
  if (selector.mode === 'smoothed') return selectSmoothed(context, selector, grid, at, offsetMs, func);
  const columns: Column[] = [];
  const steps = new InstantSteps(at, offsetMs, context.lookbackMs);
  await eachSeries(context, selector, instantRead(context, at, offsetMs, func), (data) => {
    const series = context.detectsResets ? withDetectedResets(data) : data;
    context.hold(grid.count);
    const column = newColumn(series.labels, grid.count);
    const points = steps.fill(column, series, reading);
    if (points === 0) return;
    context.spend(points);
    columns.push(at.count === grid.count ? column : spread(column));
  });
  return columns;
}

/** Puts each series into a column that `next` gives and `use` then looks at, with how many of its steps have a value. */
export async function eachVector(
  context: EvalContext,
  selector: VectorSelector,
  grid: Grid,
  func: string,
  next: NextColumn,
  use: (column: Column, points: number) => void,
): Promise<void> {
  const { offsetMs, grid: at } = shiftFor(context, selector, grid);
  const steps = new InstantSteps(at, offsetMs, context.lookbackMs);
  await eachSeries(context, selector, instantRead(context, at, offsetMs, func), (data) => {
    const series = context.detectsResets ? withDetectedResets(data) : data;
    const column = next(series.labels, series.ref, false);
    const points = steps.fill(column, series, 'value');
    context.spend(points);
    use(column, points);
  });
}

/** What an instant selector reads for all steps. */
export function instantRead(context: EvalContext, at: Grid, offsetMs: number, func: string): SeriesRead {
  return {
    startMs: at.startMs - offsetMs - context.lookbackMs + 1,
    endMs: timeAt(at, at.count - 1) - offsetMs,
    hints: { stepMs: at.stepMs, rangeMs: 0, func },
  };
}

async function selectSmoothed(
  context: EvalContext,
  selector: VectorSelector,
  grid: Grid,
  at: Grid,
  offsetMs: number,
  func: string,
): Promise<Column[]> {
  const { lookbackMs } = context;
  const firstMs = at.startMs - offsetMs - lookbackMs + 1;
  const lastMs = timeAt(at, at.count - 1) - offsetMs + lookbackMs;
  const hints = { stepMs: at.stepMs, rangeMs: 0, func };
  const columns: Column[] = [];
  for (const series of await selectRange(context, selector, { startMs: firstMs, endMs: lastMs, hints })) {
    context.hold(grid.count);
    const column = newColumn(series.labels, grid.count);
    for (let i = 0; i < at.count; i++) {
      const found = smoothedAt(series, timeAt(at, i) - offsetMs, lookbackMs, (message) =>
        context.annotations.warn(message, selector.span),
      );
      if (found?.histogram) setHistogram(column, i, found.histogram);
      else if (found) setFloat(column, i, found.value);
    }
    if (!isEmpty(column)) columns.push(at.count === grid.count ? column : spread(column));
  }
  return columns;
}

/** Hints for counters that say nothing about resets: what comparing a sample with the one before it shows. */
function withDetectedResets(data: SeriesData): SeriesData {
  if (!data.histograms) return data;
  let before: NativeHistogram | undefined;
  const histograms = data.histograms.map((histogram) => {
    const previous = before;
    before = histogram;
    if (!histogram || !previous || histogram.resetHint !== 'unknown') return histogram;
    return withHint(histogram, detectReset(histogram, previous) ? 'reset' : 'not_reset');
  });
  return { ...data, histograms };
}

/** Repeats the first step's value over all steps. */
export function spread(column: Column): Column {
  column.kinds.fill(column.kinds[0]!);
  column.values.fill(column.values[0]!);
  column.histograms?.fill(column.histograms[0]);
  return column;
}

/** Reads the samples in [startMs, endMs] of each series, copied: they outlast the store's loan. */
export async function selectRange(
  context: EvalContext,
  selector: VectorSelector,
  read: SeriesRead,
): Promise<RangeSeries[]> {
  const series: RangeSeries[] = [];
  await eachSeries(context, selector, read, (data) =>
    offer(context, copyOf(data), read, (one) => series.push(one)),
  );
  return series;
}

/** Gives each series to `use` at once, without copying; with `useEnds`, those of which the ends tell all go there. */
export async function eachRange(
  context: EvalContext,
  selector: VectorSelector,
  read: SeriesRead,
  use: (series: RangeSeries) => void,
  useEnds: ((ends: SeriesEnds) => void) | undefined,
): Promise<void> {
  const counted =
    useEnds &&
    ((ends: SeriesEnds): void => {
      context.spend(ends.timestamps.length * ends.count);
      useEnds(ends);
    });
  await eachSeries(context, selector, read, (data) => offer(context, data, read, use), counted);
}

function offer(
  context: EvalContext,
  data: SeriesData,
  read: SeriesRead,
  use: (series: RangeSeries) => void,
): void {
  const detected = context.detectsResets ? withDetectedResets(data) : data;
  const known = context.startTimestamps ? detected.startTimestamps : undefined;
  const one = known
    ? mixedSeries(detected, read.startMs, read.endMs, known)
    : rangeSeries(detected, read.startMs, read.endMs);
  context.spend(one.times.length + (one.histograms?.length ?? 0));
  if (one.times.length > 0 || one.histograms) use(one);
}

/** The samples in [startMs, endMs] as views where nothing has to go. */
function rangeSeries(data: SeriesData, startMs: number, endMs: number): RangeSeries {
  if (data.histograms) return mixedSeries(data, startMs, endMs, undefined);
  const { timestamps, values } = data;
  let from = 0;
  let to = timestamps.length;
  while (from < to && timestamps[from]! < startMs) from++;
  while (to > from && timestamps[to - 1]! > endMs) to--;
  let stale = 0;
  if (!data.plain) {
    // A series that has ended has one marker, behind all samples.
    while (to > from && isStale(values[to - 1]!)) to--;
    for (let i = from; i < to; i++) if (isStale(values[i]!)) stale++;
  }
  if (stale === 0) {
    const { weights } = data;
    if (from === 0 && to === timestamps.length) return floatSeries(data, timestamps, values, weights);
    const [times, kept] = [timestamps.subarray(from, to), values.subarray(from, to)];
    return floatSeries(data, times, kept, weights?.subarray(from, to));
  }
  const times = new Float64Array(to - from - stale);
  const kept = new Float64Array(to - from - stale);
  let n = 0;
  for (let i = from; i < to; i++) {
    if (isStale(values[i]!)) continue;
    times[n] = timestamps[i]!;
    kept[n++] = values[i]!;
  }
  return floatSeries(data, times, kept);
}

function floatSeries(
  { labels, ref }: SeriesData,
  times: Float64Array,
  values: Float64Array,
  weights?: Float64Array,
): RangeSeries {
  return {
    labels,
    dropName: false,
    histogramTimes: undefined,
    histograms: undefined,
    times,
    values,
    weights,
    ref,
  };
}

function mixedSeries(
  data: SeriesData,
  startMs: number,
  endMs: number,
  starts: Float64Array | undefined,
): RangeSeries {
  const startTimes: number[] = [];
  const histogramStartTimes: number[] = [];
  const times: number[] = [];
  const values: number[] = [];
  const histogramTimes: number[] = [];
  const histograms: NativeHistogram[] = [];
  for (let i = 0; i < data.timestamps.length; i++) {
    if (data.timestamps[i]! < startMs || data.timestamps[i]! > endMs) continue;
    const histogram = data.histograms?.[i];
    if (histogram) {
      histogramTimes.push(data.timestamps[i]!);
      histograms.push(histogram);
      if (starts) histogramStartTimes.push(starts[i]!);
    } else if (!isStale(data.values[i]!)) {
      times.push(data.timestamps[i]!);
      values.push(data.values[i]!);
      if (starts) startTimes.push(starts[i]!);
    }
  }
  return {
    labels: data.labels,
    dropName: false,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    histogramTimes: histograms.length > 0 ? Float64Array.from(histogramTimes) : undefined,
    histograms: histograms.length > 0 ? histograms : undefined,
    startTimes: starts && Float64Array.from(startTimes),
    histogramStartTimes: starts && Float64Array.from(histogramStartTimes),
  };
}

/** Columns of a subquery as the samples of a range. */
export function columnToRange(column: Column, grid: Grid): RangeSeries {
  let floats = 0;
  for (const kind of column.kinds) if (kind === FLOAT) floats++;
  const times = new Float64Array(floats);
  const values = new Float64Array(floats);
  const histogramTimes: number[] = [];
  const histograms: NativeHistogram[] = [];
  let n = 0;
  for (let i = 0; i < grid.count; i++) {
    if (column.kinds[i] === FLOAT) {
      times[n] = timeAt(grid, i);
      values[n++] = column.values[i]!;
    } else if (column.kinds[i] === HISTOGRAM) {
      histogramTimes.push(timeAt(grid, i));
      // Samples between two steps are not seen, so that a hint tells nothing about the step before.
      const histogram = column.histograms![i]!;
      histograms.push(histogram.resetHint === 'gauge' ? histogram : withHint(histogram, 'unknown'));
    }
  }
  const mixed = histograms.length > 0;
  return {
    labels: column.labels,
    dropName: column.dropName,
    times,
    values,
    histogramTimes: mixed ? Float64Array.from(histogramTimes) : undefined,
    histograms: mixed ? histograms : undefined,
  };
}
