/** Native histograms of one segment: the cells of their series hold the mark, the histograms stand here by column and time. */
import type { NativeHistogram } from '@watchroom/model';
import { isHistogram } from '../chunk/absent.ts';
import { ByteReader } from '../chunk/bits.ts';
import { readHistogram } from '../histogram/codec.ts';

/** One column's histograms. */
export interface HistogramColumn {
  /** Undefined when there is none at that time. */
  at(timeMs: number): NativeHistogram | undefined;
}

export class HistogramCells {
  readonly #columns = new Map<number, BytesByTime>();
  bytes = 0;

  /** A cell is written once: false when there is a histogram already. */
  put(column: number, timeMs: number, bytes: Uint8Array): boolean {
    let cells = this.#columns.get(column);
    if (!cells) {
      cells = new BytesByTime();
      this.#columns.set(column, cells);
    }
    if (cells.byTime.has(timeMs)) return false;
    cells.byTime.set(timeMs, bytes);
    this.bytes += bytes.length;
    return true;
  }

  get(column: number, timeMs: number): Uint8Array | undefined {
    return this.#columns.get(column)?.byTime.get(timeMs);
  }

  column(column: number): HistogramColumn | undefined {
    return this.#columns.get(column);
  }

  /** The bytes behind the marks of a column's samples, in their order. */
  behind(column: number, times: Float64Array, values: Float64Array): Uint8Array[] {
    const cells = this.#columns.get(column);
    const found: Uint8Array[] = [];
    if (!cells) return found;
    for (let i = 0; i < times.length; i++) {
      if (!isHistogram(values[i]!)) continue;
      const bytes = cells.byTime.get(times[i]!);
      if (bytes) found.push(bytes);
    }
    return found;
  }
}

class BytesByTime implements HistogramColumn {
  readonly byTime = new Map<number, Uint8Array>();

  at(timeMs: number): NativeHistogram | undefined {
    const bytes = this.byTime.get(timeMs);
    return bytes && asRead(readHistogram(new ByteReader(bytes), undefined));
  }
}

/**
 * As Prometheus' chunks give hints back: a sample does not know what stands before it once others may be in between, so
 * only gauges stay what they are, and whoever needs resets looks for them.
 */
export function asRead(histogram: NativeHistogram): NativeHistogram {
  const { resetHint } = histogram;
  return resetHint === 'gauge' || resetHint === 'unknown'
    ? histogram
    : { ...histogram, resetHint: 'unknown' };
}
