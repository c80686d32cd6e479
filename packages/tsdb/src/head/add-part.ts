/** One series' samples in one segment, without those that are deleted. */
import type { SeriesRef, TimeRange } from '@watchroom/model';
import type { HiddenSpans } from '../deletion/tombstones.ts';
import type { Part, Segment } from './segment.ts';

/** Adds the part when the segment touches the range and has the series; `hint` is the column that is looked at first. */
export function addPart(
  segment: Segment,
  ref: SeriesRef,
  hint: number,
  { startMs, endMs }: TimeRange,
  into: Part[],
  hidden: HiddenSpans | undefined,
): void {
  if (segment.sealed || segment.newestMs < startMs || segment.oldestMs > endMs) return;
  const column = segment.columnFor(ref, hint);
  if (column < 0) return;
  const part = hidden ? hidden.cut(segment.id, segment.part(column)) : segment.part(column);
  if (part) into.push(part);
}
