/** The times of a commit's samples, ms. */
import type { Batch } from './head.ts';

export function earliestOf({ times, timeMs, count, late }: Batch): number {
  let earliestMs = count > 0 && !times ? timeMs : Number.POSITIVE_INFINITY;
  if (times) for (let i = 0; i < count; i++) earliestMs = Math.min(earliestMs, times[i]!);
  if (late) for (let i = 0; i < late.count; i++) earliestMs = Math.min(earliestMs, late.times[i]!);
  return earliestMs;
}

export function newestOf({ times, timeMs, count }: Batch): number {
  let newestMs = timeMs;
  if (times) for (let i = 0; i < count; i++) newestMs = Math.max(newestMs, times[i]!);
  return newestMs;
}
