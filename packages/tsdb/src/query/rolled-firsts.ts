/**
 * Windows of a counter without one right before them: its first hour, and the first one after a gap. What it rose by there
 * follows from its first value in the window.
 */
import { isAbsent } from '../chunk/absent.ts';
import type { RollupShape } from '../rollup/shape.ts';

/** Whether a window has samples, none right before it has, and it begins at `fromMs` or later. `rows`: by window, absent without samples. */
export function isLone(
  { ends, resolutions }: RollupShape,
  rows: Float64Array,
  row: number,
  fromMs: number,
): boolean {
  if (isAbsent(rows[row]!)) return false;
  const startMs = ends[row]! - resolutions[row]!;
  if (startMs + 1 < fromMs) return false;
  return row === 0 || isAbsent(rows[row - 1]!) || ends[row - 1] !== startMs;
}

export function hasLone(shape: RollupShape, rows: Float64Array, fromMs: number): boolean {
  for (let row = 0; row < shape.ends.length; row++) if (isLone(shape, rows, row, fromMs)) return true;
  return false;
}

/** The samples of a counter: of each window the last, and at its beginning the one that `firsts` has or, with pairs, the last one before. */
export function withFirsts(
  { ends, resolutions, pieces }: RollupShape,
  rows: Float64Array,
  firsts: Float64Array,
): { timestamps: Float64Array; values: Float64Array; plain: boolean } {
  const timestamps = new Float64Array(2 * ends.length);
  const values = new Float64Array(2 * ends.length);
  let [count, plain] = [0, true];
  const add = (timeMs: number, value: number): void => {
    plain &&= !Number.isNaN(value);
    timestamps[count] = timeMs;
    values[count++] = value;
  };
  for (const { level, from, end, to } of pieces) {
    for (let row = to; row < to + end - from; row++) {
      if (isAbsent(rows[row]!)) continue;
      const startMs = ends[row]! - resolutions[row]!;
      const isNext = row > 0 && ends[row - 1] === startMs && !isAbsent(rows[row - 1]!);
      if (!isAbsent(firsts[row]!)) add(startMs + 1, firsts[row]!);
      else if (level.pairs && isNext) add(startMs + 1, rows[row - 1]!);
      add(ends[row]!, rows[row]!);
    }
  }
  return { timestamps: timestamps.subarray(0, count), values: values.subarray(0, count), plain };
}
