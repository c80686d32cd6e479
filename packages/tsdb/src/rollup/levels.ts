/**
 * Aggregates of raw samples over fixed windows, in two resolutions. A window with the end e holds the samples of
 * (e − resolution, e], as a range selector of PromQL does; ends are multiples of the resolution since the Unix epoch. A block
 * has all windows of one span of time, spans counted from the epoch too, and for each series these columns:
 *
 *   last    the last value
 *   ended   0, or 1 where the series shows nothing at the window's end: it was ended by a marker, or its last sample is older
 *           than Prometheus' default look-back of 5 minutes
 *   drops   what a counter lost by resets: the sum of the values before each drop between one sample (that before the window's
 *           first included) and the next, so that last + drops − the last value before is the counter's true increase
 *   min, max  of all values that are not NaN; NaN when there are none
 *   sum     compensated as PromQL's is
 *   count   of samples, NaN included
 *
 * A window without a sample is absent from all columns. Staleness markers and native histograms are not samples here.
 */
import type { BlockFamily } from '../disk/block-family.ts';

/** The columns of a series, in the order of a block's slices. */
export const COLUMN = { last: 0, ended: 1, drops: 2, min: 3, max: 4, sum: 5, count: 6 } as const;
export const COLUMNS: number = Object.keys(COLUMN).length;

export interface Level {
  /** In settings, metrics and file names. */
  readonly name: '5m' | '1h';
  readonly resolutionMs: number;
  /** Of one block. */
  readonly spanMs: number;
  readonly family: BlockFamily;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CACHE_BYTES = 16 * 1024 * 1024;

export const FIVE_MINUTES: Level = {
  name: '5m',
  resolutionMs: 5 * MINUTE_MS,
  spanMs: 6 * HOUR_MS,
  family: {
    prefix: 'rollup-5m',
    numbersFrom: 500_000,
    columnsPerSeries: COLUMNS,
    cacheBytes: CACHE_BYTES,
  },
};

export const ONE_HOUR: Level = {
  name: '1h',
  resolutionMs: HOUR_MS,
  spanMs: 120 * HOUR_MS,
  family: {
    prefix: 'rollup-1h',
    numbersFrom: 1_000_000,
    columnsPerSeries: COLUMNS,
    cacheBytes: CACHE_BYTES,
  },
};

/** Rows of a block: the windows of its span. */
export function rowsOf({ spanMs, resolutionMs }: Level): number {
  return spanMs / resolutionMs;
}

/** The number of the span that a time belongs to; the span's first window begins right after its start. */
export function spanOf({ spanMs }: Level, timeMs: number): number {
  return Math.ceil(timeMs / spanMs) - 1;
}

/** Ends of the windows of a span. */
export function endsOf(level: Level, span: number): Float64Array {
  const { spanMs, resolutionMs } = level;
  return Float64Array.from({ length: rowsOf(level) }, (_, row) => span * spanMs + (row + 1) * resolutionMs);
}
