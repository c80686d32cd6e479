/** The write-ahead record of a commit to a grid. */
import { fillAbsent } from '../chunk/absent.ts';
import type { GridSegment } from './segment.ts';
import { denseRecord, sparseRecord, type WalRecord } from './wal-record.ts';

/** The record of what a commit has put into one row of a grid. */
export function rowRecord(
  home: GridSegment,
  row: number,
  timeMs: number,
  columns: Uint32Array,
  placed: number,
  aligned: Float64Array | undefined,
): WalRecord[] {
  if (placed === 0) return [];
  if (aligned) return [denseRecord(home, timeMs, aligned.subarray(0, placed))];
  if (placed * 3 < home.columns * 2)
    return [sparseRecord(home, timeMs, columns.subarray(0, placed), gather(home, row, columns, placed))];
  const values = new Float64Array(home.columns);
  fillAbsent(values, 0, values.length);
  for (let i = 0; i < placed; i++) values[columns[i]!] = home.cell(columns[i]!, row);
  return [denseRecord(home, timeMs, values)];
}

function gather(home: GridSegment, row: number, columns: Uint32Array, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = home.cell(columns[i]!, row);
  return values;
}
