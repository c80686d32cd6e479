/**
 * The newest sample in (t − lookback, t] of a series at each step. Where it lies follows from the times alone, so that it is
 * worked out once for series that share them.
 */
import { isStale, type SeriesData } from '@watchroom/model';
import { type Column, FLOAT, type Grid, setHistogram } from './column.ts';
import type { Reading } from './select.ts';

export class InstantSteps {
  readonly #grid: Grid;
  readonly #offsetMs: number;
  readonly #lookbackMs: number;
  #times: Float64Array | undefined;
  /** By step, -1 where there is none. */
  readonly #places: Int32Array;
  #complete = false;

  constructor(grid: Grid, offsetMs: number, lookbackMs: number) {
    this.#grid = grid;
    this.#offsetMs = offsetMs;
    this.#lookbackMs = lookbackMs;
    this.#places = new Int32Array(grid.count);
  }

  /** Fills a column that is absent everywhere; gives how many steps have a value. */
  fill(column: Column, series: SeriesData, reading: Reading): number {
    if (this.#times !== series.timestamps) this.#locate(series.timestamps);
    if (reading !== 'value' || series.histograms || !series.plain)
      return this.#fillAny(column, series, reading);
    const { kinds, values: out } = column;
    const { values } = series;
    const places = this.#places;
    const count = this.#grid.count;
    if (this.#complete) {
      for (let i = 0; i < count; i++) out[i] = values[places[i]!]!;
      kinds.fill(FLOAT, 0, count);
      return count;
    }
    let points = 0;
    for (let i = 0; i < count; i++) {
      const place = places[i]!;
      if (place < 0) continue;
      kinds[i] = FLOAT;
      out[i] = values[place]!;
      points++;
    }
    return points;
  }

  #fillAny(column: Column, series: SeriesData, reading: Reading): number {
    const { timestamps, values, histograms } = series;
    const { kinds, values: out } = column;
    let points = 0;
    for (let i = 0; i < this.#grid.count; i++) {
      const place = this.#places[i]!;
      if (place < 0) continue;
      const histogram = histograms?.[place];
      const value = values[place]!;
      if (histogram === undefined && isStale(value)) continue;
      points++;
      if (reading !== 'value') {
        kinds[i] = FLOAT;
        out[i] = (reading === 'time' ? timestamps[place]! : (series.startTimestamps?.[place] ?? 0)) / 1000;
      } else if (histogram !== undefined) setHistogram(column, i, histogram);
      else {
        kinds[i] = FLOAT;
        out[i] = value;
      }
    }
    return points;
  }

  #locate(times: Float64Array): void {
    const { startMs, stepMs, count } = this.#grid;
    const length = times.length;
    let next = 0;
    this.#times = times;
    this.#complete = true;
    for (let i = 0; i < count; i++) {
      const atMs = startMs + i * stepMs - this.#offsetMs;
      while (next < length && times[next]! <= atMs) next++;
      const found = next > 0 && times[next - 1]! > atMs - this.#lookbackMs;
      this.#places[i] = found ? next - 1 : -1;
      if (!found) this.#complete = false;
    }
  }
}
