/**
 * What a selector reads of the aggregates, by the hints. Evaluation times follow from them: the last one is `endMs` (an offset
 * is taken off already), the others lie whole steps before it. A level may be read when the step is not shorter than its
 * resolution, and a range not shorter than a window; it is read first when that makes the answer exact, or when five windows
 * and more lie in the range.
 */
import type { SelectHints, SeriesRef, TimeRange } from '@watchroom/model';
import type { HiddenSpans } from '../deletion/tombstones.ts';
import type { LevelBlocks } from './rollups.ts';

/**
 * How windows become samples.
 * - `steps`: of an instant selector: one sample for each evaluation time, what the series showed when the last window ended
 * - `counter`: the last value less all later drops, so that differences are a counter's true increases
 * - `mean`, `count`: with the count as weight
 * - `last`, `min`, `max`, `sum`: the column
 */
export type RollupUse = 'steps' | 'counter' | 'mean' | 'count' | 'last' | 'min' | 'max' | 'sum';

export interface RollupPlan {
  readonly use: RollupUse;
  /** In the order in which they are asked. */
  readonly levels: readonly LevelPlan[];
}

export interface LevelPlan extends LevelBlocks {
  /** Windows that ended before are not seen: retention has passed over them. */
  readonly oldestMs: number;
  /** Each window gives a sample at its start too, so that one window is enough to tell an increase. */
  readonly pairs: boolean;
}

/** A window of the range function has so many windows of the level. */
const WINDOWS_IN_RANGE = 5;

const USES: Readonly<Record<string, RollupUse>> = {
  rate: 'counter',
  increase: 'counter',
  irate: 'counter',
  avg_over_time: 'mean',
  count_over_time: 'count',
  min_over_time: 'min',
  max_over_time: 'max',
  sum_over_time: 'sum',
};
/** Exact, of whole windows, with any number of them. */
const WHOLE: ReadonlySet<string> = new Set([
  ...Object.keys(USES),
  'last_over_time',
  'present_over_time',
  'absent_over_time',
]);
/** What tells the difference of two samples. */
const DIFFERENCES: ReadonlySet<string> = new Set(['rate', 'increase', 'irate', 'delta', 'idelta']);

/** A level that a store has. */
export type VisibleLevel = Omit<LevelPlan, 'pairs'>;

/** Whether a level may tell something of a series in the range: some window of it there is not hidden. */
export function isShown(
  { level, blocks, oldestMs }: VisibleLevel,
  ref: SeriesRef,
  { startMs, endMs }: TimeRange,
  hidden: HiddenSpans | undefined,
): boolean {
  const { resolutionMs } = level;
  const untilMs = endMs + resolutionMs - 1;
  for (const layout of blocks.layoutsOf(ref) ?? [])
    for (const block of layout.overlapping(Math.max(startMs, oldestMs), untilMs))
      if (!hidden?.hidesWindows(block.deletions, block.minMs, Math.min(block.maxMs, untilMs), resolutionMs))
        return true;
  return false;
}

/** `levels`: finest first. Undefined when aggregates are of no use. */
export function planFor(hints: SelectHints, levels: readonly VisibleLevel[]): RollupPlan | undefined {
  const { stepMs, rangeMs, func } = hints;
  if (rangeMs <= 0) {
    const found = levels.filter(({ level }) => stepMs >= level.resolutionMs);
    if (found.length === 0) return undefined;
    return { use: 'steps', levels: found.reverse().map((one) => ({ ...one, pairs: false })) };
  }
  const first: LevelPlan[] = [];
  const then: LevelPlan[] = [];
  for (const one of levels) {
    const { resolutionMs } = one.level;
    if (stepMs > 0 && stepMs < resolutionMs) continue;
    const aligned = isAligned(hints, resolutionMs);
    const pairs = DIFFERENCES.has(func) && aligned && rangeMs < WINDOWS_IN_RANGE * resolutionMs;
    const least = WHOLE.has(func) || pairs ? resolutionMs : 2 * resolutionMs;
    if (rangeMs < (DIFFERENCES.has(func) && !pairs ? 2 * resolutionMs : least)) continue;
    const exact = WHOLE.has(func) && aligned && rangeMs % resolutionMs === 0;
    if (exact || rangeMs >= WINDOWS_IN_RANGE * resolutionMs) first.push({ ...one, pairs });
    else then.push({ ...one, pairs });
  }
  const found = [...first.reverse(), ...then];
  return found.length === 0 ? undefined : { use: USES[func] ?? 'last', levels: found };
}

/** Whether every evaluation time is a window's end. */
function isAligned({ stepMs, endMs }: SelectHints, resolutionMs: number): boolean {
  return stepMs % resolutionMs === 0 && endMs % resolutionMs === 0;
}
